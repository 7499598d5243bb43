"""Many votes a second on many cards, and how long each of them takes to be counted."""

import itertools
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select

from db.models import Vote
from db.session import open_database
from sandbox.people import IDEAS_CHANNEL
from sandbox.server import Sandbox
from tests.bot import AGENT, BILLING, CLERK, DRIVER, ENGINEER, GUARD, LEADER, MANAGER, wait_until
from tests.faults.processes import messages
from tests.oracle import told_key

VOTERS = (AGENT, CLERK, ENGINEER, MANAGER, DRIVER, BILLING, LEADER)

_BEFORE_REPEATS = 15.0
_KEY = re.compile(r"CX-(\d+)")


def file_ideas(sandbox: Sandbox, number: int) -> dict[str, str]:
    """File so many ideas and wait for their cards; return the title of each by its key."""
    told = {}
    for each in range(number):
        title = f"Idea number {each} for shorter waits"
        answer = sandbox.act(GUARD, "command", text=title, channel="C0GENERAL1")
        told[str(told_key(answer))] = title
    wait_until(lambda: len(messages(sandbox, IDEAS_CHANNEL)) == number, seconds=60)
    return told


@dataclass
class Voting:
    """Votes that people put on cards, one after the other at a steady pace; `put_at` says when, by (idea, person)."""

    sandbox: Sandbox
    per_second: float
    put_at: dict[tuple[int, str], float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _repeats_at: float = float("inf")

    def run(self) -> None:
        """Put a vote of each person on each card, until it is done or told to stop."""
        cards = [(int(_KEY.findall(card["text"])[0]), card["ts"]) for card in messages(self.sandbox, IDEAS_CHANNEL)]
        began = time.monotonic()
        for number, (user, (idea, ts)) in enumerate(itertools.product(VOTERS, cards)):
            if self._stop.wait(max(0.0, began + number / self.per_second - time.monotonic())):
                return
            self.sandbox.act(user, "react", channel=IDEAS_CHANNEL, ts=ts, name="+1")
            self.put_at[idea, user] = time.monotonic()

    def stop(self) -> None:
        """Put no more."""
        self._repeats_at = time.monotonic() + _BEFORE_REPEATS
        self._stop.set()

    def delays(self, database_url: str, seconds: float) -> list[float]:
        """Watch until every vote counts, for so long at most; return how long each took, as seen from here.

        What is missing 15 seconds after the last vote is delivered again: the minute passes that Slack lets pass.
        """
        sessions, found = open_database(database_url, is_patient=True), dict[tuple[int, str], float]()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not (self._stop.is_set() and found.keys() >= self.put_at.keys()):
            with sessions.reading() as session:
                votes = [(vote.idea_id, vote.user_id) for vote in session.scalars(select(Vote).where(Vote.counts))]
            for vote in votes:
                found.setdefault(vote, time.monotonic())
            if self._stop.is_set() and time.monotonic() > self._repeats_at:
                self._repeats_at = time.monotonic() + _BEFORE_REPEATS
                self.sandbox.control("advance", seconds=61)
            time.sleep(0.1)
        sessions.dispose()
        missing = self.put_at.keys() - found.keys()
        assert not missing, f"{len(missing)} of {len(self.put_at)} votes are lost, like {sorted(missing)[:3]}"
        return [found[vote] - put for vote, put in self.put_at.items()]


@contextmanager
def voting(sandbox: Sandbox, per_second: float) -> Iterator[Voting]:
    """Let people vote beside the block."""
    votes = Voting(sandbox, per_second)

    def run() -> None:
        votes.run()
        votes.stop()

    thread = threading.Thread(target=run, name="voting", daemon=True)
    thread.start()
    try:
        yield votes
    finally:
        votes.stop()
        thread.join(30)
