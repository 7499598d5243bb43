"""Votes: a set of people for each idea, never a count of events.

A person supports an idea while a vote reaction of theirs stands on its card, or their vote by button. The row in
`votes` says what stands and whether it counts; the tally on the idea changes with that row, in the same transaction.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bot.ids import Note
from bot.outbox import card_key
from bot.services.reactions import lock_messages, moment_of
from bot.services.support import (
    Change,
    Place,
    Support,
    VotedIdea,
    hold_people,
    hold_people_who,
    lock_idea,
    meet_people,
    read_supports,
    settle,
    standings_in,
)
from bot.vote_emoji import VoteEmoji
from db.models import OutboxMessage, Person, Vote
from db.models import Reaction as ReactionRow
from db.types import Standing


@dataclass(frozen=True, slots=True)
class VoteAnswer:
    """What became of a press on a vote button; `reactions` still stand on the card."""

    note: Note
    reactions: tuple[str, ...] = ()


def cast_vote(session: Session, idea_id: int, user_id: str, now: datetime) -> VoteAnswer:
    """Record a vote by button; the answer says whether it counts, and why not."""
    support = _lock_support(session, idea_id, user_id)
    if not support.idea.is_open:
        return VoteAnswer(Note.IDEA_CLOSED)
    if support.idea.author_id == user_id:
        return VoteAnswer(Note.OWN_IDEA)
    if not support.is_entitled:
        return VoteAnswer(Note.NO_VOTE)
    settle(session, [Change(support, now, by_button=True)])
    return VoteAnswer(Note.VOTE_COUNTED)


def take_vote_back(session: Session, idea_id: int, user_id: str, emoji: VoteEmoji, now: datetime) -> VoteAnswer:
    """Take a vote by button back; a reaction that stands keeps the vote, and the answer names it."""
    support = _lock_support(session, idea_id, user_id)
    if not support.idea.is_open:
        return VoteAnswer(Note.IDEA_CLOSED)
    settle(session, [Change(support, now, by_button=False)])
    if not support.by_reaction:
        return VoteAnswer(Note.VOTE_TAKEN_BACK)
    return VoteAnswer(Note.REACTION_STANDS, _standing_reactions(session, idea_id, user_id, emoji))


def join_votes(session: Session, idea_id: int, target_id: int, now: datetime) -> None:
    """Let everyone who supports an idea support another one, as if by the button there; its reactions stay its own.

    The caller has held its voters, and locked it: here, with ideas locked, nobody is waited for. Of somebody who voted
    in between, what they are is read as it is.
    """
    target = lock_idea(session, target_id)
    voters = select(Vote.user_id).where(Vote.idea_id == idea_id, Vote.counts)
    people = select(Person.user_id, Person.standing).where(Person.user_id.in_(voters))
    standings = standings_in(session.execute(people))
    supports = read_supports(session, ((target, user_id) for user_id in sorted(standings)), standings)
    settle(session, (Change(support, now, by_button=True) for support in supports))


def hold_voters(session: Session, idea_id: int) -> None:
    """Hold what those are whose votes for an idea count, until the end of the transaction."""
    voters = select(Vote.user_id).where(Vote.idea_id == idea_id, Vote.counts)
    hold_people_who(session, Person.user_id.in_(voters))


def recount_card(session: Session, idea_id: int, place: Place, emoji: VoteEmoji, now: datetime) -> bool:
    """Make the votes by reaction those that stand on the card at (channel, ts); tell whether a tally changed.

    Called when a card's place becomes known, since reactions may have come before, and after a repair.
    """
    idea, standings = lock_card(session, idea_id, place, emoji)
    supports = read_supports(session, ((idea, user_id) for user_id in standings), standings)
    since = _voters_on(session, place, emoji)  # After the lock: who votes meanwhile waits for it, or is seen.
    changes = (
        Change(support, since.get(support.user_id, now), by_reaction=support.user_id in since) for support in supports
    )
    return settle(session, changes)


def resettle_people(session: Session, user_ids: Collection[str], now: datetime) -> None:
    """Let people's votes count, or not, by what the workspace now says they are."""
    standings = hold_people_who(session, Person.user_id.in_(user_ids))
    votes = select(Vote.idea_id, Vote.user_id).where(Vote.user_id.in_(user_ids)).order_by(Vote.idea_id, Vote.user_id)
    for idea_id, rows in groupby(session.execute(votes).all(), attrgetter("idea_id")):
        idea = lock_idea(session, idea_id)
        supports = read_supports(session, ((idea, row.user_id) for row in rows), standings)
        settle(session, (Change(support, now) for support in supports))


def settle_misjudged(session: Session, now: datetime) -> None:
    """Put right what counts although its person has no vote: a vote may cross with news of what its person is."""
    voteless = [standing for standing in Standing if not standing.may_vote]
    has_vote = select(Vote.idea_id).where(Vote.user_id == Person.user_id, Vote.counts).exists()
    misjudged = session.scalars(select(Person.user_id).where(Person.standing.in_(voteless), has_vote)).all()
    resettle_people(session, misjudged, now)


def lock_card(
    session: Session, idea_id: int, place: Place, emoji: VoteEmoji
) -> tuple[VotedIdea, Mapping[str, Standing]]:
    """Let one transaction at a time count a card's reactions; return what those are who reacted, now or before."""
    channel_id, message_ts = place
    lock_messages(session, [place])
    meet_people(session, _voters_on(session, place, emoji))
    here = and_(ReactionRow.channel_id == channel_id, ReactionRow.message_ts == message_ts)
    reacted = select(ReactionRow.user_id).where(here)
    counted = select(Vote.user_id).where(Vote.idea_id == idea_id, Vote.by_reaction)
    standings = hold_people_who(session, or_(Person.user_id.in_(reacted), Person.user_id.in_(counted)))
    return lock_idea(session, idea_id), standings


def _lock_support(session: Session, idea_id: int, user_id: str) -> Support:
    standings = hold_people(session, [user_id])
    (support,) = read_supports(session, [(lock_idea(session, idea_id), user_id)], standings)
    return support


def _voters_on(session: Session, place: Place, emoji: VoteEmoji) -> dict[str, datetime]:
    """Return since when each person's vote reaction stands on a message."""
    channel_id, message_ts = place
    rows = session.execute(
        select(ReactionRow.user_id, ReactionRow.emoji, ReactionRow.event_ts)
        .where(ReactionRow.channel_id == channel_id, ReactionRow.message_ts == message_ts, ReactionRow.is_active)
        .order_by(ReactionRow.event_ts.desc())
    )
    return {user_id: moment_of(event_ts) for user_id, name, event_ts in rows if emoji.is_vote(name)}


def _standing_reactions(session: Session, idea_id: int, user_id: str, emoji: VoteEmoji) -> tuple[str, ...]:
    names = session.scalars(
        select(ReactionRow.emoji)
        .join(
            OutboxMessage,
            and_(
                OutboxMessage.channel_id == ReactionRow.channel_id, OutboxMessage.message_ts == ReactionRow.message_ts
            ),
        )
        .where(OutboxMessage.key == card_key(idea_id), ReactionRow.user_id == user_id, ReactionRow.is_active)
    ).all()
    return tuple(sorted(filter(emoji.is_vote, names)))
