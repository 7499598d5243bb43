"""Playing a recorded journal again: everything that people and evaluators did, in order, at its time.

The clock is moved instead of waited for. What the bot did in the meantime is waited for: what the next act refers to,
and as many messages as it had posted by then.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable

from sandbox.acting import Acting
from sandbox.control import control
from sandbox.delivery import REORDER_SECONDS
from sandbox.errors import ActError
from sandbox.journalfile import JournalFile, Line
from sandbox.models import Change, Json
from sandbox.numbering import NotThere
from sandbox.parts import Parts
from sandbox.pressing import find_element
from sandbox.seeding import CLOCK_SECONDS, clock_noticed
from sandbox.traffic import Entry

log = logging.getLogger("sandbox.replay")

# How many real seconds the bot gets for each thing that it did in the recording: it looks for digests every ten.
PATIENCE_SECONDS = 45.0
# A bot that is behind by more than this has to notice first, if it had in the recording.
BEHIND_SECONDS = 60.0
# What the bot does once for each cause. How many card updates or looks at the clock there are is a matter of speed.
MILESTONES = {"chat.postMessage", "chat.postEphemeral", "chat.delete", "response_url"}


class Stuck(Exception):
    """What the recording goes on with does not come; the text says what and where."""


class Replay:
    """One playing of a recording, in a workspace in which nothing has happened yet.

    The bot gets `patience` seconds for each thing that it did then, and `noticing` to look at a clock that was moved.
    `played` counts what was done, `differing` what ended otherwise than in the recording: refused, or not.
    """

    def __init__(
        self,
        parts: Parts,
        recording: JournalFile,
        patience: float = PATIENCE_SECONDS,
        *,
        noticing: float = CLOCK_SECONDS,
    ) -> None:
        self.played = 0
        self.differing = 0
        self.trouble = ""
        self._parts = parts
        self._clock = parts.workspace.clock
        self._recording = recording
        self._patience = patience
        self._noticing = noticing
        self._acting = Acting(parts)
        self._played_at = recording.began
        self._was_connected = _begins_connected(recording)
        self._went_away = False
        self._last_played = ""
        self._had_noticed = False
        self._seen: Counter[str] = Counter()
        self._expected: Counter[str] = Counter()
        parts.journal.listeners.append(self._count)
        self._clock.turn_back(self._clock.now() - recording.began)
        self._noticed_offset = self._clock.offset

    async def run(self) -> None:
        """Wait for the bot, then play all; says on the log how it went."""
        total = sum(line.request is not None for line in self._recording.lines)
        log.info("Replaying %d acts and controls as soon as the bot connects.", total)
        await self._connected()
        await clock_noticed(self._parts, 0, self._noticing)
        try:
            self._parts.sockets.is_muted = not self._was_connected
            for line in self._recording.lines:
                await self._go_on(line)
        except Stuck as trouble:
            self.trouble = str(trouble)
            log.error(self.trouble)  # noqa: TRY400 - the reason is in it
        finally:
            self._parts.sockets.is_muted = False
        differing = f"; {self.differing} ended otherwise than in the recording" if self.differing else ""
        log.info("Played %d of %d acts and controls%s.", self.played, total, differing)

    async def _connected(self) -> None:
        while True:
            if await self._is_reached():
                return
            await asyncio.sleep(0.1)

    async def _is_reached(self) -> bool:
        if self._parts.delivery.events_url:
            return await self._parts.delivery.verify_url()
        return bool(self._parts.sockets.sockets)

    async def _go_on(self, line: Line) -> None:
        await self._filled()
        if line.request is not None:
            await self._play(line, line.request)
        elif line.name in MILESTONES and line.outcome.startswith("ok"):
            await self._reach(line)
        elif line.kind == "socket":
            await self._connect(is_connected=not line.outcome.startswith("0 "))
        self._had_noticed = self._had_noticed or line.name == "auth.test"

    async def _connect(self, *, is_connected: bool) -> None:
        """Let the bot be out of reach for as long as it was, and connect anew as it did then."""
        # A lever that cut the lines has had the bot connect anew already.
        came_back = is_connected and self._went_away and self._last_played != "drop_sockets"
        self._went_away = self._was_connected and not is_connected
        self._was_connected = is_connected
        self._parts.sockets.is_muted = not is_connected
        if came_back:
            await self._parts.sockets.disconnect("refresh_requested")

    async def _filled(self) -> None:
        """Wait for the end of a filling: it moves the clock, and gives up by itself when the bot is silent."""
        if self._parts.seeding.task:
            await asyncio.wait({self._parts.seeding.task})

    async def _reach(self, line: Line) -> None:
        """Wait until the bot has done this as often as in the recording; a bot that no longer does it is let be."""
        self._advance(line)
        self._expected[line.name] += 1
        if not await self._came(lambda: self._seen[line.name] >= self._expected[line.name]):
            log.warning("Line %d: %s did not come. Going on without it.", line.line, line.name)
            self._expected[line.name] = self._seen[line.name]

    async def _play(self, line: Line, named: Json) -> None:
        await self._ready(line, named)
        self._advance(line)
        await self._clock_noticed()
        request = await self._ready(line, named)
        self._had_noticed, self._played_at, self._last_played = False, line.at, line.name
        outcome = await self._outcome(line.kind, request)
        self.played += 1
        if (outcome == "ok") != (line.outcome == "ok"):
            self.differing += 1
            log.warning("Line %d (%s): %s. In the recording: %s.", line.line, line.name, outcome, line.outcome)

    async def _outcome(self, kind: str, request: Json) -> str:
        try:
            await (self._acting.act(request) if kind == "act" else control(self._parts, request))
        except ActError as refusal:
            return str(refusal)
        return "ok"

    def _advance(self, line: Line) -> None:
        ahead = line.at - self._clock.now()
        if ahead > 0:
            self._clock.advance(ahead)
            self._parts.workspace.tell(Change("clock"))

    async def _clock_noticed(self) -> None:
        behind = self._clock.offset - self._noticed_offset
        if self._had_noticed and behind > BEHIND_SECONDS:
            await clock_noticed(self._parts, self._parts.journal.count, self._noticing)
            self._noticed_offset = self._clock.offset

    async def _ready(self, line: Line, named: Json) -> Json:
        """Return the request with this workspace's ids, as soon as it can be done; raises Stuck."""
        if not await self._came(lambda: not self._lack(line, named)):
            raise Stuck(f"Line {line.line} ({line.name}) cannot be played: {self._lack(line, named)}.")
        return self._parts.numbering.resolved(named)

    async def _came(self, look: Callable[[], bool]) -> bool:
        since = time.monotonic()
        await asyncio.sleep(0)
        while not look():
            if time.monotonic() - since > self._patience:
                return False
            await asyncio.sleep(0.02)
        return True

    def _lack(self, line: Line, named: Json) -> str:
        """Return what is not yet as it was before this entry, or nothing."""
        if self._was_connected and not (self._parts.delivery.events_url or self._parts.sockets.sockets):
            return "the bot is not connected"
        if self._is_busy(line):
            return "the bot does not acknowledge what it was sent"
        try:
            request = self._parts.numbering.resolved(named)
            if line.name == "press" and line.outcome == "ok":
                find_element(self._parts.numbering.blocks_of(request, str(request.get("channel"))), request)
        except NotThere as missing:
            return str(missing)
        except ActError as missing:
            return str(missing).rstrip(".")
        return ""

    def _is_busy(self, line: Line) -> bool:
        """An event that a fault holds back goes out after the next one: when that came soon, it is not waited for."""
        came_soon = line.at - self._played_at < REORDER_SECONDS
        return self._parts.delivery.active > (self._parts.delivery.held_back if came_soon else 0)

    def _count(self, entry: Entry, _named: Json | None) -> None:
        if entry.name in MILESTONES and entry.outcome.startswith("ok"):
            self._seen[entry.name] += 1


def _begins_connected(recording: JournalFile) -> bool:
    """Tell whether the bot was there from the start: without a line about sockets it was reached by HTTP."""
    first = next((line for line in recording.lines if line.kind == "socket"), None)
    return first is None or (first.name, first.outcome) != ("hello", "1 open")
