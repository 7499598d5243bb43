"""Reads for the weekly digest; what they cost depends on the week, not on the history."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, text, true, union
from sqlalchemy.orm import Session, aliased

from db.idea_queries import find_idea
from db.models import WAITS, DigestChannel, Idea, Stage, Vote
from db.queries import IdeaDetails, TopIdea, WeekNumbers
from db.types import VOTABLE_STATUSES, Status

Stages = Sequence[str] | None
"""The stages that a digest tells of, by key; None: all, and ideas under none."""


def week_numbers(session: Session, start: datetime, end: datetime, stages: Stages = None) -> WeekNumbers:
    """Return how many ideas and votes came, and from how many people, between two moments."""
    ideas = session.scalar(select(func.count()).select_from(Idea).where(_filed(start, end, stages)))
    votes = session.scalar(select(func.count()).select_from(Vote).where(_voted(start, end), _is_votable(stages)))
    authors = select(Idea.author_id).where(_filed(start, end, stages), Idea.author_id.is_not(None))
    people = union(authors, select(Vote.user_id).where(_voted(start, end), _is_votable(stages))).subquery()
    participants = session.scalar(select(func.count()).select_from(people))
    return WeekNumbers(ideas or 0, votes or 0, participants or 0)


def top_ideas_between(
    session: Session, start: datetime, end: datetime, limit: int, stages: Stages = None
) -> tuple[TopIdea, ...]:
    """Return the ideas that got the most votes between two moments, with their age at the second."""
    votes = func.count().label("votes_in_week")
    rows = session.execute(
        select(Vote.idea_id, votes)
        .join(Idea, Idea.id == Vote.idea_id)
        .where(_voted(start, end), Idea.status.in_(VOTABLE_STATUSES), _under(stages))
        .group_by(Vote.idea_id, Idea.votes)
        .order_by(votes.desc(), Idea.votes.desc(), Vote.idea_id)
        .limit(limit)
    ).all()
    found = [(find_idea(session, idea_id), number) for idea_id, number in rows]
    return tuple(TopIdea(idea, number, _age_days(idea, end)) for idea, number in found if idea)


def ideas_by_stage(
    session: Session, start: datetime, end: datetime, stages: Stages = None
) -> tuple[tuple[str | None, int], ...]:
    """Return how many ideas were filed under each stage between two moments, in the company's order; None: under none.

    Stages are named as they are called now.
    """
    rows = session.execute(
        select(Stage.name, func.count())
        .select_from(Idea)
        .outerjoin(Stage, Stage.key == Idea.stage)
        .where(_filed(start, end, stages))
        .group_by(Stage.key, Stage.name, Stage.position)
        .order_by(Stage.key.is_(None), Stage.position)
    )
    return tuple((name, count) for name, count in rows)


def first_time_authors(
    session: Session, start: datetime, end: datetime, stages: Stages = None
) -> tuple[str | None, ...]:
    """Return who filed their first idea ever between two moments, in that order; None: an author not named."""
    earlier = aliased(Idea)
    had_one = select(earlier.id).where(
        earlier.author_id == Idea.author_id, earlier.created_at < start, earlier.status != Status.WITHDRAWN
    )
    rows = session.execute(
        select(Idea.author_id)
        .where(_filed(start, end, stages), Idea.author_id.is_not(None), ~had_one.exists())
        .group_by(Idea.author_id)
        .order_by(func.min(Idea.id))
    )
    return tuple(rows.scalars())


def waiting_longest(session: Session, filed_before: datetime, stages: Stages = None) -> IdeaDetails | None:
    """Return the idea whose answer is due first, among those filed before a moment that have none."""
    waiting = select(Idea.id).where(text(WAITS), Idea.created_at < filed_before, _under(stages))
    idea_id = session.scalar(waiting.order_by(Idea.answer_due_at, Idea.id).limit(1))
    return find_idea(session, idea_id) if idea_id else None


def overdue(
    session: Session, due_before: datetime, limit: int, stages: Stages = None
) -> tuple[int, tuple[IdeaDetails, ...]]:
    """Return how many ideas still wait whose answer was due before a moment, and those that have waited longest."""
    is_late = (text(WAITS), Idea.answer_due_at < due_before, _under(stages))
    number = session.scalar(select(func.count()).select_from(Idea).where(*is_late)) or 0
    ids = session.scalars(select(Idea.id).where(*is_late).order_by(Idea.answer_due_at, Idea.id).limit(limit)).all()
    return number, tuple(idea for idea in (find_idea(session, idea_id) for idea_id in ids) if idea)


def stages_of_channel(session: Session, channel_id: str) -> dict[str, str] | None:
    """Return the stages that a channel's digest tells of, each with its name; None: all."""
    keys = session.scalar(select(DigestChannel.stages).where(DigestChannel.channel_id == channel_id))
    if keys is None:
        return None
    rows = session.execute(select(Stage.key, Stage.name).where(Stage.key.in_(keys)).order_by(Stage.position))
    return dict(rows.all())


def _filed(start: datetime, end: datetime, stages: Stages) -> ColumnElement[bool]:
    return and_(Idea.created_at >= start, Idea.created_at < end, Idea.status != Status.WITHDRAWN, _under(stages))


def _under(stages: Stages) -> ColumnElement[bool]:
    return true() if stages is None else Idea.stage.in_(stages)


def _voted(start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(Vote.counts, Vote.voted_at >= start, Vote.voted_at < end)


def _age_days(idea: IdeaDetails, end: datetime) -> int:
    return max(0, (end - idea.created_at).days)


def _is_votable(stages: Stages) -> ColumnElement[bool]:
    return Vote.idea_id.in_(select(Idea.id).where(Idea.status.in_(VOTABLE_STATUSES), _under(stages)))
