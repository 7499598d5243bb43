"""Two years of a company's life in the database, and what a digest costs with them behind it."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
from db.digest_queries import has_older
from db.digests import DigestFacts
from db.models import Idea, Person
from db.session import Sessions
from db.types import Edition
from tests.databases import look_through

HISTORIES = (10_000, 500_000), (100_000, 5_000_000)
"""Ideas and votes."""
WEEK_IDEAS, WEEK_VOTES = 2_000, 50_000
PEOPLE, TEAMS, SILENT = 20_011, 400, 20
"""A prime number of people, so that nobody gets the same idea twice; and teams that never do anything."""
_DAY_S_VOTES, _ROUNDS, _CHUNK = 5_000_000 / 730, 7, 10_000
_VOTES = """
    WITH RECURSIVE k(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n + 1 < :each)
    INSERT INTO votes (idea_id, user_id, by_button, by_reaction, counts, voted_at)
    SELECT i.id, 'U0V' || ((k.n * 37 + i.id) % :people), true, false, true, VOTED_AT
    FROM ideas i, k WHERE i.id BETWEEN :first AND :last
"""
_ON_SQLITE = "datetime(strftime('%s', i.created_at) + k.n * :pace, 'unixepoch') || '.000000'"
_ON_POSTGRES = "i.created_at + make_interval(secs => k.n * :pace)"
_RULES = FilingRules("C1", 5, UTC, None)


@dataclass(frozen=True, slots=True)
class Load:
    """Ideas and votes spread evenly over a time, from an idea's number on."""

    first: int
    ideas: int
    votes: int
    begin: float
    seconds: float


def timed_digests(sessions: Sessions, ideas: int, votes: int) -> list[float]:
    """Return in milliseconds what last week's digest costs, some times over, with so much history before it.

    The digest of the week before is kept, as it is wherever the bot has been running for two weeks.
    """
    week = Week.containing(clock.now(), UTC).before
    fill(sessions, week, ideas, votes)
    keep(sessions, week.before)
    return [_timed(sessions, week) for _ in range(_ROUNDS)]


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


def _timed(sessions: Sessions, week: Week) -> float:
    began = time.perf_counter()
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
    history = Load(1, ideas, votes, end - span, span)
    now = Load(ideas + 1, WEEK_IDEAS, WEEK_VOTES, week.start.timestamp(), timedelta(days=6).total_seconds())
    with sessions.begin() as session:
        session.execute(insert(Person), [_person(f"U0V{n}", f"Team {n % TEAMS}") for n in range(PEOPLE)])
        session.execute(insert(Person), [_person(f"U0S{n}", f"Silent team {n % SILENT}") for n in range(SILENT * 50)])
    for load in (history, now):
        for first in range(0, load.ideas, _CHUNK):
            with sessions.begin() as session:
                rows = [_idea(load, number) for number in range(first, min(first + _CHUNK, load.ideas))]
                session.execute(insert(Idea), rows)
        with sessions.begin() as session:
            _vote(session, load)
    look_through(sessions)


def _person(user_id: str, team: str) -> dict[str, Any]:
    return {"user_id": user_id, "standing": "member", "team": team, "team_checked_at": clock.now()}


def _idea(load: Load, number: int) -> dict[str, Any]:
    filed_at = datetime.fromtimestamp(load.begin + number * load.seconds / load.ideas, UTC)
    is_answered = number % 50 > 0
    return {
        "id": load.first + number,
        "title": f"Let customers see the state of order {number} without a call",
        "search_text": "order",
        "stage": ("use", "buy", "get_help", None)[number % 4],
        "author_id": f"U0V{number * 31 % PEOPLE}",
        "votes": load.votes // load.ideas,
        "created_at": filed_at,
        "answer_due_at": filed_at + timedelta(days=7),
        "answered_at": filed_at + timedelta(days=3) if is_answered else None,
        "settled_at": filed_at + timedelta(days=3) if is_answered else None,
        "is_in_time": True if is_answered else None,
    }


def _vote(session: Session, load: Load) -> None:
    """Give each idea its votes, one in an hour or a quarter of one, from as many people."""
    each = load.votes // load.ideas
    pace = 3600 if load.first == 1 else 900
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    filled = _VOTES.replace("VOTED_AT", _ON_SQLITE if is_sqlite else _ON_POSTGRES)
    values = {"people": PEOPLE, "each": each, "pace": pace, "first": load.first, "last": load.first + load.ideas - 1}
    if not is_sqlite:
        session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text(filled), values)
