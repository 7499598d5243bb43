"""Reactions as Slack names them, and the votes that they are: many at once, since they come in crowds."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, bindparam, func, select
from sqlalchemy.orm import Session

from bot.payloads import Reaction
from bot.services.support import Change, Place, hold_people, lock_ideas, read_supports, settle
from bot.vote_emoji import VoteEmoji
from db.driver import Statement, given, is_given
from db.models import OutboxMessage
from db.models import Reaction as ReactionRow
from db.session import DIALECTS, insert_for
from db.types import MessageKind

_Where = tuple[Place, str]
"""A message, and somebody who reacted to it."""

SLOT = (ReactionRow.channel_id, ReactionRow.message_ts, ReactionRow.user_id, ReactionRow.emoji)
_COLUMNS = [column.name for column in fields(Reaction)]
IS_CARD = (OutboxMessage.kind == MessageKind.CARD, *is_given(OutboxMessage.channel_id, OutboxMessage.message_ts))
_CARD_AT = Statement(select(OutboxMessage.channel_id, OutboxMessage.message_ts, OutboxMessage.idea_id).where(*IS_CARD))


def newest_wins(dialect: str) -> Any:
    """Return the statement that puts a reaction, unless what is stored is as new; it returns what was put."""
    row = given(*(getattr(ReactionRow, name) for name in _COLUMNS))
    statement = insert_for(dialect, ReactionRow).from_select(_COLUMNS, row)
    return statement.on_conflict_do_update(
        index_elements=SLOT,
        set_={"is_active": statement.excluded.is_active, "event_ts": statement.excluded.event_ts},
        where=ReactionRow.event_ts < statement.excluded.event_ts,
    ).returning(*SLOT)


_PUT_REACTION = Statement({dialect: newest_wins(dialect) for dialect in DIALECTS})
_STANDING = Statement(select(*SLOT).where(*is_given(*SLOT[:-1]), ReactionRow.is_active))
_LOCK_MESSAGE = Statement(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=String), 0))))


def record_reactions(session: Session, reactions: Collection[Reaction], emoji: VoteEmoji) -> bool:
    """Set people's reactions on messages; tell whether a tally changed.

    Slack may deliver twice or out of order, so the newest `event_ts` wins: delivered again, a reaction is no news.
    """
    cards = _cards(session, {reaction.place for reaction in reactions if emoji.is_vote(reaction.emoji)})
    stored = put_reactions(session, reactions)
    votes = [reaction for reaction in stored if reaction.place in cards and emoji.is_vote(reaction.emoji)]
    return bool(votes) and _settle_reactions(session, votes, cards, emoji)


def _cards(session: Session, places: Collection[Place]) -> dict[Place, int]:
    """Return of which ideas the cards stand at these places.

    Where none is known to stand, one may just have been posted: whoever writes that down counts what was put there
    before, and of the two of us the second sees what the first has done.
    """
    cards = _cards_at(session, places)
    if unknown := set(places) - cards.keys():
        lock_messages(session, unknown)
        cards |= _cards_at(session, unknown)
    return cards


def _cards_at(session: Session, places: Iterable[Place]) -> dict[Place, int]:
    rows = _CARD_AT.run_each(session, ({"channel_id": channel_id, "message_ts": ts} for channel_id, ts in places))
    return {(channel_id, ts): idea_id for channel_id, ts, idea_id in rows}


def _settle_reactions(
    session: Session, reactions: Collection[Reaction], cards: Mapping[Place, int], emoji: VoteEmoji
) -> bool:
    """Let votes be what stands now where these people reacted."""
    standings = hold_people(session, {reaction.user_id for reaction in reactions})
    ideas = lock_ideas(session, {cards[reaction.place] for reaction in reactions})
    latest = {
        (reaction.place, reaction.user_id): reaction for reaction in sorted(reactions, key=lambda each: each.event_ts)
    }
    standing = _standing(session, latest, emoji)
    supports = read_supports(session, ((ideas[cards[place]], user_id) for place, user_id in latest), standings)
    changes = (
        Change(support, moment_of(reaction.event_ts), by_reaction=where in standing)
        for support, (where, reaction) in zip(supports, latest.items(), strict=True)
    )
    return settle(session, changes)


def _standing(session: Session, latest: Mapping[_Where, Reaction], emoji: VoteEmoji) -> set[_Where]:
    """Return where a vote reaction stands; one that was just put on does, after one taken off others may."""
    standing = {where for where, reaction in latest.items() if reaction.is_active}
    asked = [row_of(latest[where]) for where in latest.keys() - standing]
    rows = _STANDING.run_each(session, asked)
    return standing | {((channel_id, ts), user_id) for channel_id, ts, user_id, name in rows if emoji.is_vote(name)}


def put_reactions(session: Session, reactions: Iterable[Reaction]) -> list[Reaction]:
    """Store reactions without counting; return those that were newer than what was stored."""
    newest = dict[tuple[str, ...], Reaction]()
    for reaction in sorted(reactions, key=lambda each: each.event_ts, reverse=True):
        newest.setdefault((*reaction.place, reaction.user_id, reaction.emoji), reaction)
    rows = (row_of(newest[slot]) for slot in sorted(newest))  # Always in the same order, so that no two wait crosswise.
    return [newest[slot] for slot in _PUT_REACTION.run_each(session, rows)]


def row_of(reaction: Reaction) -> dict[str, Any]:
    """Return a reaction as it is stored."""
    return {name: getattr(reaction, name) for name in _COLUMNS}


def lock_messages(session: Session, places: Iterable[Place]) -> None:
    """Let one transaction at a time find out whether these messages are cards, and count or repair what stands there.

    Votes on a card that is known to stand wait for the idea alone. SQLite's write lock does both already.
    """
    if session.get_bind().dialect.name == "postgresql":
        for place in sorted(places):  # One by one, always in this order.
            _LOCK_MESSAGE.run_each(session, [{"name": "/".join(place)}])


def moment_of(event_ts: int) -> datetime:
    """Return the time of an event's microseconds."""
    return datetime.fromtimestamp(event_ts / 1_000_000, UTC)
