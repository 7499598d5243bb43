"""`python -m tests.crowds.voters [voters]`: an idea with a thousand voters ships, under Slack's rate limits.

Prints how long it takes until all are told, who was told twice, how fast commands are acknowledged meanwhile, and how
often Slack said that it was too much.
"""

import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert, select, update

from bot import clock
from bot.deeds import Deed
from bot.migrations import migrate
from bot.pace import Pace
from bot.services import answers
from bot.services.answers import Decision
from bot.services.ideas import FilingRules
from db.models import Idea, OutboxMessage, Person, SavedSetting, Vote
from db.session import Sessions, open_database
from db.types import Status
from sandbox.models import User
from sandbox.server import Sandbox, running_sandbox
from sandbox.traffic import Entry
from tests.bot import GUARD, LEADER, wait_until
from tests.faults.forks import Fork, forked

TITLE = "Let customers reschedule deliveries online"
NO_QUIET_HOURS = {"begin": "00:00", "end": "00:00", "is_weekend_quiet": False}
_BETWEEN_COMMANDS = 0.2


@dataclass
class Report:
    """What came of it: seconds, letters by voter, acknowledgements in milliseconds, refusals as too much."""

    seconds: float = 0.0
    letters: Counter[str] = field(default_factory=Counter)
    acks: list[float] = field(default_factory=list)
    limited: int = 0
    posted_at: list[float] = field(default_factory=list)

    def note(self, entry: Entry) -> None:
        """Take note of a call to Slack, and of how long the bot took to acknowledge a command."""
        if entry.kind == "command":
            self.acks.append(entry.milliseconds)
        elif entry.kind == "api" and "ratelimited" in f"{entry.outcome} {entry.answer}":
            self.limited += 1
        elif entry.name == "chat.postMessage" and str(entry.request.get("channel")).startswith("U"):
            self.posted_at.append(entry.at)


@dataclass
class Crowd:
    """A workspace with a bot in a process of its own, and an idea for which many have voted."""

    sandbox: Sandbox
    bot: Fork
    sessions: Sessions
    voters: list[str]

    def ship(self) -> None:
        """Have the idea ship, as a leader's answer does it."""
        decision = Decision(Deed.ANSWER, 1, LEADER, clock.now(), "It is live.", Status.SHIPPED)
        with self.sessions.begin() as session:
            answers.decide(session, decision, FilingRules("", 5, UTC))

    def letters(self) -> Counter[str]:
        """Return how many messages of the bot's each voter has."""
        workspace = self.sandbox.workspace
        channels = self.sandbox.call(lambda: list(workspace.channels.values()))
        counts = {member: len(each.messages) for each in channels if each.is_im for member in each.members}
        return Counter({voter: counts.get(voter, 0) for voter in self.voters})

    def are_all_told(self) -> bool:
        """Return whether each voter has a message, and nothing is left to be sent."""
        waiting = select(OutboxMessage.id).where(OutboxMessage.wanted_revision > OutboxMessage.shown_revision).limit(1)
        with self.sessions.reading() as session:
            is_waiting = session.scalar(waiting) is not None
        return not is_waiting and all(self.letters().values())


@contextmanager
def crowd(database_url: str, folder: Path, count: int, pace: Pace, *, is_strict: bool = True) -> Iterator[Crowd]:
    """Yield a workspace where so many people have voted for an idea; the bot is not started yet."""
    with running_sandbox() as sandbox, forked(sandbox, database_url, folder, pace=pace) as bot:
        voters = [f"U1VOTER{number:04d}" for number in range(count)]
        sandbox.call(lambda: _hire(sandbox, voters))
        sandbox.control("rates", on=is_strict)
        sessions = open_database(database_url, is_patient=True)
        with sessions.begin() as session:
            row = {"name": "quiet_hours", "value": NO_QUIET_HOURS, "saved_by": LEADER, "saved_at": clock.now()}
            session.execute(insert(SavedSetting), [row])
        try:
            bot.start()
            sandbox.act(GUARD, "command", text=TITLE, channel="C0GENERAL1")
            _vote(sessions, voters)
            yield Crowd(sandbox, bot, sessions, voters)
        finally:
            sessions.dispose()


def tell(database_url: str, folder: Path, count: int, pace: Pace) -> Report:
    """Have an idea with so many voters ship, and somebody type commands until all have been told."""
    report = Report()
    with crowd(database_url, folder, count, pace) as here:
        here.sandbox.parts.journal.listeners.append(lambda entry, _request: report.note(entry))
        here.ship()
        began = time.monotonic()
        while not here.are_all_told():
            assert here.sandbox.act(GUARD, "command", text="top", channel="C0GENERAL1")["acked"]
            time.sleep(_BETWEEN_COMMANDS)
        report.seconds = time.monotonic() - began
        report.letters = here.letters()
    return report


def _hire(sandbox: Sandbox, user_ids: list[str]) -> None:
    for user_id in user_ids:
        sandbox.workspace.add_user(User(user_id, user_id.lower(), user_id, "Voter"))


def _vote(sessions: Sessions, voters: list[str]) -> None:
    wait_until(lambda: _are_known(sessions, voters), seconds=60)
    vote = {"idea_id": 1, "by_button": True, "counts": True, "voted_at": clock.now()}
    with sessions.begin() as session:
        session.execute(insert(Vote), [vote | {"user_id": voter} for voter in voters])
        session.execute(update(Idea).where(Idea.id == 1).values(votes=len(voters)))


def _are_known(sessions: Sessions, voters: list[str]) -> bool:
    with sessions.reading() as session:
        return set(voters) <= set(session.scalars(select(Person.user_id)))


def main() -> None:
    """Print what telling a crowd takes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/cxidea.db"
        migrate(url)
        report = tell(url, Path(folder), count, Pace())
    twice = sum(letters > 1 for letters in report.letters.values())
    quantiles = statistics.quantiles(report.acks, n=100)
    print(
        f"{count} voters told after {report.seconds:.0f} s, {twice} of them twice; {report.limited} refusals by Slack"
    )
    print(
        f"{len(report.acks)} commands meanwhile, acknowledged after {quantiles[49]:.0f} ms (p50), "
        f"{quantiles[98]:.0f} ms (p99), {max(report.acks):.0f} ms (slowest)"
    )


if __name__ == "__main__":
    main()
