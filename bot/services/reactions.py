"""Reactions as Slack names them, and the votes that they are: many at once, since they come in crowds."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from bot.payloads import Reaction
from bot.services.support import Change, Place, hold_people, lock_ideas_of_cards, read_supports, settle
from bot.vote_emoji import VoteEmoji
from db.models import Reaction as ReactionRow
from db.session import DIALECTS, insert_for

_Where = tuple[Place, str]
"""A message, and somebody who reacted to it."""

_SLOT = ("channel_id", "message_ts", "user_id", "emoji")
_COLUMNS = [column.name for column in fields(Reaction)]


def _newest_wins(dialect: str) -> Any:
    statement = insert_for(dialect, ReactionRow)
    return statement.on_conflict_do_update(
        index_elements=_SLOT,
        set_={"is_active": statement.excluded.is_active, "event_ts": statement.excluded.event_ts},
        where=ReactionRow.event_ts < statement.excluded.event_ts,
    ).returning(*(getattr(ReactionRow, name) for name in _SLOT))


_PUT_REACTIONS = {dialect: _newest_wins(dialect) for dialect in DIALECTS}
_STANDING = select(ReactionRow.channel_id, ReactionRow.message_ts, ReactionRow.user_id, ReactionRow.emoji).where(
    ReactionRow.channel_id.in_(bindparam("channel_ids", expanding=True)),
    ReactionRow.message_ts.in_(bindparam("stamps", expanding=True)),
    ReactionRow.user_id.in_(bindparam("user_ids", expanding=True)),
    ReactionRow.is_active,
)
_LOCK_MESSAGES = text(
    "SELECT pg_advisory_xact_lock(place) FROM"
    " (SELECT DISTINCT hashtextextended(name, 0) AS place FROM unnest(CAST(:names AS text[])) AS name ORDER BY place)"
    " AS places"
)


def record_reactions(session: Session, reactions: Collection[Reaction], emoji: VoteEmoji) -> bool:
    """Set people's reactions on messages; tell whether a tally changed.

    Slack may deliver twice or out of order, so the newest `event_ts` wins: delivered again, a reaction is no news.
    """
    lock_messages(session, {reaction.place for reaction in reactions})
    votes = [reaction for reaction in put_reactions(session, reactions) if emoji.is_vote(reaction.emoji)]
    return bool(votes) and _settle_reactions(session, votes, emoji)


def _settle_reactions(session: Session, reactions: Collection[Reaction], emoji: VoteEmoji) -> bool:
    """Let votes be what stands now where these people reacted; a place that is no card yet is counted when it is."""
    standings = hold_people(session, {reaction.user_id for reaction in reactions})
    ideas = lock_ideas_of_cards(session, {reaction.place for reaction in reactions})
    latest = {
        (reaction.place, reaction.user_id): reaction
        for reaction in sorted(reactions, key=lambda each: each.event_ts)
        if reaction.place in ideas
    }
    standing = _standing(session, latest, emoji)
    supports = read_supports(session, ((ideas[place], user_id) for place, user_id in latest), standings)
    changes = (
        Change(support, moment_of(reaction.event_ts), by_reaction=where in standing)
        for support, (where, reaction) in zip(supports, latest.items(), strict=True)
    )
    return settle(session, changes)


def _standing(session: Session, latest: Mapping[_Where, Reaction], emoji: VoteEmoji) -> set[_Where]:
    """Return where a vote reaction stands; one that was just put on does, after one taken off others may."""
    standing = {where for where, reaction in latest.items() if reaction.is_active}
    asked = [latest[where] for where in latest.keys() - standing]
    named = {
        "channel_ids": list({reaction.channel_id for reaction in asked}),
        "stamps": list({reaction.message_ts for reaction in asked}),
        "user_ids": list({reaction.user_id for reaction in asked}),
    }
    rows = session.connection().execute(_STANDING, named) if asked else ()
    return standing | {((channel_id, ts), user_id) for channel_id, ts, user_id, name in rows if emoji.is_vote(name)}


def put_reactions(session: Session, reactions: Iterable[Reaction]) -> list[Reaction]:
    """Store reactions without counting; return those that were newer than what was stored."""
    newest = dict[Any, Reaction]()
    for reaction in sorted(reactions, key=lambda each: each.event_ts, reverse=True):
        newest.setdefault(tuple(getattr(reaction, name) for name in _SLOT), reaction)
    if not newest:
        return []
    rows = [{name: getattr(reaction, name) for name in _COLUMNS} for reaction in newest.values()]
    stored = session.connection().execute(_PUT_REACTIONS[session.get_bind().dialect.name], rows)
    return [newest[tuple(slot)] for slot in stored]


def lock_messages(session: Session, places: Iterable[Place]) -> None:
    """Let one transaction at a time look at these messages' reactions; SQLite's write lock does that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(_LOCK_MESSAGES, {"names": ["/".join(place) for place in places]})


def moment_of(event_ts: int) -> datetime:
    """Return the time of an event's microseconds."""
    return datetime.fromtimestamp(event_ts / 1_000_000, UTC)
