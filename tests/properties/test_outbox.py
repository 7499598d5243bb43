"""The outbox as a state machine: claims, leases, fences and records against a model of who holds what."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import insert, select, update

from bot import clock
from bot.claims import Claim, Wanted, claim_next, finish
from bot.deps import Deps
from bot.outcomes import Failure, Fate
from bot.pace import Pace
from bot.records import Records
from bot.settings import Settings
from db.base import Base
from db.models import OutboxMessage
from db.session import Sessions, open_database
from db.types import DeliveryState, MessageKind
from tests.effort import examples
from tests.simulation.ground import folder_in_memory
from tests.simulation.hours import still_hours

pytestmark = pytest.mark.timeout(600)
LEASE = 15
_MORE_THAN_ATTEMPTS = 21
KEYS = ("digest:C1:2026-W46", "digest:C1:2026-W47", "digest:C2:2026-W47")
HARMLESS = [fate for fate in Fate if fate not in {Fate.HOPELESS, Fate.GONE, Fate.TROUBLE}]
"""Fates that never end a row, however often they befall it."""
_ROWS = select(OutboxMessage.__table__)
SETTINGS: dict[str, Any] = {
    "slack_bot_token": "xoxb-1",
    "slack_app_token": "xapp-1",
    "cx_ideas_channel": "C0IDEAS001",
    "cx_digest_channel": "C0LEADS001",
}


def add_rows(sessions: Sessions, keys: Iterable[str], now: datetime) -> None:
    """Write rows that are due."""
    row = {"kind": MessageKind.DIGEST, "priority": 1, "args": {}, "not_before": now, "created_at": now}
    row |= {"wanted_revision": 1, "shown_revision": 0}
    named = [row | {"key": key, "post_key": key[:36], "channel_id": key.split(":")[1]} for key in keys]
    with sessions.begin() as session:
        session.execute(insert(OutboxMessage), named)


@dataclass(eq=False)
class Held:
    """A claim in somebody's hands; it is the row's newest until another takes it over, or it is recorded."""

    claim: Claim
    until: float
    is_newest: bool = True


class Outbox(RuleBasedStateMachine):
    """Three rows, and any number of senders that may take as long as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(folder_in_memory())
        self.hours = self.stack.enter_context(still_hours())
        self.sessions = open_database(f"sqlite:///{folder / 'outbox.db'}")
        self.stack.callback(self.sessions.dispose)
        Base.metadata.create_all(self.sessions.engine)
        self.records = Records(Deps.build(Settings(**SETTINGS), self.sessions), Pace())
        self.held: list[Held] = []
        self.dead: set[str] = set()
        self.fences: Counter[str] = Counter()
        self.places = itertools.count(1)
        add_rows(self.sessions, KEYS, clock.now())

    def teardown(self) -> None:
        """Whatever has something to show is sent at last, unless it was given up."""
        try:
            self.let_pass(600)
            while self.take() is not None:
                assert self.records.shown(self.held[-1].claim)
                self.held.pop()
                self.let_pass(600)
            for row in self.rows().values():
                assert row.state == DeliveryState.DEAD or row.wanted_revision == row.shown_revision, row.key
        finally:
            self.stack.close()

    def rows(self) -> dict[str, Any]:
        """Return the rows by key."""
        with self.sessions.reading() as session:
            return {row.key: row for row in session.execute(_ROWS)}

    def let_pass(self, seconds: float) -> None:
        """Let time pass."""
        self.hours.pass_by(seconds)

    def claimable(self) -> set[str]:
        """Return the keys of rows that somebody may take now."""
        now, keys = clock.now(), set()
        for row in self.rows().values():
            is_free = row.state in {"due", "unknown", "blocked"} and row.not_before <= now
            is_left = row.state == "sending" and row.lease_until < now
            if row.wanted_revision > row.shown_revision and (is_free or is_left):
                keys.add(row.key)
        return keys

    def take(self) -> str | None:
        """Take the next row, and compare with the model; return its key."""
        claimable = self.claimable()
        claim = claim_next(self.sessions, Wanted(clock.now(), "somebody", LEASE))
        if claim is None:
            assert not claimable, f"{claimable} could be taken, and nothing was"
            return None
        assert claim.key in claimable
        assert claim.fence > self.fences[claim.key], "a fence was given twice"
        self.fences[claim.key] = claim.fence
        for held in self.held:
            if held.is_newest and held.claim.key == claim.key:
                assert held.until < self.hours.passed, f"{claim.key} has two holders"
                held.is_newest = False
        self.held.append(Held(claim, self.hours.passed + LEASE))
        return claim.key

    @rule(key=st.sampled_from(KEYS))
    def something_new_is_to_be_shown(self, key: str) -> None:
        """A service raises the revision that a message must show."""
        with self.sessions.begin() as session:
            raised = OutboxMessage.wanted_revision + 1
            session.execute(update(OutboxMessage).where(OutboxMessage.key == key).values(wanted_revision=raised))

    @rule(seconds=st.sampled_from([0.5, 4, 16, 31]))
    def time_passes(self, seconds: float) -> None:
        """Leases run out, and waits end."""
        self.let_pass(seconds)

    @rule()
    def somebody_takes_a_row(self) -> None:
        """A sender asks for the next row."""
        self.take()

    @precondition(lambda self: self.held)
    @rule(choice=st.integers(0, 5), outcome=st.sampled_from(["placed", "shown", "missed", *Fate]))
    def an_outcome_is_recorded(self, choice: int, outcome: str) -> None:
        """Any holder, however late, records what became of its call: only the newest one's word counts."""
        held = self.held.pop(choice % len(self.held))
        claim, before = held.claim, self.rows()
        assert self._record(claim, outcome) == held.is_newest
        after = self.rows()
        if not held.is_newest:
            assert after == before, "a stale holder wrote"
            return
        self._see(claim, outcome, after[claim.key])

    def _record(self, claim: Claim, outcome: str) -> bool:
        if outcome == "placed":
            ts = f"{next(self.places)}.000001"
            return self.records.place(claim, "C1", ts, shown_revision=claim.wanted_revision)
        if outcome == "shown":
            return self.records.shown(claim)
        if outcome == "missed":
            return self.records.missed(claim)
        return self.records.failed(claim, Failure(Fate(outcome), outcome, 7.0))

    def _see(self, claim: Claim, outcome: str, row: Any) -> None:
        is_shown = outcome in {"placed", "shown"}
        assert (row.shown_revision == claim.wanted_revision) or not is_shown
        assert row.lease_until is None
        is_final = outcome in {Fate.HOPELESS, Fate.GONE}
        assert (row.state == DeliveryState.DEAD) == is_final, f"{outcome} left the row {row.state}"
        if is_final:
            self.dead.add(row.key)

    @rule(fate=st.sampled_from(HARMLESS))
    def slack_is_away_for_long(self, fate: Fate) -> None:
        """What is nobody's fault, or for an admin to mend, ends no row, however often it comes."""
        for _ in range(_MORE_THAN_ATTEMPTS):
            self.let_pass(60)
            if self.take() is None:
                return
            claim = self.held.pop().claim
            assert self.records.failed(claim, Failure(fate, fate, 7.0))
            assert self.rows()[claim.key].state != DeliveryState.DEAD

    @invariant()
    def nothing_is_ahead_or_undead(self) -> None:
        """No row shows more than is wanted, and what was given up stays so."""
        for row in self.rows().values():
            assert row.shown_revision <= row.wanted_revision
            assert (row.state == DeliveryState.DEAD) == (row.key in self.dead)


