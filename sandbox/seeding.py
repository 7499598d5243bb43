"""Filling the workspace with three months of life: everything goes through what people do, so that the bot counts it.

The workspace's clock is turned back, moved along with the story, and stands at the present again when it ends.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from sandbox.acting import Acting
from sandbox.errors import ActError
from sandbox.models import Change, Json, Message, User
from sandbox.parts import Parts
from sandbox.people import GENERAL_CHANNEL, IDEAS_CHANNEL, RANDOM_CHANNEL, TEAM_FIELD
from sandbox.story import TEAMS, Act, Idea, build_story, company
from sandbox.texts import escape

DAYS = 90
# The real seconds that the bot gets: to notice the clock, and to post a card or take what it was sent.
# Until the bot has read the answer on a busy machine.
READING_SECONDS = 1.0
CLOCK_SECONDS = 12.0
CARD_SECONDS = 20.0
# So many events are on their way at once; more would only wait in the bot.
MOST_UNDER_WAY = 8
MOST_ACTS = 20_000
# By which button each outcome is reached; the others are chosen in the form of *Answer*.
BUTTONS = {"declined": "Decline", "parked": "Park"}
PARKED_FOR = timedelta(days=60)
KEY = re.compile(r"[A-Z]{2,}-\d+")
SHOWN_EVERY = 0.25
SILENT = "The bot does not answer. Start it, then fill on from here: what is filed stays."
NO_CARD = "The bot took an idea and posted no card in #cx-ideas. Look at the traffic below, then fill on from here."
BUSY = "The bot does not acknowledge the votes. Look at the traffic below, then fill on from here."


class Unanswered(Exception):
    """The bot did not do its part; the text says so to the evaluator."""


def start(parts: Parts, request: Json) -> Json:
    """Begin to fill the workspace, or fill on after a stop; `ideas`, `votes` and `seed` make it another story.

    `wait` is how many seconds the bot gets to notice that the clock was turned back.
    """
    seeding = parts.seeding
    if seeding.state in {"running", "done"}:
        raise ValueError(f"The workspace {'is being filled' if seeding.state == 'running' else 'has been filled'}.")
    wait = float(request.get("wait", CLOCK_SECONDS))
    if not seeding.acts:
        now = parts.workspace.clock.moment()
        sizes = {"count": _size(request, "ideas", 200), "votes": _size(request, "votes", 3000)}
        seeding.acts = build_story(now - timedelta(days=DAYS), now, seed=int(request.get("seed", 1)), **sizes)
        seeding.ideas = sum(act.do == "file" for act in seeding.acts)
    seeding.state = "running"
    seeding.task = asyncio.create_task(_Filling(parts, wait).run())
    return {"ideas": seeding.ideas, "acts": len(seeding.acts)}


def _size(request: Json, name: str, default: int) -> int:
    size = int(request.get(name, default))
    if not 0 < size <= MOST_ACTS:
        raise ValueError(f"{name} is a number from 1 to {MOST_ACTS}.")
    return size


class _Filling:
    """One run of the story, from where it stands to its end or to the bot's silence."""

    def __init__(self, parts: Parts, wait: float) -> None:
        self._parts = parts
        self._wait = wait
        self._seeding = parts.seeding
        self._acting = Acting(parts)
        self._ids: dict[str, str] = {}
        self._shown_at = 0.0

    async def run(self) -> None:
        seeding, clock = self._seeding, self._parts.workspace.clock
        self._ids = hire(self._parts)
        present = clock.offset
        self._say("running", "Turning the clock back. The bot follows within ten seconds.")
        try:
            with self._watched_cards():
                clock.turn_back(clock.now() - seeding.acts[seeding.done].at)
                await clock_noticed(self._parts, self._parts.journal.count, self._wait)
                await self._tell()
            self._say("done", f"Filled: {seeding.filed} ideas, {seeding.votes} votes. Put the clock to Monday now.")
        except Unanswered as trouble:
            self._say("stopped", str(trouble))
        except ActError as trouble:
            self._say("stopped", f"Somebody could not do their part: {trouble}. Fill on from here?")
        finally:
            clock.advance(max(0.0, present - clock.offset))
            self._parts.workspace.tell(Change("clock"))

    async def _tell(self) -> None:
        seeding, clock = self._seeding, self._parts.workspace.clock
        for act in seeding.acts[seeding.done :]:
            await self._ready()
            clock.advance(max(0.0, act.at - clock.now()))
            await DEEDS[act.do](self, act)
            seeding.done += 1
            self._show()

    async def _ready(self) -> None:
        """Wait until few events are under way, and let everybody else have their turn."""
        since = time.monotonic()
        await asyncio.sleep(0)
        while self._parts.delivery.active > MOST_UNDER_WAY:
            if time.monotonic() - since > CARD_SECONDS:
                raise Unanswered(BUSY)
            await asyncio.sleep(0.004)

    async def file(self, act: Act) -> None:
        """Have somebody file an idea: in the form when they say more than a line."""
        if act.idea.values and self._ids[act.who] != self._seeding.spared:
            await self._file_by_form(self._ids[act.who], act.idea)
        else:
            answer = await self._act(act.who, "command", channel=IDEAS_CHANNEL, text=act.idea.title)
            if not answer["acked"]:
                raise Unanswered(SILENT)
            if answer["ephemeral"]:
                await self._act(act.who, "dismiss", ts=answer["ephemeral"]["ts"])
        self._seeding.filed += 1

    async def _file_by_form(self, user_id: str, idea: Idea) -> None:
        opened = await self._acting.perform({"user": user_id, "do": "command", "channel": IDEAS_CHANNEL, "text": ""})
        view = opened["view"]
        if view is None:
            raise Unanswered(SILENT)
        values = _fitting({"title": idea.title} | idea.values, view)
        answer = await self._acting.perform({"user": user_id, "do": "submit", "view_id": view["id"], "values": values})
        left = view["id"] if answer["trouble"] or answer["errors"] else (answer["view"] or {}).get("id")
        if left:
            await self._acting.perform({"user": user_id, "do": "close", "view_id": left})
        if answer["trouble"] or answer["errors"]:
            raise Unanswered(answer["trouble"] or f"The bot refused an idea: {answer['errors']}")

    async def react(self, act: Act) -> None:
        """Have somebody react to an idea's card, or take it back."""
        ts = await self._card(act.idea)
        await self._act(act.who, act.do, channel=IDEAS_CHANNEL, ts=ts, name=act.word)
        self._seeding.votes += act.is_first

    async def say(self, act: Act) -> None:
        """Have somebody reply in the thread under an idea's card."""
        ts = await self._card(act.idea)
        await self._act(act.who, "say", channel=IDEAS_CHANNEL, thread_ts=ts, text=act.word)

    async def answer(self, act: Act) -> None:
        """Have a leader answer an idea by the button that the bot shows beside it, if it has answers at all."""
        if not (key := await self._key(act.idea)):
            return
        shown = (await self._act(act.who, "command", channel=IDEAS_CHANNEL, text=f"show {key}"))["ephemeral"]
        button = _button(shown, BUTTONS.get(act.outcome, "Answer")) if shown else None
        if button:
            where = {"channel": IDEAS_CHANNEL, "ts": shown["ts"]}
            await self._send_answer(act, (await self._act(act.who, "press", **where, **button))["view"])
        if shown:
            await self._act(act.who, "dismiss", ts=shown["ts"])

    async def _send_answer(self, act: Act, view: Json | None) -> None:
        """Fill the form that has opened, read it once more where the bot asks for that, and send it."""
        later = datetime.fromtimestamp(act.at, UTC) + PARKED_FOR
        typed = {"outcome": act.outcome, "text": act.word, "until": later.date().isoformat()}
        user_id = self._ids[act.who]
        for _ in range(2):
            if view and view.get("submit"):
                values = _fitting(typed, view)
                sent = {"user": user_id, "do": "submit", "view_id": view["id"], "values": values}
                view = (await self._acting.perform(sent))["view"]
        if view:
            await self._acting.perform({"user": user_id, "do": "close", "view_id": view["id"]})

    async def _key(self, idea: Idea) -> str | None:
        """Return what the bot calls an idea, like CX-12, by the words of its card."""
        card = self._parts.workspace.channels[IDEAS_CHANNEL].messages[await self._card(idea)]
        found = KEY.search(card.text)
        return found[0] if found else None

    async def _act(self, who: str, do: str, **keys: str) -> Json:
        return await self._acting.perform({"user": self._ids[who], "do": do, **keys})

    async def _card(self, idea: Idea) -> str:
        """Return where an idea's card stands, as soon as the bot has posted it."""
        since = time.monotonic()
        while idea.title not in self._seeding.cards:
            if time.monotonic() - since > CARD_SECONDS:
                raise Unanswered(NO_CARD)
            self._show()
            await asyncio.sleep(0.01)
        return self._seeding.cards[idea.title]

    @contextmanager
    def _watched_cards(self) -> Iterator[None]:
        """Note each card that the bot posts, by the title in it."""
        workspace, cards = self._parts.workspace, self._seeding.cards
        titles = {act.idea.title for act in self._seeding.acts if act.do == "file"}

        def note(change: Change) -> None:
            if change.kind != "message" or change.channel_id != IDEAS_CHANNEL:
                return
            message = workspace.channels[IDEAS_CHANNEL].messages[change.ts]
            if message.user_id == workspace.app.bot_user_id and not message.is_reply:
                cards.update({title: message.ts for title in titles - cards.keys() if _is_about(message, title)})

        stop = workspace.subscribe(note)
        try:
            yield
        finally:
            stop()

    def _say(self, state: str, words: str) -> None:
        self._seeding.state, self._seeding.words = state, words
        self._parts.workspace.tell(Change("seeding"))

    def _show(self) -> None:
        """Tell the panel how far the story is, a few times a second."""
        if time.monotonic() - self._shown_at > SHOWN_EVERY:
            self._shown_at = time.monotonic()
            seeding = self._seeding
            self._say("running", f"Filed {seeding.filed} of {seeding.ideas} ideas, {seeding.votes} votes so far.")


