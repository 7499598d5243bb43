"""Reads for App Home: numbers of ideas first, from indexes alone, then those few ideas as one person sees them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, text, true
from sqlalchemy.orm import Session

from db.counted import voted_between
from db.models import WAITS, Idea, Stage, Vote
from db.types import OPEN_STATUSES, Status

_WAITING = frozenset({Status.NEW, Status.UNDER_REVIEW})
"""An idea with one of these statuses always waits for an answer."""
_LOOKED_THROUGH = 30
"""Of so many ideas with the most votes, those that are still open are the most wanted."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Ideas by whom they are to be answered: owned by one of these, or filed under one of these stages."""

    owners: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """Which ideas are looked at; without statuses all that wait for an answer, `stages` with None for no stage."""

    statuses: tuple[Status, ...] = ()
    stages: tuple[str | None, ...] = ()
    whose: Whose | None = None


@dataclass(frozen=True, slots=True)
class DeskPage:
    """Numbers of ideas on one page, what is due first before the others; pages are counted from 1."""

    idea_ids: tuple[int, ...]
    page: int
    pages: int
    total: int
    overdue: int


def desk_page(session: Session, wanted: DeskFilter, page: int, size: int, now: datetime) -> DeskPage:
    """Return a page of what somebody answers, and how many there are; the last one instead of one beyond it."""
    chosen = _chosen(wanted)
    is_late = and_(Idea.settled_at.is_(None), Idea.answer_due_at <= now)
    counted = select(func.count(), func.count(case((is_late, 1)))).select_from(Idea).where(*chosen)
    total, overdue = session.execute(counted).one()
    pages = max(1, -(-total // size))
    page = min(page, pages)
    rows = select(Idea.id).where(*chosen).order_by(Idea.answer_due_at, Idea.id).limit(size).offset((page - 1) * size)
    return DeskPage(tuple(session.scalars(rows)), page, pages, total, overdue)


def owns_an_idea(session: Session, owners: Collection[str]) -> bool:
    """Return whether an open idea is owned by one of these."""
    owned = select(Idea.id).where(Idea.owner_id.in_(owners), Idea.status.in_(OPEN_STATUSES)).limit(1)
    return session.scalar(owned) is not None


def own_ideas(session: Session, author_id: str, limit: int) -> tuple[tuple[int, ...], int]:
    """Return somebody's newest ideas, and how many there are, without the withdrawn ones."""
    own = (Idea.author_id == author_id, Idea.status != Status.WITHDRAWN)
    newest = select(Idea.id).where(*own).order_by(Idea.created_at.desc(), Idea.id.desc()).limit(limit)
    total = session.scalar(select(func.count()).select_from(Idea).where(*own)) or 0
    return tuple(session.scalars(newest)), total


def most_wanted(session: Session, since: datetime, limit: int, blind_since: datetime | None = None) -> dict[int, int]:
    """Return the open ideas with the most votes since a moment, the first before the others, each with these votes.

    Those filed after `blind_since` are left out: to be among them would tell the count.
    """
    votes = func.count().label("votes")
    voted = select(Vote.idea_id, votes).where(voted_between(since)).group_by(Vote.idea_id)
    top = dict(session.execute(voted.order_by(votes.desc(), Vote.idea_id).limit(_LOOKED_THROUGH)).all())
    is_shown = true() if blind_since is None else Idea.created_at <= blind_since
    found = set(session.scalars(select(Idea.id).where(Idea.id.in_(top), Idea.status.in_(OPEN_STATUSES), is_shown)))
    return dict([(number, count) for number, count in top.items() if number in found][:limit])


def unvoted_ideas(
    session: Session, viewer_id: str, since: datetime, limit: int, without: Collection[int] = ()
) -> tuple[int, ...]:
    """Return the newest open ideas of others since a moment for which somebody has no vote that counts."""
    has_vote = select(Vote.idea_id).where(Vote.idea_id == Idea.id, Vote.user_id == viewer_id, Vote.counts)
    rows = (
        select(Idea.id)
        .where(
            Idea.created_at >= since,
            Idea.status.in_(OPEN_STATUSES),
            or_(Idea.author_id.is_(None), Idea.author_id != viewer_id),
            Idea.id.not_in(without),
            ~has_vote.exists(),
        )
        .order_by(Idea.created_at.desc(), Idea.id.desc())
        .limit(limit)
    )
    return tuple(session.scalars(rows))


def stages_to_choose(session: Session) -> tuple[tuple[str, str], ...]:
    """Return key and name of the stages on the list, in its order."""
    rows = session.execute(select(Stage.key, Stage.name).where(Stage.is_active).order_by(Stage.position, Stage.key))
    return tuple((row.key, row.name) for row in rows)


def _chosen(wanted: DeskFilter) -> list[ColumnElement[bool]]:
    conditions: list[Any] = []
    if _WAITING.issuperset(wanted.statuses):
        conditions.append(text(WAITS))
    if wanted.statuses:
        conditions.append(Idea.status.in_(wanted.statuses))
    if wanted.stages:
        conditions.append(or_(*map(_is_of_stage, wanted.stages)))
    if wanted.whose is not None:
        conditions.append(or_(Idea.owner_id.in_(wanted.whose.owners), Idea.stage.in_(wanted.whose.stages)))
    return conditions


def _is_of_stage(stage: str | None) -> ColumnElement[bool]:
    return Idea.stage.is_(None) if stage is None else Idea.stage == stage
