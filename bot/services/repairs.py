"""Reactions that were missed, or taken off unseen, put right from what Slack lists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from bot.payloads import Reaction
from bot.services.reactions import lock_messages, moment_of, put_reactions
from bot.services.votes import recount_card
from bot.vote_emoji import VoteEmoji
from db.models import Idea, OutboxMessage, Vote
from db.models import Reaction as ReactionRow
from db.types import OPEN_STATUSES, VOTABLE_STATUSES, MessageKind

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
    return _cards(session, now)


def _cards(session: Session, now: datetime, *conditions: ColumnElement[bool]) -> list[Card]:
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
        .where(OutboxMessage.message_ts.is_not(None), or_(Idea.status.in_(OPEN_STATUSES), recent), *conditions)
        .order_by(OutboxMessage.message_ts)
    )
    return [Card(idea_id, str(channel_id), str(message_ts)) for idea_id, channel_id, message_ts in rows]


def differs(session: Session, card: Card, listed: Reactions) -> bool:
    """Return whether the database has other reactions on a card than Slack lists."""
    stored = _stored(session, card)
    if stored.keys() != {emoji for emoji, reaction in listed.items() if reaction.count}:
        return True
    return any(_is_other(stored[emoji], reaction) for emoji, reaction in listed.items() if reaction.count)


@dataclass(frozen=True, slots=True)
class Repair:
    """How many rows were put right, and how many were too fresh to touch: they may be newer than the list."""

    repaired: int = 0
    left: int = 0


def repair_card(session: Session, card: Card, listed: Reactions, event_ts: int, emoji: VoteEmoji) -> Repair:
    """Make the stored reactions those that Slack lists, as of `event_ts`.

    A newer event wins. Where the list is shorter than its count, people are added, never removed.
    """
    lock_messages(session, [card.place])
    missed = list(_missed(_stored(session, card), card, listed, event_ts))
    repaired = len(put_reactions(session, missed))
    recount_card(session, card.idea_id, card.place, emoji, moment_of(event_ts))
    return Repair(repaired, len(missed) - repaired)


def _missed(stored: Mapping[str, frozenset[str]], card: Card, listed: Reactions, event_ts: int) -> Iterator[Reaction]:
    """Yield what must be put on or taken off for the stored reactions to be those listed."""
    for name in stored.keys() | listed.keys():
        here = listed.get(name, Listed(frozenset(), 0))
        known = stored.get(name, frozenset())
        gone = known - here.user_ids if here.is_complete else frozenset()
        for user_ids, is_active in ((here.user_ids - known, True), (gone, False)):
            for user_id in sorted(user_ids):
                yield Reaction(*card.place, user_id, name, event_ts, is_active)


def miscounted_cards(session: Session, now: datetime, emoji: VoteEmoji) -> list[Card]:
    """Return the cards whose votes by reaction are not the stored reactions, as after a change of the vote emoji."""
    names = list(
        filter(emoji.is_vote, session.scalars(select(ReactionRow.emoji).where(ReactionRow.is_active).distinct()))
    )
    standing = and_(
        ReactionRow.channel_id == OutboxMessage.channel_id,
        ReactionRow.message_ts == OutboxMessage.message_ts,
        ReactionRow.is_active,
        ReactionRow.emoji.in_(names),
    )
    counted = and_(Vote.idea_id == Idea.id, Vote.by_reaction)
    uncounted = exists().where(standing, ~exists().where(counted, Vote.user_id == ReactionRow.user_id))
    unfounded = exists().where(counted, ~exists().where(standing, ReactionRow.user_id == Vote.user_id))
    return _cards(session, now, Idea.status.in_(VOTABLE_STATUSES), or_(uncounted, unfounded))


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
