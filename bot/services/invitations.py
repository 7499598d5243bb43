"""The second idea: people whose idea shipped, or was declined again, are asked once for their next one."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from bot import outbox
from db.models import Idea, IdeaChange, Invitation, Person
from db.session import upsert
from db.types import Occasion, Standing, Status, Step

AFTER_SHIPPING = timedelta(days=45)
_NOT_AFTER = timedelta(days=75)
"""Whoever was not asked by then, because the bot was away, is not asked out of the blue."""

_DECLINES = 2
_Newer = aliased(Idea)


def invite(session: Session, now: datetime) -> int:
    """Have those asked for their next idea whose time has come; return how many people."""
    shipped = session.scalars(_shipped_long_ago(now)).all()
    declined = session.scalars(_declined_again()).all()
    return sum(
        _ask(session, user_id, occasion, now)
        for occasion, people in ((Occasion.SHIPPED, shipped), (Occasion.DECLINED, declined))
        for user_id in sorted({author_id for author_id in people if author_id})
    )


def shipped_idea(session: Session, author_id: str) -> int | None:
    """Return the number of the idea of this author's that shipped last."""
    shipped = select(Idea.id).where(Idea.author_id == author_id, Idea.status == Status.SHIPPED)
    return session.scalar(shipped.order_by(Idea.settled_at.desc(), Idea.id.desc()).limit(1))


def mentor_for(session: Session, user_id: str) -> str | None:
    """Return somebody whose ideas shipped: in the stage of the person's newest declined idea, if there is one."""
    newest = select(Idea.stage).where(Idea.author_id == user_id, Idea.status == Status.DECLINED)
    stage = session.scalar(newest.order_by(Idea.settled_at.desc(), Idea.id.desc()).limit(1))
    mentors = (
        select(Idea.author_id)
        .join(Person, Person.user_id == Idea.author_id)
        .where(Idea.status == Status.SHIPPED, Idea.author_id != user_id, Person.standing == Standing.MEMBER)
        .group_by(Idea.author_id)
        .order_by(func.count().desc(), Idea.author_id)
        .limit(1)
    )
    in_stage = session.scalar(mentors.where(Idea.stage == stage)) if stage else None
    return in_stage or session.scalar(mentors)


def _ask(session: Session, user_id: str, occasion: Occasion, now: datetime) -> bool:
    row = {"user_id": user_id, "occasion": occasion, "asked_at": now}
    is_first = session.connection().execute(upsert(session, Invitation, row).on_conflict_do_nothing()).rowcount
    if is_first:
        letter = {f"next_idea:{user_id}:{occasion}": user_id}
        outbox.enqueue_letters(session, letter, now, view="next_idea", occasion=occasion)
    return bool(is_first)


def _shipped_long_ago(now: datetime) -> Select[str | None]:
    """Select the authors of ideas that shipped long enough ago, who have filed none since and were not asked."""
    shipped = (IdeaChange.step == Step.STATUS, IdeaChange.after == Status.SHIPPED)
    then = IdeaChange.at.between(now - _NOT_AFTER, now - AFTER_SHIPPING)
    filed_since = select(_Newer.id).where(_Newer.author_id == Idea.author_id, _Newer.created_at > IdeaChange.at)
    found = select(Idea.author_id).join(IdeaChange, IdeaChange.idea_id == Idea.id).where(*shipped, then)
    return found.where(Idea.author_id.is_not(None), ~filed_since.exists(), ~_asked(Occasion.SHIPPED))


def _declined_again() -> Select[str | None]:
    declined = select(Idea.author_id).where(Idea.author_id.is_not(None), Idea.status == Status.DECLINED)
    again = declined.where(~_asked(Occasion.DECLINED)).group_by(Idea.author_id)
    return again.having(func.count() >= _DECLINES)


def _asked(occasion: Occasion) -> ColumnElement[bool]:
    return (
        select(Invitation.user_id).where(Invitation.user_id == Idea.author_id, Invitation.occasion == occasion).exists()
    )
