"""What an INSERT that meets a row says of itself, on either database."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot import clock, inbox
from bot.payloads import Reaction
from bot.services.job_runs import begin_job
from bot.services.reactions import put_reactions
from db.session import Sessions, open_database


@contextmanager
def open_sessions(database_url: str) -> Iterator[Sessions]:
    """Yield transactions on the database, closed at the end."""
    sessions = open_database(database_url)
    yield sessions
    sessions.dispose()


def test_a_request_is_new_once(database_url: str) -> None:
    """The same key is new the first time only, on SQLite and on PostgreSQL."""
    with open_sessions(database_url) as sessions, sessions.begin() as session:
        assert [inbox.is_new(session, "command:1", clock.now()) for _ in range(3)] == [True, False, False]


def test_a_job_is_begun_once_for_its_slot(database_url: str) -> None:
    """The same slot is ours the first time only."""
    with open_sessions(database_url) as sessions, sessions.begin() as session:
        assert [begin_job(session, "nightly", "2026-11-23", clock.now()) for _ in range(3)] == [True, False, False]


def test_only_a_newer_reaction_is_news(database_url: str) -> None:
    """A reaction that was stored already, or is older than what is stored, is none."""

    def at(event_ts: int) -> Reaction:
        return Reaction("C0CXIDEAS1", "1764000000.000100", "U0OTIENO01", "+1", event_ts)

    with open_sessions(database_url) as sessions, sessions.begin() as session:
        assert [put_reactions(session, [at(when)]) for when in (5, 5, 4)] == [[at(5)], [], []]
        assert put_reactions(session, [at(4), at(6), at(7), at(6)]) == [at(7)]