DEEDS: dict[str, Callable[[_Filling, Act], Awaitable[None]]] = {
    "file": _Filling.file,
    "react": _Filling.react,
    "unreact": _Filling.react,
    "say": _Filling.say,
    "answer": _Filling.answer,
}


def _fitting(values: dict[str, str], view: Json) -> dict[str, str]:
    """Return those values for which a form has a field and, where it is a menu, the option."""
    elements = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    return {key: value for key, value in values.items() if key in elements and _takes(elements[key], value)}


def _takes(element: Json, value: str) -> bool:
    return "options" not in element or value in {option["value"] for option in element["options"]}


def _button(message: Json, words: str) -> dict[str, str] | None:
    """Return which button of a message says this; None for none."""
    for block in message["blocks"]:
        for element in block.get("elements", ()):
            if element.get("type") == "button" and element["text"]["text"] == words:
                return {"block_id": block["block_id"], "action_id": element["action_id"]}
    return None


def _is_about(message: Message, title: str) -> bool:
    return escape(title) in message.text or escape(title) in json.dumps(message.blocks, ensure_ascii=False)


def hire(parts: Parts) -> dict[str, str]:
    """Let everybody of the story work here, in the channels for all; return their ids by name."""
    workspace = parts.workspace
    known = {user.real_name: user.id for user in workspace.users.values()}
    for number, person in enumerate(company(), start=1):
        if person.name not in known:
            handle = person.name.lower().replace(" ", ".")
            user_id = f"U1STORY{number:03d}"
            fields = {TEAM_FIELD: TEAMS[number % len(TEAMS)]}
            workspace.add_user(User(user_id, handle, person.name, person.title, "colleague", fields=fields))
            known[person.name] = user_id
        for channel_id in (IDEAS_CHANNEL, GENERAL_CHANNEL, RANDOM_CHANNEL):
            workspace.join(channel_id, known[person.name])
    return known


async def clock_noticed(parts: Parts, seen: int, seconds: float) -> None:
    """Wait for the bot's look at Slack's clock after entry `seen`: it asks for it with auth.test now and then."""
    since = time.monotonic()
    while time.monotonic() - since < seconds:
        if any(entry.name == "auth.test" and entry.number > seen for entry in parts.journal.entries):
            await asyncio.sleep(READING_SECONDS)
            return
        await asyncio.sleep(0.1)


async def stop(parts: Parts) -> None:
    """Break off when the workspace ends."""
    if parts.seeding.task:
        parts.seeding.task.cancel()
        with suppress(asyncio.CancelledError):
            await parts.seeding.task
