"""Weeks of a company's life in minutes: one bot process, a workspace whose clock jumps, and something wrong each week.

`python -m tests.faults.year [seed] [SQLite or PostgreSQL]` runs a whole year, and ends with the oracle's verdict. Each
week's slot is in the zone whose clocks change in that week, if any do: so the settings change in between as well.
"""

import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.people import DIGEST_CHANNEL, GENERAL_CHANNEL, STAFF
from sandbox.server import Sandbox, running_sandbox
from tests import oracle
from tests.bot import wait_until
from tests.databases import migrated
from tests.faults.processes import BotProcess, bot_process, messages

ZONES = ("Europe/Berlin", "America/New_York")
CHANNELS = (DIGEST_CHANNEL, GENERAL_CHANNEL)
WEEK, WEEKS = timedelta(days=7), 52
_ATTEMPTS = 5
FAULTS: tuple[dict[str, Any], ...] = (
    {"target": "reaction_added", "kind": "lose", "count": 2},
    {"target": "reaction_removed", "kind": "lose"},
    {"target": "reaction_added", "kind": "repeat", "times": 3},
    {"target": "reaction_added", "kind": "reorder"},
    {"target": "chat.postMessage", "kind": "apply_then_drop"},
    {"target": "chat.postMessage", "kind": "status", "status": 503},
    {"target": "chat.postMessage", "kind": "ratelimited", "seconds": 2},
    {"target": "chat.update", "kind": "apply_then_drop"},
    {"target": "chat.update", "kind": "error", "error": "fatal_error"},
    {"target": "conversations.history", "kind": "status", "status": 500},
    {"target": "auth.test", "kind": "drop_before"},
)


