"""Two years of a company's life in the database, and what a digest costs with them behind it."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from bot import clock
from bot.services import digest_records, digests
from bot.services.breadth import SILENCE
from bot.services.calendar import Week
from bot.services.digest_facts import read_digest
from bot.services.digests import DigestRequest
from bot.services.ideas import FilingRules
from db.base import Base
from db.digest_queries import has_older
from db.digests import DigestFacts
from db.models import Person, Vote
from db.session import Sessions, open_database
from db.types import Edition
from tests.databases import look_through, migrated

HISTORIES = (10_000, 500_000), (100_000, 5_000_000)
"""Ideas and votes."""
WEEK_IDEAS, WEEK_VOTES = 2_000, 50_000
PEOPLE, TEAMS, SILENT = 20_011, 400, 20
"""A prime number of people, so that nobody gets the same idea twice; and teams that never do anything."""
_DAY_S_VOTES = 5_000_000 / 730
_IDEAS = """
    WITH RECURSIVE k(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n + 1 < :ideas)
    INSERT INTO ideas (id, title, description, search_text, stage, author_id, status, votes, created_at,
                       answer_due_at, answered_at, settled_at, is_in_time)
    SELECT :first + n, 'Let customers see the state of order ' || n || ' without a call', '', 'order',
           CASE n % 4 WHEN 0 THEN 'use' WHEN 1 THEN 'buy' WHEN 2 THEN 'get_help' END,
           'U0V' || (n * 31 % :people), 'new', :each, MOMENT[:begin + n * :every], MOMENT[:begin + n * :every + 604800],
           CASE WHEN n % 50 > 0 THEN MOMENT[:begin + n * :every + 259200] END,
           CASE WHEN n % 50 > 0 THEN MOMENT[:begin + n * :every + 259200] END, CASE WHEN n % 50 > 0 THEN true END
    FROM k
"""
_VOTES = """
    WITH RECURSIVE k(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n + 1 < :each)
    INSERT INTO votes (idea_id, user_id, by_button, by_reaction, counts, voted_at)
    SELECT i.id, 'U0V' || ((k.n * 37 + i.id) % :people), true, false, true,
           MOMENT[:begin + (i.id - :first) * :every + k.n * :pace]
    FROM ideas i, k WHERE i.id BETWEEN :first AND :first + :ideas - 1
"""
_MOMENT = re.compile(r"MOMENT\[(.*?)\]")
_ON_SQLITE, _ON_POSTGRESQL = r"datetime(\1, 'unixepoch') || '.000000'", r"to_timestamp(\1)"
_RULES = FilingRules("C1", 5, UTC, None)


@dataclass(frozen=True, slots=True)
class Load:
    """Ideas spread evenly over a time, from a number on; each gets votes, one in so many seconds, from as many people.

    One idea in fifty waits; the others were answered after three days.
    """

    first: int
    ideas: int
    votes: int
    begin: float
    seconds: float
    pace: int

    def write(self, session: Session) -> None:
        """Write them."""
        values = {
            "first": self.first,
            "ideas": self.ideas,
            "each": self.votes // self.ideas,
            "begin": self.begin,
            "every": self.seconds / self.ideas,
            "pace": self.pace,
            "people": PEOPLE,
        }
        moment = _ON_SQLITE if session.get_bind().dialect.name == "sqlite" else _ON_POSTGRESQL
        for statement in (_IDEAS, _VOTES):
            session.execute(text(_MOMENT.sub(moment, statement)), values)


@contextmanager
def kept(database: str, ideas: int, votes: int) -> Iterator[Sessions]:
    """Yield a database with last week, and with so much history before it.

    The digest of the week before is kept, as it is wherever the bot has been running for two weeks.
    """
    with migrated(database) as url:
        sessions, week = open_database(url, is_patient=True), last_week()
        fill(sessions, week, ideas, votes)
        keep(sessions, week.before)
        yield sessions
        sessions.dispose()


def last_week() -> Week:
    """Return the week that is told of."""
    return Week.containing(clock.now(), UTC).before


def _request(week: Week) -> DigestRequest:
    return DigestRequest("C0DIGEST01", week.name, Edition.REGULAR, "UTC")


def read(session: Session, week: Week) -> DigestFacts:
    """Return what a week's digest tells."""
    return read_digest(session, _request(week), _RULES, None, week.end + timedelta(hours=9))


def keep(sessions: Sessions, week: Week) -> None:
    """Have the digest of a week posted: what it said is kept, and the next one need not count it again."""
    with sessions.begin() as session:
        digests.request_digest(session, _request(week), week.end)
        digest_records.send(session, _request(week), read(session, week), {}, week.end)


def timed_digest(sessions: Sessions) -> float:
    """Return in milliseconds what last week's digest costs; raises AssertionError when it does not tell of the week."""
    week, began = last_week(), time.perf_counter()
    with sessions.reading() as session:
        facts = read(session, week)
        spent = (time.perf_counter() - began) * 1000
        silent = SILENT if has_older(session, week.end - SILENCE) else 0  # A younger company has no silent team yet.
    assert facts.numbers.ideas == WEEK_IDEAS, facts.numbers
    assert facts.numbers.votes >= WEEK_VOTES, facts.numbers
    assert len(facts.breadth.silent) == silent, facts.breadth
    return spent


def fill(sessions: Sessions, week: Week, ideas: int, votes: int) -> None:
    """Write a history that ends before the week, two years of it for 5 million votes, and the week."""
    end = (week.start - timedelta(days=3)).timestamp()
    span = votes / _DAY_S_VOTES * 86_400  # A tenth of the history is that of a younger company, not of a quieter one.
    history = Load(1, ideas, votes, end - span, span, 3600)
    now = Load(ideas + 1, WEEK_IDEAS, WEEK_VOTES, week.start.timestamp(), timedelta(days=6).total_seconds(), 900)
    with sessions.begin() as session:
        session.execute(insert(Person), [_person(f"U0V{n}", f"Team {n % TEAMS}") for n in range(PEOPLE)])
        session.execute(insert(Person), [_person(f"U0S{n}", f"Silent team {n % SILENT}") for n in range(SILENT * 50)])
    with _bulk(sessions) as session:
        for load in (history, now):
            load.write(session)
    look_through(sessions)


@contextmanager
def _bulk(sessions: Sessions) -> Iterator[Session]:
    """Yield a session for so many votes that their indexes are sooner built at the end, and references not checked."""
    table = Base.metadata.tables[Vote.__tablename__]
    with sessions.begin() as session:
        for index in table.indexes:
            index.drop(session.connection())
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET LOCAL statement_timeout = 0"))
            session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
        for index in table.indexes:
            index.create(session.connection())


def _person(user_id: str, team: str) -> dict[str, Any]:
    return {"user_id": user_id, "standing": "member", "team": team, "team_checked_at": clock.now()}
