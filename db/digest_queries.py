"""Reads for the weekly digest; what they cost depends on the week, not on the history."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, union
from sqlalchemy.orm import Session, aliased

from db.idea_queries import find_idea
from db.models import Idea, Vote
from db.queries import IdeaDetails, TopIdea, WeekNumbers
from db.types import VOTABLE_STATUSES, Status

_WAITING = (Status.NEW, Status.UNDER_REVIEW)


def week_numbers(session: Session, start: datetime, end: datetime) -> WeekNumbers:
    """Return how many ideas and votes came, and from how many people, between two moments."""
    ideas = session.scalar(select(func.count()).select_from(Idea).where(_filed(start, end)))
    votes = session.scalar(select(func.count()).select_from(Vote).where(_voted(start, end), _is_votable()))
    authors = select(Idea.author_id).where(_filed(start, end), Idea.author_id.is_not(None))
    people = union(authors, select(Vote.user_id).where(_voted(start, end), _is_votable())).subquery()
    participants = session.scalar(select(func.count()).select_from(people))
    return WeekNumbers(ideas or 0, votes or 0, participants or 0)


def top_ideas_between(session: Session, start: datetime, end: datetime, limit: int) -> tuple[TopIdea, ...]:
    """Return the ideas that got the most votes between two moments, with their age at the second."""
    votes = func.count().label("votes_in_week")
    rows = session.execute(
        select(Vote.idea_id, votes)
        .join(Idea, Idea.id == Vote.idea_id)
        .where(_voted(start, end), Idea.status.in_(VOTABLE_STATUSES))
        .group_by(Vote.idea_id, Idea.votes)
        .order_by(votes.desc(), Idea.votes.desc(), Vote.idea_id)
        .limit(limit)
    ).all()
    found = [(find_idea(session, idea_id), number) for idea_id, number in rows]
    return tuple(TopIdea(idea, number, _age_days(idea, end)) for idea, number in found if idea)


def ideas_by_stage(session: Session, start: datetime, end: datetime) -> dict[str | None, int]:
    """Return how many ideas were filed under each stage between two moments; None: under none."""
    rows = session.execute(select(Idea.stage, func.count()).where(_filed(start, end)).group_by(Idea.stage))
    return dict(rows.all())


def first_time_authors(session: Session, start: datetime, end: datetime) -> tuple[str | None, ...]:
    """Return who filed their first idea ever between two moments, in that order; None: an author not named."""
    earlier = aliased(Idea)
    had_one = select(earlier.id).where(
        earlier.author_id == Idea.author_id, earlier.created_at < start, earlier.status != Status.WITHDRAWN
    )
    rows = session.execute(
        select(Idea.author_id)
        .where(_filed(start, end), Idea.author_id.is_not(None), ~had_one.exists())
        .group_by(Idea.author_id)
        .order_by(func.min(Idea.id))
    )
    return tuple(rows.scalars())


def waiting_longest(session: Session, filed_before: datetime) -> IdeaDetails | None:
    """Return the idea whose answer is due first, among those filed before a moment that have none."""
    waiting = select(Idea.id).where(
        Idea.status.in_(_WAITING), Idea.answered_at.is_(None), Idea.created_at < filed_before
    )
    idea_id = session.scalar(waiting.order_by(Idea.answer_due_at, Idea.id).limit(1))
    return find_idea(session, idea_id) if idea_id else None


def _filed(start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(Idea.created_at >= start, Idea.created_at < end, Idea.status != Status.WITHDRAWN)


def _voted(start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(Vote.counts, Vote.voted_at >= start, Vote.voted_at < end)


def _age_days(idea: IdeaDetails, end: datetime) -> int:
    return max(0, (end - idea.created_at).days)


def _is_votable() -> ColumnElement[bool]:
    return Vote.idea_id.in_(select(Idea.id).where(Idea.status.in_(VOTABLE_STATUSES)))
