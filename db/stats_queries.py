"""Reads for `/cxidea stats`; each of them bounded."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db.digest_queries import Stages, under
from db.models import WAITS, Idea


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """When an idea was filed and first answered, and whether that was by its answer date."""

    created_at: datetime
    answered_at: datetime
    is_in_time: bool


def first_answers(
    session: Session, since: datetime, until: datetime, limit: int, stages: Stages = None
) -> list[FirstAnswer]:
    """Return the first answers given between two moments, the newest ones, so many at most."""
    columns = (Idea.created_at, Idea.answered_at, Idea.is_in_time)
    answered = select(*columns).where(Idea.answered_at >= since, Idea.answered_at < until, under(stages))
    answered = answered.order_by(Idea.answered_at.desc()).limit(limit)
    return [FirstAnswer(row.created_at, row.answered_at, bool(row.is_in_time)) for row in session.execute(answered)]


def waiting_counts(session: Session, now: datetime) -> tuple[int, int]:
    """Return how many ideas wait for an answer, and for how many of them it is overdue."""
    late = func.count().filter(Idea.answer_due_at < now)
    row = session.execute(select(func.count(), late).select_from(Idea).where(text(WAITS))).one()
    return row[0], row[1]


def broken_promises(session: Session, since: datetime, now: datetime, stages: Stages = None) -> int:
    """Return how many ideas due since a moment have never been answered, although they still wait for it."""
    late = (Idea.answer_due_at >= since, Idea.answer_due_at < now, Idea.answered_at.is_(None), under(stages))
    return session.scalar(select(func.count()).select_from(Idea).where(text(WAITS), *late)) or 0