@dataclass
class Year:
    """What happened so far. `memory` has the resident kilobytes of each week, by process."""

    sandbox: Sandbox
    bot: BotProcess
    random: random.Random
    zone: str = ""
    acknowledged: dict[str, str] = field(default_factory=dict)
    weeks: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    memory: dict[int, list[int]] = field(default_factory=dict)

    def live_a_week(self, *, is_restarted: bool) -> None:
        """Live until the next Monday's digests stand in both channels."""
        monday = next_monday(self.now)
        zone = next((each for each in ZONES if changes_between(each, monday - WEEK, monday)), self.zone or ZONES[0])
        self.changes += [f"{zone} {monday:%Y-%m-%d}"] if changes_between(zone, monday - WEEK, monday) else []
        self._restart_for(zone)
        self._jump(monday - timedelta(days=self.random.randint(3, 5)))
        self._break_something()
        self._people_are_busy()
        slot = datetime(monday.year, monday.month, monday.day, 9, tzinfo=ZoneInfo(zone))
        self._jump(slot + timedelta(seconds=5))
        if is_restarted:  # Which is also quicker than to wait until it looks at the clock.
            self._end()
            self.bot.start()
        last = monday - WEEK
        self.weeks.append(f"{last.isocalendar().year}-W{last.isocalendar().week:02}")
        self._await_digests(f"Customer ideas, week {last.isocalendar().week}:")
        self.sandbox.control("clear_faults")
        self._measure()

    @property
    def now(self) -> datetime:
        """The workspace's time."""
        return self.sandbox.workspace.clock.moment()

    def settle(self, seconds: float) -> None:
        """Start the bot once more, and see that all that was promised comes true."""
        self._end()
        self.bot.start()
        expected = dict.fromkeys(CHANNELS, self.weeks)
        oracle.wait_for_promises(
            self.sandbox, self.bot.database_url, seconds, acknowledged=self.acknowledged, weeks=expected
        )

    def growth(self) -> float:
        """Return how much the memory of the process that lived longest grew, from its early weeks to its last ones."""
        readings = max(self.memory.values(), key=len)
        early = readings[len(readings) // 4 :]
        return statistics.median(readings[-5:]) / statistics.median(early[:5]) - 1

    def _restart_for(self, zone: str) -> None:
        if zone != self.zone:
            self.zone = self.bot.changes["CX_TIMEZONE"] = zone
            self._end()
            self.bot.start()

    def _end(self) -> None:
        if self.bot._running:
            self.bot.stop(self.random.choice([signal.SIGKILL, signal.SIGTERM]))

    def _jump(self, moment: datetime) -> None:
        if moment > self.now:
            self.sandbox.control("jump_to", time=moment.isoformat())

    def _break_something(self) -> None:
        for fault in self.random.sample(FAULTS, 3):
            self.sandbox.control("fault", **fault)
        if self.random.random() < 0.3:
            self.sandbox.control("drop_sockets", reason=self.random.choice(["drop", "refresh_requested"]))

    def _people_are_busy(self) -> None:
        people = [row[0] for row in STAFF]
        for _ in range(self.random.randint(1, 3)):
            title = f"Idea {len(self.acknowledged) + 1} of seed {self.random.getrandbits(48):x}"
            self._share(self.random.choice(people), title)
        cards = [card.ts for card in oracle.cards_of(self.sandbox).values()]
        for ts in self.random.sample(cards, min(len(cards), 4)):
            for user in self.random.sample(people, 3):
                self._toggle(user, ts)

    def _share(self, user: str, idea: str) -> None:
        """Type an idea, and again when nothing came of it, as soon as the bot can be reached."""
        for attempt in range(1, _ATTEMPTS + 1):
            # What failed may be filed all the same: each attempt is an idea of its own.
            title = f"{idea}, attempt {attempt}"
            key = oracle.told_key(self.sandbox.act(user, "command", text=title, channel=GENERAL_CHANNEL))
            if key:
                self.acknowledged[key] = title
                return
            time.sleep(1)
            wait_until(lambda: self.bot.status("/readyz") == 200, 60)
        raise AssertionError(f"{idea!r} was typed {_ATTEMPTS} times, and never filed")

    def _toggle(self, user: str, ts: str) -> None:
        card = self.sandbox.workspace.channels[str(self.sandbox.info["ideas_channel"])].messages[ts]
        do = "unreact" if user in card.reactions.get("+1", ()) else "react"
        self.sandbox.act(user, do, channel=card.channel_id, ts=ts, name="+1")

    def _await_digests(self, heading: str) -> None:
        def stand() -> bool:
            return all(any(heading in each["text"] for each in messages(self.sandbox, one)[-9:]) for one in CHANNELS)

        wait_until(stand, 100)

    def _measure(self) -> None:
        assert self.bot._running
        process = self.bot._running.pid
        status = Path(f"/proc/{process}/status")
        if status.exists():
            (line,) = [each for each in status.read_text().splitlines() if each.startswith("VmRSS")]
            self.memory.setdefault(process, []).append(int(line.split()[1]))


def next_monday(moment: datetime) -> datetime:
    """Return the first moment, in UTC, of the Monday after this day."""
    day = (moment + timedelta(days=7 - moment.weekday())).date()
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def changes_between(zone: str, start: datetime, end: datetime) -> bool:
    """Return whether the clocks of a zone change between two moments."""
    return start.astimezone(ZoneInfo(zone)).utcoffset() != end.astimezone(ZoneInfo(zone)).utcoffset()


def before_a_change(moment: datetime) -> datetime:
    """Return the Tuesday before the week in which the next clocks change."""
    monday = next_monday(moment)
    while not any(changes_between(zone, monday + WEEK, monday + 2 * WEEK) for zone in ZONES):
        monday += WEEK
    return monday + timedelta(days=1)


@contextmanager
def company(database_url: str, folder: Path, seed: int) -> Iterator[Year]:
    """Yield a workspace with two leadership channels, and a bot that is not started yet."""
    with running_sandbox(seed=seed) as sandbox:
        sandbox.workspace.ack_seconds = 15  # A busy machine is no fault.
        sandbox.control("invite", channel=GENERAL_CHANNEL)
        with bot_process(
            sandbox, database_url, folder, "socket", CX_DIGEST_CHANNEL=",".join(CHANNELS), CX_DIGEST_AT="mon 09:00"
        ) as bot:
            yield Year(sandbox, bot, random.Random(seed))  # noqa: S311  # to be repeated by its seed


def main(seed: int, database: str = "SQLite") -> None:
    """Live a year, and tell how it went."""
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        migrated(database) as url,
        company(url, Path(folder), seed) as year,
    ):
        _say(f"seed {seed}, {WEEKS} weeks on {database}")
        for number in range(WEEKS):
            year.live_a_week(is_restarted=number < WEEKS // 10)
            _say(f"{year.weeks[-1]}: {len(year.acknowledged)} ideas, {time.monotonic() - began:.0f} s")
        growth = year.growth()
        year.settle(100)
        _say(f"{len(year.weeks)} digests in each channel, once each; clocks changed: {', '.join(year.changes)}")
        _say(f"memory grew by {growth:.1%}, readings in kB: {max(year.memory.values(), key=len)}")
        assert growth < 0.1, "the memory is not flat"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # this is a command


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(10**6), *sys.argv[2:3])