TestOutbox: Any = Outbox.TestCase
TestOutbox.settings = settings(
    max_examples=examples(15),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_threads_share_the_rows(database_url: str) -> None:
    """Eight senders take 200 rows twice over: each row has one holder at a time, and is shown once each time."""
    sessions = open_database(database_url)
    keys = [f"digest:C{number}:2026-W47" for number in range(200)]
    add_rows(sessions, keys, clock.now())
    counter = _Counting(sessions)
    try:
        for _ in range(2):
            counter.share(8)
            with sessions.begin() as session:
                session.execute(update(OutboxMessage).values(wanted_revision=OutboxMessage.wanted_revision + 1))
    finally:
        sessions.dispose()
    assert counter.doubled == []
    assert counter.shown == Counter(keys * 2)


class _Counting:
    """Senders that note who holds what."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._holding: set[str] = set()
        self.shown: Counter[str] = Counter()
        self.doubled: list[str] = []

    def share(self, senders: int) -> None:
        """Send all that is due, with so many threads."""
        threads = [threading.Thread(target=self._send, args=(f"sender {number}",)) for number in range(senders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send(self, owner: str) -> None:
        while self._is_any_left():
            claim = claim_next(self._sessions, Wanted(clock.now(), owner, 60))
            if claim is not None:
                self._hold(claim)

    def _hold(self, claim: Claim) -> None:
        with self._lock:
            self.doubled += [claim.key] if claim.key in self._holding else []
            self._holding.add(claim.key)
        with self._sessions.begin() as session:
            is_ours = finish(
                session, claim, state=DeliveryState.DUE, shown_revision=claim.wanted_revision, not_before=clock.now()
            )
            with self._lock:  # Before the commit: after it, the row may be another's.
                self._holding.discard(claim.key)
                self.shown[claim.key] += is_ours

    def _is_any_left(self) -> bool:
        waiting = select(OutboxMessage.id).where(OutboxMessage.wanted_revision > OutboxMessage.shown_revision)
        with self._sessions.reading() as session:
            return session.execute(waiting.limit(1)).first() is not None
