"""A run: the bot lives several times, each life but the last ends by a kill, and people go on all the while.

All that happens by chance follows from the run's seed, but for what threads and processes make of it.
"""

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from db.models import Idea, OutboxMessage, Vote
from db.session import open_database
from sandbox.models import Change
from sandbox.people import DIGEST_CHANNEL, RANDOM_CHANNEL
from sandbox.server import running_sandbox
from tests.bot import wait_until
from tests.faults.crowd import Crowd
from tests.faults.forks import Fork, Strike, forked
from tests.faults.steps import Step
from tests.oracle import wait_for_promises

OUTSIDE = "from outside, at any moment"
_MOST_TIMES = {
    Step.HANDLER_BEFORE_COMMIT: 6,
    Step.HANDLER_AFTER_COMMIT: 6,
    Step.CLAIMED: 4,
    Step.BEFORE_RECORD: 4,
    Step.RECORDED: 4,
    Step.BEFORE_POST: 3,
    Step.POST_TAKEN: 3,
    Step.POST_ANSWERED: 3,
    Step.BEFORE_CHANGE: 2,
    Step.CHANGE_ANSWERED: 2,
    Step.REPAIR_BEFORE_COMMIT: 2,
    Step.REPAIRED: 2,
}
_DIGESTS = 0.1
"""In how many lives a leader has the digest posted."""
_REPAIRS = {Step.REPAIR_BEFORE_COMMIT, Step.REPAIRED}
_CHANGES = {Step.BEFORE_CHANGE, Step.CHANGE_ANSWERED}
_TELLINGS = {Step.TELLING_BEFORE_COMMIT, Step.TOLD}
_ANSWERS = 0.2
"""In how many other lives a leader answers an idea."""
_FAULTS = (
    ("reaction_added", "lose"),
    ("reaction_removed", "lose"),
    ("reaction_added", "repeat"),
    ("reaction_added", "reorder"),
    ("reaction_removed", "reorder"),
    ("chat.postMessage", "apply_then_drop"),
    ("chat.postMessage", "drop_before"),
    ("chat.update", "apply_then_drop"),
    ("conversations.history", "status"),
)


@dataclass
class Report:
    """What a run did, and what it came to."""

    kills: Counter[str] = field(default_factory=Counter)
    ideas: int = 0
    votes: int = 0
    digests: int = 0
    seconds: float = 0.0
    story: list[str] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        """Count another run in."""
        self.kills += other.kills
        self.ideas += other.ideas
        self.votes += other.votes
        self.digests += other.digests


def run(seed: int, database_url: str, folder: Path, report: Report, strikes: list[Strike | None] | None = None) -> None:
    """Live through the lives of this seed, or through these; raises AssertionError when a promise is broken."""
    began, chance = time.monotonic(), random.Random(seed)  # noqa: S311  # repeatable, no secret
    transport = chance.choice(("http", "http", "http", "socket"))
    changes = {"cx_digest_channel": f"{DIGEST_CHANNEL},{RANDOM_CHANNEL}"}
    with (
        running_sandbox(seed=seed) as sandbox,
        forked(sandbox, database_url, folder, transport, changes=changes) as bot,
    ):
        sandbox.control("invite", channel=RANDOM_CHANNEL)
        crowd = Crowd(sandbox, chance, story=report.story)
        for strike in strikes or _plan(chance):
            _Life(bot, crowd, chance, report).live(strike)
        sandbox.control("clear_faults")
        _start(bot, crowd, None)
        took = wait_for_promises(sandbox, database_url, 30, acknowledged=crowd.acknowledged)
        crowd.check(database_url)
        crowd.story.append(f"settled after {took:.1f} s")
    _count(database_url, report)
    report.seconds = time.monotonic() - began


def _plan(chance: random.Random) -> list[Strike | None]:
    step = chance.choice(list(Step))
    first = Strike(step, chance.randint(1, _MOST_TIMES.get(step, 1)))
    again: list[Strike | None] = []
    while chance.random() < 1 / 3:
        recovering = chance.choice([each for each in Step if each != Step.BETWEEN_DIGESTS])
        again.append(chance.choice([None, Strike(recovering, chance.randint(1, 2))]))
    return [*([None] if step in _REPAIRS else []), first, *again]


