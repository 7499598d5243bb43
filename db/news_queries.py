"""Reads of what people are told: the changes that a message says, and where an idea's card stands."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.idea_queries import find_idea
from db.models import IdeaChange, News, OutboxMessage
from db.queries import ToldChange
from db.types import DeliveryState, MessageKind, NewsKind, Step


def told_changes(session: Session, key: str, kinds: Collection[NewsKind]) -> list[tuple[NewsKind, ToldChange]]:
    """Return what a message to a person says: of each idea the newest change, of the kinds that they want."""
    rows = session.execute(
        select(News.kind, IdeaChange)
        .join(IdeaChange, IdeaChange.id == News.change_id)
        .where(News.message_key == key, News.kind.in_(kinds))
        .order_by(IdeaChange.id)
    )
    newest = {change.idea_id: (NewsKind(kind), change) for kind, change in rows}
    return [(kind, _told(session, change)) for kind, change in newest.values()]


def told_change(session: Session, change_id: int) -> ToldChange:
    """Return one change as people are told of it."""
    return _told(session, session.get_one(IdeaChange, change_id))


def is_card_gone(session: Session, idea_id: int) -> bool:
    """Return whether an idea's card stands nowhere and never will: taken down, given up, or never to be posted."""
    of_idea = (OutboxMessage.idea_id == idea_id, OutboxMessage.kind == MessageKind.CARD)
    card = session.scalar(select(OutboxMessage).where(*of_idea))
    if card is None or card.state == DeliveryState.DEAD:
        return True
    return card.message_ts is None and card.wanted_revision <= card.shown_revision


def _told(session: Session, change: IdeaChange) -> ToldChange:
    idea = find_idea(session, change.idea_id)
    if idea is None:
        raise LookupError(change.idea_id)
    into = find_idea(session, int(change.detail["into"])) if "into" in change.detail else None
    ends = (change.before, change.after)
    return ToldChange(idea, Step(change.step), *ends, change.actor_id, change.text, change.detail, into)
