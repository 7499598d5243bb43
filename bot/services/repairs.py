"""Reactions that were missed, or taken off unseen, put right from what Slack lists."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bot.payloads import Reaction
from bot.services.votes import lock_message, moment_of, put_reaction, recount_card
from bot.vote_emoji import VoteEmoji
from db.models import Idea, OutboxMessage
from db.models import Reaction as ReactionRow
from db.types import OPEN_STATUSES, MessageKind

RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Card:
    """Where an idea's card stands."""

    idea_id: int
    channel_id: str
    message_ts: str

    @property
    def place(self) -> tuple[str, str]:
        """Channel and time stamp."""
        return self.channel_id, self.message_ts


@dataclass(frozen=True, slots=True)
class Listed:
    """Who put an emoji on a message, as Slack lists it; `count` may be more than the people named."""

    user_ids: frozenset[str]
    count: int

    @property
    def is_complete(self) -> bool:
        """Whether everybody is named."""
        return len(self.user_ids) >= self.count


Reactions = dict[str, Listed]


def cards_to_compare(session: Session, now: datetime) -> list[Card]:
    """Return the cards of ideas that are open or had a reaction in the last 30 days, the oldest first."""
    since = int((now - RECENT).timestamp() * 1_000_000)
    recent = (
        select(ReactionRow.message_ts)
        .where(
            ReactionRow.channel_id == OutboxMessage.channel_id,
            ReactionRow.message_ts == OutboxMessage.message_ts,
            ReactionRow.event_ts >= since,
        )
        .exists()
    )
    rows = session.execute(
        select(Idea.id, OutboxMessage.channel_id, OutboxMessage.message_ts)
        .join(OutboxMessage, and_(OutboxMessage.idea_id == Idea.id, OutboxMessage.kind == MessageKind.CARD))
        .where(OutboxMessage.message_ts.is_not(None), or_(Idea.status.in_(OPEN_STATUSES), recent))
        .order_by(OutboxMessage.message_ts)
    )
    return [Card(idea_id, str(channel_id), str(message_ts)) for idea_id, channel_id, message_ts in rows]


def differs(session: Session, card: Card, listed: Reactions) -> bool:
    """Return whether the database has other reactions on a card than Slack lists."""
    stored = _stored(session, card)
    if stored.keys() != {emoji for emoji, reaction in listed.items() if reaction.count}:
        return True
    return any(_is_other(stored[emoji], reaction) for emoji, reaction in listed.items() if reaction.count)


def repair_card(session: Session, card: Card, listed: Reactions, event_ts: int, emoji: VoteEmoji) -> int:
    """Make the stored reactions those that Slack lists, as of `event_ts`; return how many rows were repaired.

    A newer event wins. Where the list is shorter than its count, people are added, never removed.
    """
    lock_message(session, *card.place)
    stored = _stored(session, card)
    repaired = 0
    for name in stored.keys() | listed.keys():
        here = listed.get(name, Listed(frozenset(), 0))
        known = stored.get(name, frozenset())
        gone = known - here.user_ids if here.is_complete else frozenset()
        for user_ids, is_active in ((here.user_ids - known, True), (gone, False)):
            for user_id in sorted(user_ids):
                reaction = Reaction(*card.place, user_id, name, event_ts)
                repaired += put_reaction(session, reaction, is_active=is_active)
    recount_card(session, card.idea_id, card.place, emoji, moment_of(event_ts))
    return repaired


def _stored(session: Session, card: Card) -> dict[str, frozenset[str]]:
    rows = session.execute(
        select(ReactionRow.emoji, ReactionRow.user_id).where(
            ReactionRow.channel_id == card.channel_id, ReactionRow.message_ts == card.message_ts, ReactionRow.is_active
        )
    )
    stored: dict[str, set[str]] = {}
    for name, user_id in rows:
        stored.setdefault(name, set()).add(user_id)
    return {name: frozenset(user_ids) for name, user_ids in stored.items()}


def _is_other(known: frozenset[str], listed: Listed) -> bool:
    if listed.is_complete:
        return known != listed.user_ids
    return len(known) != listed.count or not listed.user_ids <= known