@dataclass
class _Life:
    """One life of the bot, from its start to its kill."""

    bot: Fork
    crowd: Crowd
    chance: random.Random
    report: Report

    def live(self, strike: Strike | None) -> None:
        """Start, let people act, and be killed at the strike's step, or at any moment."""
        self.crowd.story.append(f"-- a life, until {strike or OUTSIDE}")
        with self._watching(strike):
            if _start(self.bot, self.crowd, strike):
                self._prepare(strike)
                self._set_faults(strike)
                for _ in range(self.chance.randint(2, 9)):
                    self.crowd.do_something()
                    time.sleep(self.chance.uniform(0, 0.05))
            self._end(strike)
        for _ in range(self.chance.randint(1, 3)):  # People do not wait for it.
            self.crowd.react()

    def _prepare(self, strike: Strike | None) -> None:
        """See that the step can be reached."""
        self.crowd.file()
        if strike is None or strike.step in _CHANGES:
            self._see_card()
            self.crowd.react()
        if (strike and strike.step in _TELLINGS) or self.chance.random() < _ANSWERS:
            self._see_card()
            self.crowd.answer(self.bot.database_url)
        if (strike and strike.step == Step.BETWEEN_DIGESTS) or self.chance.random() < _DIGESTS:
            self.crowd.post_digest()

    def _see_card(self) -> None:
        channel = self.bot.sandbox.workspace.channels[str(self.bot.sandbox.info["ideas_channel"])]
        wait_until(lambda: channel.messages or not self.bot.is_alive)

    def _set_faults(self, strike: Strike | None) -> None:
        for target, kind in self.chance.sample(_FAULTS, self.chance.randint(0, 3)):
            if strike is None or strike.step not in _CHANGES | _REPAIRS:
                self.bot.sandbox.control("fault", target=target, kind=kind, count=0, chance=0.3)
                self.crowd.story.append(f"{kind} {target}")

    def _end(self, strike: Strike | None) -> None:
        slow = {Step.BETWEEN_DIGESTS, *_TELLINGS}
        patience = 0.0 if strike is None else 5.0 if strike.step in slow else 1.0
        if strike and self.bot.wait_for_end(patience):
            self.report.kills[strike.step] += 1
            self.crowd.story.append("-- killed there")
        else:
            time.sleep(self.chance.uniform(0, 0.1))
            self.bot.kill()
            self.report.kills[OUTSIDE] += 1
            self.crowd.story.append("-- killed from outside")
        self.bot.sandbox.control("clear_faults")

    @contextmanager
    def _watching(self, strike: Strike | None) -> Iterator[None]:
        """Kill the process from here where only the workspace knows that the moment has come."""
        with ExitStack() as stack:
            if strike and strike.step == Step.POST_TAKEN:
                stack.callback(self.bot.sandbox.workspace.subscribe(_Killer(self.bot, strike.nth)))
            yield


@dataclass
class _Killer:
    """Kills the bot when the workspace has taken its n-th post, before the answer leaves."""

    bot: Fork
    left: int

    def __call__(self, change: Change) -> None:
        """Look at one change of the workspace."""
        workspace = self.bot.sandbox.workspace
        if change.kind != "message":
            return
        message = workspace.channels[change.channel_id].messages[change.ts]
        if message.user_id == workspace.app.bot_user_id:
            self.left -= 1
            if self.left == 0:
                self.bot.send(signal.SIGKILL)


def _start(bot: Fork, crowd: Crowd, strike: Strike | None) -> bool:
    """Start it after some seconds of the workspace's time, or after so many that Slack delivers again."""
    seconds = crowd.chance.choice((3, 3, 3, 61))
    bot.sandbox.control("advance", seconds=seconds)
    return bot.start(strike)


def _count(database_url: str, report: Report) -> None:
    sessions = open_database(database_url, is_patient=True)
    with sessions.reading() as session:
        report.ideas += session.scalar(select(func.count()).select_from(Idea)) or 0
        report.votes += session.scalar(select(func.count()).select_from(Vote).where(Vote.counts)) or 0
        digests = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.kind == "digest")
        report.digests += session.scalar(digests) or 0
    sessions.dispose()
