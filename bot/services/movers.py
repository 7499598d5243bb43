"""What moved people in a week: ranked fairly, and not again while nothing has happened to it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy.orm import Session

from bot.services.calendar import Week, working_days_between
from bot.services.ideas import FilingRules
from bot.services.ranking import Support, ranked
from db import digest_queries as queries
from db.digest_queries import ShownBefore, Stages, TeamVotes
from db.digests import Mover

_REST_WEEKS = 4
"""For so long an idea rests after a digest, unless something happens to it."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which ideas are looked for: those that moved people in a channel's week, as far as it has passed by `until`."""

    channel_id: str
    week: Week
    until: datetime
    stages: Stages


def read_movers(session: Session, question: Question, rules: FilingRules, limit: int) -> tuple[Mover, ...]:
    """Return the ideas with the best rank, best first; those of the last four weeks' digests only with news.

    News is another status, or twice the votes.
    """
    week = question.week
    votes = _by_idea(queries.votes_by_team(session, week.start, question.until, question.stages))
    supports = {idea_id: _support(rows, question, rules) for idea_id, rows in votes.items()}
    fresh = (votes[idea_id] for idea_id in _with_news(session, question, ranked(supports), votes))
    return tuple(_mover(rows, question.until) for rows in islice(fresh, limit))


def _by_idea(votes: list[TeamVotes]) -> dict[int, list[TeamVotes]]:
    found: dict[int, list[TeamVotes]] = defaultdict(list)
    for row in votes:
        found[row.idea_id].append(row)
    return found


def _support(rows: list[TeamVotes], question: Question, rules: FilingRules) -> Support:
    seen_from = max(rows[0].created_at, question.week.start)
    days = working_days_between(seen_from, question.until, question.week.zone, rules.holidays)
    teams = tuple(row.votes for row in rows if row.team is not None)
    return Support(sum(row.votes for row in rows), teams, days)


def _with_news(
    session: Session, question: Question, order: list[int], votes: Mapping[int, list[TeamVotes]]
) -> Iterator[int]:
    since = question.week.monday - timedelta(weeks=_REST_WEEKS)
    oldest = Week(since, question.week.zone).name
    shown = queries.shown_before(session, question.channel_id, oldest, question.week.name)
    steps = queries.newest_steps(session, shown.keys())
    for idea_id in order:
        before = shown.get(idea_id)
        if before is None or _has_news(before, steps.get(idea_id), votes[idea_id][0].tally):
            yield idea_id


def _has_news(before: ShownBefore, changed_at: datetime | None, tally: int) -> bool:
    return tally >= 2 * before.votes or (changed_at is not None and changed_at > before.requested_at)


def _mover(rows: list[TeamVotes], until: datetime) -> Mover:
    votes, teams = sum(row.votes for row in rows), sum(row.team is not None for row in rows)
    age = max(0, (until - rows[0].created_at).days)
    return Mover(rows[0].idea_id, votes, rows[0].tally, teams or None, age)
