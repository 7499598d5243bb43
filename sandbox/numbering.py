"""Names that are the same in every run, for what the workspace gives another id each time.

A message is the third of its author in its channel, a form the second of its person. In a request, as a journal file
has it, such a name stands in the place of the id: `"ts": {"message_of": "U0...", "channel": "C0...", "number": 3}`.
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sandbox.models import Change, Ephemeral, Json, Message, View
from sandbox.workspace import Workspace

REFERENCES = ("ts", "thread_ts", "view_id")


class NotThere(LookupError):
    """What a name stands for is not there, or not yet; the text says what it is."""


class Numbering:
    """Counts what comes into the workspace, and knows each thing by its name and by its id, also when it is gone."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._names: dict[tuple[str, str], Json] = {}
        self._ids: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        workspace.subscribe(self._note)

    def named(self, request: Json) -> Json:
        """Return what a person or an evaluator asked for with names in place of ids; what has no name stays.

        `blocks` is where in the message or view the blocks stand that it mentions: their ids may be Slack's own.
        """
        given = request.get("channel")
        channel_id = self._known_channel(given, request.get("user"))
        named = request | {key: self._name(request, key, channel_id) for key in REFERENCES if key in request}
        if given == channel_id and given is not None:
            named["channel"] = self._channel_name(given)
        places = {block["block_id"]: place for place, block in enumerate(self.blocks_of(request, channel_id))}
        mentioned = [block_id for block_id in _mentioned(request) if block_id in places]
        return named | ({"blocks": {block_id: places[block_id] for block_id in mentioned}} if mentioned else {})

    def resolved(self, named: Json) -> Json:
        """Return the request with this workspace's ids; raises NotThere as long as one of them is not there."""
        request = {key: self._id(value) if isinstance(value, dict) else value for key, value in _ids_in(named)}
        request = {key: value for key, value in named.items() if key != "blocks"} | request
        places: Json = named.get("blocks") or {}
        if not places:
            return request
        here = [block["block_id"] for block in self.blocks_of(request, str(request.get("channel")))]
        ids = {old: _block_here(old, place, here) for old, place in places.items()}
        request |= {"block_id": ids.get(request["block_id"], request["block_id"])} if "block_id" in request else {}
        if isinstance(request.get("values"), dict):
            request["values"] = {ids.get(key, key): value for key, value in request["values"].items()}
        return request

    def blocks_of(self, request: Json, channel_id: str | None = None) -> list[Json]:
        """Return the blocks of the view or message that a request with real ids names; none when it is not there."""
        shown = self._view(request) if request.get("view_id") else self._message(request, channel_id)
        return shown.blocks if shown else []

    def _note(self, change: Change) -> None:
        if change.kind == "message":
            self._note_message(self._workspace.channels[change.channel_id].messages[change.ts])
        elif change.kind == "ephemeral":
            self._number((change.user_id, change.ts), {"private_of": change.user_id})
        elif change.kind in {"view", "home"}:
            self._number(("", change.view_id), {f"{change.kind}_of": change.user_id})

    def _note_message(self, message: Message) -> None:
        what: Json = {"message_of": message.user_id, "channel": self._channel_name(message.channel_id)}
        # The bot's cards and its notes below them come in an order of their own.
        if message.is_reply:
            what["thread"] = self._names.get((message.channel_id, message.thread_ts))
        self._number((message.channel_id, message.ts), what)

    def _number(self, place: tuple[str, str], what: Json) -> None:
        if place in self._names:
            return
        key = _key(what)
        self._counts[key] += 1
        name = what | {"number": self._counts[key]}
        self._names[place] = name
        self._ids[_key(name)] = place[1]

    def _name(self, request: Json, key: str, channel_id: str | None) -> Any:
        scopes = {"ts": (str(request.get("user")), channel_id), "thread_ts": (channel_id,)}.get(key, ("",))
        places = [(str(scope), str(request[key])) for scope in scopes]
        return next((self._names[place] for place in places if place in self._names), request[key])

    def _id(self, name: Json) -> str:
        if "im_of" in name:
            return self._im(name["im_of"])
        found = self._ids.get(_key(name))
        if found is None:
            raise NotThere(f"{self._words(name)} is not there")
        return found

    def _im(self, people: list[str]) -> str:
        if not people or not set(people) <= self._workspace.users.keys():
            raise NotThere(f"a direct message of {people} cannot be")
        return self._workspace.open_im(people[0], people[-1]).id

    def _known_channel(self, given: Any, user_id: Any) -> str | None:
        """Return the id of the channel that a request means; a person's id stands for the direct message with them."""
        if not isinstance(given, str) or given not in self._workspace.users:
            return given if isinstance(given, str) and given in self._workspace.channels else None
        members = sorted({given, str(user_id)})
        found = (each.id for each in self._workspace.channels.values() if each.is_im and each.members == members)
        return next(found, None)

    def _channel_name(self, channel_id: str) -> Any:
        channel = self._workspace.channels[channel_id]
        return {"im_of": sorted(channel.members)} if channel.is_im else channel_id

    def _view(self, request: Json) -> View | None:
        home = self._workspace.homes.get(str(request.get("user")))
        return home if home and home.id == request["view_id"] else self._workspace.views.get(str(request["view_id"]))

    def _message(self, request: Json, channel_id: str | None) -> Message | Ephemeral | None:
        for shown in self._workspace.ephemerals:
            if (shown.user_id, shown.ts) == (request.get("user"), request.get("ts")):
                return shown
        channel = self._workspace.channels.get(channel_id or "")
        return channel.messages.get(str(request.get("ts"))) if channel else None

    def _words(self, name: Json) -> str:
        number = name.get("number")
        kinds = {"message_of": "message", "private_of": "private message", "view_of": "form", "home_of": "Home"}
        for key, word in kinds.items():
            if key in name:
                user = self._workspace.users.get(str(name[key]))
                return f"{word} {number} of {user.real_name if user else name[key]}{self._where(name)}"
        return json.dumps(name)

    def _where(self, name: Json) -> str:
        channel = self._workspace.channels.get(str(name.get("channel")))
        place = f" in #{channel.name}" if channel else ""
        return f" in a thread{place}" if name.get("thread") else place


def _ids_in(named: Json) -> Iterable[tuple[str, Any]]:
    return ((key, named[key]) for key in ("channel", *REFERENCES) if key in named)


def _mentioned(request: Json) -> list[str]:
    values = request.get("values")
    return [str(request.get("block_id")), *map(str, values if isinstance(values, dict) else ())]


def _block_here(block_id: str, place: int, here: list[str]) -> str:
    return here[place] if block_id not in here and place < len(here) else block_id


def _key(name: Json) -> str:
    return json.dumps(name, sort_keys=True)
