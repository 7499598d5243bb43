"""Every kind of request that the bot takes, recorded from the sandbox, and its copies with something altered."""

import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.bot import ADMIN, AGENT, CLERK, ENGINEER, GUARD, LEADER, World

Path = tuple[str | int, ...]
MISSING = object()
GENERAL = "C0GENERAL1"
PLAIN = frozenset({"", "help", "mine", "show", "stats", "top", "search", "digest", "settings"})


def deep(levels: int) -> Any:
    """Return lists in lists."""
    nested: Any = "x"
    for _ in range(levels):
        nested = [nested]
    return nested


ALTERATIONS: dict[str, Any] = {
    "missing": MISSING,
    "null": None,
    "true": True,
    "negative": -1,
    "empty": "",
    "blank": " \n",
    "list": [],
    "list of a text": ["x"],
    "object": {},
    "object with an id": {"id": ["x"], "type": 7, "value": {}},
    "huge": "x" * 20_000,
    "huge number": "9" * 5000,
    "float": 1e300,
    "not ascii": "ﬁ١２\u202e\U0001f525",
    "nul": "1\x00",
    "lone surrogate": "\ud800",
    "deep": deep(90),
    "sql": "1'; DROP TABLE ideas; --",
    "somebody else": AGENT,
    "somebody of another workspace": "U0STRANGE1",
    "another idea": "2",
    "an idea that is not there": "99",
    "a week to come": "2199-W10",
    "a digest to come": "2199-W10/regular",
    "the first week": "0001-W01/regular",
    "another list": "top/99999999/all|2",
    "another form": "idea.edit",
    "another button": "idea.undo",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request as Slack made it: how it travels (`kind`), and what it is called in a test's report."""

    kind: str
    name: str
    payload: dict[str, Any]

    def altered(self, number: str, changes: dict[Path, Any]) -> "Request":
        """Return a copy with these parts replaced, that the bot has not had before."""
        payload = copy.deepcopy(self.payload)
        for name in ("trigger_id", "event_id"):
            if name in payload:
                payload[name] = f"{payload[name]}{number}"
        if isinstance(payload.get("view"), dict):
            payload["view"]["id"] += number
        for path, value in changes.items():
            _replace(payload, path, value if value is MISSING else copy.deepcopy(value))
        return Request(self.kind, self.name, payload)

    def at(self, path: Path) -> Any:
        """Return the part at a place."""
        part: Any = self.payload
        for step in path:
            part = part[step]
        return part

    @property
    def paths(self) -> list[Path]:
        """Where its parts are, at any depth."""
        return list(_paths(self.payload))


def _paths(node: Any, before: Path = ()) -> Iterator[Path]:
    items: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*before, key)
        yield from _paths(value, (*before, key))


def _replace(payload: Any, path: Path, value: Any) -> None:
    """Put a value at a place, unless an earlier alteration took the place away."""
    *way, last = path
    try:
        for step in way:
            payload = payload[step]
        if value is MISSING:
            del payload[last]
        else:
            payload[last] = value
    except (KeyError, IndexError, TypeError):
        return


def record(world: World) -> list[Request]:
    """Play one of everything that people do with the bot; return each kind of request that came of it, once."""
    _play(world)
    found: dict[tuple[str, str], Request] = {}
    kinds = {"event": "events_api", "command": "slash_commands", "interaction": "interactive"}
    for entry in world.sandbox.parts.journal.entries:
        if entry.kind in kinds:
            request = Request(kinds[entry.kind], _name(entry.request), copy.deepcopy(entry.request))
            found.setdefault((entry.kind, request.name), request)
    return list(found.values())


def _name(payload: dict[str, Any]) -> str:
    if payload.get("type") == "event_callback":
        return str(payload["event"]["type"])
    if "command" in payload:
        first = payload["text"].partition(" ")[0]
        return f"{payload['command']} {first if first in PLAIN else 'a line'}"
    if payload["type"] == "block_actions":
        return str(payload["actions"][0]["action_id"])
    return str(payload.get("callback_id") or payload["view"]["callback_id"])


def _play(world: World) -> None:
    act = world.sandbox.act
    ts = world.file(GUARD, "Let customers reschedule deliveries online")
    for line in ("Open at eight on Saturdays", "Tell callers how long they wait", "Answer in their language"):
        world.file(AGENT, line)
    for each in (CLERK, ENGINEER):
        world.react(each, ts)
        world.react(each, ts, is_on=False)
    form = world.form(GUARD, "")
    world.submit(
        GUARD, form, title="Say when the parcel comes", description="People wait", stage="use", kind="improves_journey"
    )
    receipt = world.command(GUARD, "Send the papers by e-mail too")["ephemeral"]
    world.settle()
    world.press(GUARD, receipt, "idea.choose_stage", "use")
    changes = world.press(GUARD, receipt, "idea.add_details")["view"]
    world.submit(GUARD, changes, title="Send all papers by e-mail too")
    world.press(GUARD, receipt, "idea.undo")
    for typed in ("help", "mine", "show 1", "stats"):
        world.command(AGENT, typed)
    top = world.command(CLERK, "top all")["ephemeral"]
    world.press(CLERK, top, "vote.cast", "1")
    world.press(CLERK, top, "vote.take_back", "1")
    _leaf(world)
    empty = world.command(GUARD, "search zanzibar")["ephemeral"]
    world.press(GUARD, empty, "idea.open_form")
    digest = world.command(LEADER, "digest")["ephemeral"]
    world.press(LEADER, digest, "digest.preview")
    world.press(LEADER, digest, "digest.post")
    settings = world.command(ADMIN, "settings")["ephemeral"]
    world.submit(ADMIN, world.press(ADMIN, settings, "settings.change", "workforce/")["view"], workforce="1200")
    _look_at_home(world)
    act(GUARD, "shortcut", callback_id="idea.share")
    said = act(GUARD, "say", channel=GENERAL, text="They wait outside in the rain")["ts"]
    act(GUARD, "shortcut", callback_id="idea.from_message", channel=GENERAL, ts=said)
    world.settle()


def _look_at_home(world: World) -> None:
    """Let a leader look through what waits."""
    for number in range(3):
        world.file(AGENT, f"Open counter {number} at noon")
    world.open_home(LEADER)
    world.press_at_home(LEADER, "home.turn_page")
    world.press_at_home(LEADER, "home.turn_page_back")
    world.press_at_home(LEADER, "home.choose_status", "new")
    world.press_at_home(LEADER, "home.choose_stage", "stage/use")
    world.press_at_home(LEADER, "home.choose_owner", "mine")


def _leaf(world: World) -> None:
    """Let somebody turn the pages of a list, and follow a link in it."""
    for number in itertools.count(1):
        world.file(AGENT, f"Parcel boxes at each of our {number} stations")
        listed = world.command(CLERK, "top all")["ephemeral"]
        if "list.turn_page" in str(listed):
            break
    world.press(CLERK, listed, "list.turn_page")
    world.press(CLERK, listed, "list.turn_page_back")
    shown = world.shown(CLERK, listed["ts"])
    card = next(block["block_id"] for block in shown["blocks"] if "idea.see_card" in str(block))
    world.sandbox.act(
        CLERK, "press", channel=listed["channel"], ts=listed["ts"], action_id="idea.see_card", block_id=card
    )
