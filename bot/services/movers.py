"""What moved people in a week: ranked fairly, and not again while nothing has happened to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from bot.services.calendar import Period, working_days_between
from bot.services.ideas import FilingRules
from bot.services.ranking import Support, ranked
from db import digest_queries as queries
from db.digest_queries import Backing, ShownBefore, Stages
from db.digests import Mover
from db.types import Rhythm

_REST = {Rhythm.WEEKLY: 4, Rhythm.MONTHLY: 1}
"""For so many digests an idea rests after one, unless something happens to it."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which ideas are looked for: those that moved people in a channel's week, as far as it has passed by `until`."""

    channel_id: str
    week: Period
    until: datetime
    stages: Stages


def read_movers(session: Session, question: Question, rules: FilingRules, limit: int) -> tuple[Mover, ...]:
    """Return the ideas with the best rank, best first; those of the last four weeks' digests only with news.

    News is another status, or twice the votes.
    """
    week = question.week
    ideas = queries.backed_ideas(session, week.start, question.until, question.stages)
    order = ranked({idea_id: _support(idea, question, rules) for idea_id, idea in ideas.items()})
    fresh = _with_news(session, question, [ideas[idea_id] for idea_id in order])
    return tuple(_mover(idea, question.until) for idea in islice(fresh, limit))


def _support(idea: Backing, question: Question, rules: FilingRules) -> Support:
    seen_from = max(idea.created_at, question.week.start)
    days = working_days_between(seen_from, question.until, question.week.zone, rules.holidays)
    return Support(idea.votes, tuple(idea.by_team), days)


def _with_news(session: Session, question: Question, order: list[Backing]) -> Iterator[Backing]:
    oldest = question.week
    for _ in range(_REST[Rhythm.of(oldest.name)]):
        oldest = oldest.before
    shown = queries.shown_before(session, question.channel_id, oldest.name, question.week.name)
    steps = queries.newest_steps(session, shown.keys())
    for idea in order:
        before = shown.get(idea.idea_id)
        if before is None or _has_news(before, steps.get(idea.idea_id), idea.tally):
            yield idea


def _has_news(before: ShownBefore, changed_at: datetime | None, tally: int) -> bool:
    return tally >= 2 * before.votes or (changed_at is not None and changed_at > before.requested_at)


def _mover(idea: Backing, until: datetime) -> Mover:
    age = max(0, (until - idea.created_at).days)
    return Mover(idea.idea_id, idea.votes, idea.tally, len(idea.by_team) or None, age)
