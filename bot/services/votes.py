"""Votes: a set of people for each idea, never a count of events.

A person supports an idea while a vote reaction of theirs stands on its card, or their vote by button. The row in
`votes` says what stands and whether it counts; the tally on the idea changes with that row, in the same transaction.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, text, update
from sqlalchemy.orm import Session

from bot.errors import IdeaNotFound
from bot.ids import Note
from bot.outbox import card_key, enqueue_card_refresh
from bot.payloads import Reaction
from bot.vote_emoji import VoteEmoji
from db.models import Idea, OutboxMessage, Person, Vote
from db.models import Reaction as ReactionRow
from db.queries import idea_key
from db.session import insert_for
from db.types import VOTABLE_STATUSES, MessageKind, Standing

_DIALECTS = ("sqlite", "postgresql")


def _newest_wins(dialect: str) -> Any:
    statement = insert_for(dialect, ReactionRow).values(
        {name: bindparam(name) for name in ("channel_id", "message_ts", "user_id", "emoji", "is_active", "event_ts")}
    )
    return statement.on_conflict_do_update(
        index_elements=["channel_id", "message_ts", "user_id", "emoji"],
        set_={"is_active": statement.excluded.is_active, "event_ts": statement.excluded.event_ts},
        where=ReactionRow.event_ts < statement.excluded.event_ts,
    )


def _set_vote(dialect: str) -> Any:
    statement = insert_for(dialect, Vote).values(
        {name: bindparam(name) for name in ("idea_id", "user_id", "by_button", "by_reaction", "counts", "voted_at")}
    )
    return statement.on_conflict_do_update(
        index_elements=["idea_id", "user_id"],
        set_={name: statement.excluded[name] for name in ("by_button", "by_reaction", "counts", "voted_at")},
    )


def _meet_person(dialect: str) -> Any:
    return insert_for(dialect, Person).values(user_id=bindparam("user_id"), standing="unknown").on_conflict_do_nothing()


_PUT_REACTION = {dialect: _newest_wins(dialect) for dialect in _DIALECTS}
_SET_VOTE = {dialect: _set_vote(dialect) for dialect in _DIALECTS}
_MEET_PERSON = {dialect: _meet_person(dialect) for dialect in _DIALECTS}
_STANDING_EMOJI = select(ReactionRow.emoji).where(
    ReactionRow.channel_id == bindparam("channel_id"),
    ReactionRow.message_ts == bindparam("message_ts"),
    ReactionRow.user_id == bindparam("user_id"),
    ReactionRow.is_active,
)
_LOCK_MESSAGE = text("SELECT pg_advisory_xact_lock(hashtextextended(:place, 0))")
_STANDING_OF_PERSON = select(Person.standing).where(Person.user_id == bindparam("user_id")).with_for_update(read=True)
_LOCK_IDEA = select(Idea.id).where(Idea.id == bindparam("number")).with_for_update()
_LOCK_IDEA_OF_CARD = (
    select(Idea.id)
    .join(OutboxMessage, OutboxMessage.idea_id == Idea.id)
    .where(
        OutboxMessage.kind == MessageKind.CARD,
        OutboxMessage.channel_id == bindparam("channel_id"),
        OutboxMessage.message_ts == bindparam("message_ts"),
    )
    .with_for_update(of=Idea)
)
_SUPPORT = (
    select(Idea.author_id, Idea.status, Vote.by_button, Vote.by_reaction, Vote.counts, Vote.voted_at)
    .outerjoin(Vote, and_(Vote.idea_id == Idea.id, Vote.user_id == bindparam("user_id")))
    .where(Idea.id == bindparam("number"))
)
_VOTES_OF_IDEA = select(Vote.user_id, Vote.by_button, Vote.by_reaction, Vote.counts, Vote.voted_at).where(
    Vote.idea_id == bindparam("number")
)
_ADD_TO_TALLY = (
    update(Idea)
    .where(Idea.id == bindparam("number"))
    .values(votes=Idea.votes + bindparam("difference"))
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class _Support:
    """One person's support of one idea as stored, and what decides whether it counts."""

    idea_id: int
    user_id: str
    author_id: str | None
    status: str
    standing: Standing
    by_button: bool
    by_reaction: bool
    counts: bool
    voted_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether the idea takes votes."""
        return self.status in VOTABLE_STATUSES

    @property
    def is_entitled(self) -> bool:
        """Whether a vote of this person on this idea would count."""
        return self.user_id != self.author_id and self.standing.may_vote


@dataclass(frozen=True, slots=True)
class VoteAnswer:
    """What became of a press on a vote button; `reactions` still stand on the card."""

    note: Note
    reactions: tuple[str, ...] = ()


def record_reaction(session: Session, reaction: Reaction, emoji: VoteEmoji, *, is_active: bool) -> bool:
    """Set one person's reaction on a message; tell whether a tally changed.

    Slack may deliver twice or out of order, so the newest `event_ts` wins.
    """
    lock_message(session, reaction.channel_id, reaction.message_ts)
    if not put_reaction(session, reaction, is_active=is_active) or not emoji.is_vote(reaction.emoji):
        return False
    place = {"channel_id": reaction.channel_id, "message_ts": reaction.message_ts, "user_id": reaction.user_id}
    standing = _hold_person(session, reaction.user_id)
    idea_id = session.connection().execute(_LOCK_IDEA_OF_CARD, place).scalar()
    if idea_id is None:
        return False  # Not a card, or one whose place is not known yet: it is counted when it is.
    support = _support(session, idea_id, reaction.user_id, standing)
    names = session.connection().execute(_STANDING_EMOJI, place).scalars()
    return _settle(session, support, moment_of(reaction.event_ts), by_reaction=any(map(emoji.is_vote, names)))


def cast_vote(session: Session, idea_id: int, user_id: str, now: datetime) -> VoteAnswer:
    """Record a vote by button; the answer says whether it counts, and why not."""
    support = _lock_support(session, idea_id, user_id)
    if not support.is_open:
        return VoteAnswer(Note.IDEA_CLOSED)
    if support.author_id == user_id:
        return VoteAnswer(Note.OWN_IDEA)
    if not support.is_entitled:
        return VoteAnswer(Note.NO_VOTE)
    _settle(session, support, now, by_button=True)
    return VoteAnswer(Note.VOTE_COUNTED)


def take_vote_back(session: Session, idea_id: int, user_id: str, emoji: VoteEmoji, now: datetime) -> VoteAnswer:
    """Take a vote by button back; a reaction that stands keeps the vote, and the answer names it."""
    support = _lock_support(session, idea_id, user_id)
    if not support.is_open:
        return VoteAnswer(Note.IDEA_CLOSED)
    _settle(session, support, now, by_button=False)
    if not support.by_reaction:
        return VoteAnswer(Note.VOTE_TAKEN_BACK)
    return VoteAnswer(Note.REACTION_STANDS, _standing_reactions(session, idea_id, user_id, emoji))


def join_votes(session: Session, idea_id: int, target_id: int, now: datetime) -> None:
    """Let everyone who supports an idea support another one, as if by the button there; its reactions stay its own.

    The caller has held its voters, and locked it: here, with ideas locked, nobody is waited for. Of somebody who voted
    in between, what they are is read as it is.
    """
    lock_idea(session, target_id)
    voters = select(Vote.user_id).where(Vote.idea_id == idea_id, Vote.counts)
    people = select(Person.user_id, Person.standing).where(Person.user_id.in_(voters))
    standings = {user_id: Standing(standing) for user_id, standing in session.execute(people)}
    for support in _supports(session, target_id, standings):
        if support.user_id in standings:
            _settle(session, support, now, by_button=True)


def hold_voters(session: Session, idea_id: int) -> None:
    """Hold what those are whose votes for an idea count, until the end of the transaction."""
    voters = select(Vote.user_id).where(Vote.idea_id == idea_id, Vote.counts)
    _hold_people(session, Person.user_id.in_(voters))


def recount_card(session: Session, idea_id: int, place: tuple[str, str], emoji: VoteEmoji, now: datetime) -> bool:
    """Make the votes by reaction those that stand on the card at (channel, ts); tell whether a tally changed.

    Called when a card's place becomes known, since reactions may have come before, and after a repair.
    """
    standings = lock_card(session, idea_id, place, emoji)
    since = _voters_on(session, place, emoji)
    changes = [
        _settle(session, support, since.get(support.user_id, now), by_reaction=support.user_id in since)
        for support in _supports(session, idea_id, standings)
    ]
    return any(changes)


def resettle_people(session: Session, user_ids: Collection[str], now: datetime) -> None:
    """Let people's votes count, or not, by what the workspace now says they are."""
    _hold_people(session, Person.user_id.in_(user_ids))
    votes = select(Vote.idea_id, Vote.user_id).where(Vote.user_id.in_(user_ids)).order_by(Vote.idea_id, Vote.user_id)
    for idea_id, user_id in session.execute(votes).all():
        _settle(session, _lock_support(session, idea_id, user_id), now)


def settle_misjudged(session: Session, now: datetime) -> None:
    """Put right what counts although its person has no vote: a vote may cross with news of what its person is."""
    people = select(Vote.user_id).join(Person, Person.user_id == Vote.user_id)
    voteless = [standing for standing in Standing if not standing.may_vote]
    misjudged = session.scalars(people.where(Vote.counts, Person.standing.in_(voteless)).distinct()).all()
    resettle_people(session, misjudged, now)


def put_reaction(session: Session, reaction: Reaction, *, is_active: bool) -> bool:
    """Store a reaction without counting; tell whether it was newer than what was stored."""
    statement = _PUT_REACTION[session.get_bind().dialect.name]
    row = {name: getattr(reaction, name) for name in Reaction.__slots__}
    return bool(session.connection().execute(statement, row | {"is_active": is_active}).rowcount)


def lock_message(session: Session, channel_id: str, message_ts: str) -> None:
    """Let one transaction at a time look at a message's reactions; SQLite's write lock does that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(_LOCK_MESSAGE, {"place": f"{channel_id}/{message_ts}"})


def lock_card(session: Session, idea_id: int, place: tuple[str, str], emoji: VoteEmoji) -> Mapping[str, Standing]:
    """Let one transaction at a time count a card's reactions; return what those are who reacted, now or before.

    Message, people, idea: everybody who needs several locks takes them in this order.
    """
    channel_id, message_ts = place
    lock_message(session, channel_id, message_ts)
    meet_people(session, _voters_on(session, place, emoji))
    here = and_(ReactionRow.channel_id == channel_id, ReactionRow.message_ts == message_ts)
    reacted = select(ReactionRow.user_id).where(here)
    counted = select(Vote.user_id).where(Vote.idea_id == idea_id, Vote.by_reaction)
    standings = _hold_people(session, or_(Person.user_id.in_(reacted), Person.user_id.in_(counted)))
    lock_idea(session, idea_id)
    return standings


def meet_people(session: Session, user_ids: Iterable[str]) -> None:
    """Have these people known by id at least; the background learns what they are."""
    rows = [{"user_id": user_id} for user_id in sorted(user_ids)]
    if rows:
        session.connection().execute(_MEET_PERSON[session.get_bind().dialect.name], rows)


def lock_idea(session: Session, idea_id: int) -> None:
    """Let one transaction at a time change an idea's votes; raises IdeaNotFound."""
    if session.connection().execute(_LOCK_IDEA, {"number": idea_id}).scalar() is None:
        raise IdeaNotFound(idea_key(idea_id))


def moment_of(event_ts: int) -> datetime:
    """Return the time of an event's microseconds."""
    return datetime.fromtimestamp(event_ts / 1_000_000, UTC)


def _hold_person(session: Session, user_id: str) -> Standing:
    """Return what a person is, held until the end of the transaction; one never seen before is met.

    People are locked, and met, before ideas, here and where standings are learned: the one order that cannot deadlock.
    """
    standing = session.connection().execute(_STANDING_OF_PERSON, {"user_id": user_id}).scalar()
    if standing is None:
        meet_people(session, [user_id])
        standing = session.connection().execute(_STANDING_OF_PERSON, {"user_id": user_id}).scalar_one()
    return Standing(standing)


def _hold_people(session: Session, whom: ColumnElement[bool]) -> dict[str, Standing]:
    """Return what people are, held until the end of the transaction; always taken in the same order."""
    held = select(Person.user_id, Person.standing).where(whom).order_by(Person.user_id).with_for_update(read=True)
    return {user_id: Standing(standing) for user_id, standing in session.execute(held)}


def _lock_support(session: Session, idea_id: int, user_id: str) -> _Support:
    standing = _hold_person(session, user_id)
    lock_idea(session, idea_id)
    return _support(session, idea_id, user_id, standing)


def _support(session: Session, idea_id: int, user_id: str, standing: Standing) -> _Support:
    """Read a support after its idea is locked: a join read before could show another transaction's past."""
    row = session.connection().execute(_SUPPORT, {"number": idea_id, "user_id": user_id}).one()
    return _Support(
        idea_id,
        user_id,
        row.author_id,
        row.status,
        standing,
        bool(row.by_button),
        bool(row.by_reaction),
        bool(row.counts),
        row.voted_at,
    )


def _supports(session: Session, idea_id: int, standings: Mapping[str, Standing]) -> list[_Support]:
    """Read the supports of all these people on a locked idea, in two statements however many they are."""
    idea = session.execute(select(Idea.author_id, Idea.status).where(Idea.id == idea_id)).one()
    votes = {vote.user_id: vote for vote in session.execute(_VOTES_OF_IDEA, {"number": idea_id})}
    supports = []
    for user_id, standing in sorted(standings.items()):
        vote = votes.get(user_id)
        stored = (vote.by_button, vote.by_reaction, vote.counts, vote.voted_at) if vote else (False, False, False, None)
        supports.append(_Support(idea_id, user_id, idea.author_id, idea.status, standing, *stored))
    return supports


def _settle(
    session: Session,
    support: _Support,
    at: datetime,
    *,
    by_reaction: bool | None = None,
    by_button: bool | None = None,
) -> bool:
    """Write what now stands of a support, and carry a change over to the tally and the card; None: as it was."""
    if not support.is_open:
        return False
    reaction = support.by_reaction if by_reaction is None else by_reaction
    button = support.by_button if by_button is None else by_button
    counts = support.is_entitled and (reaction or button)
    if (reaction, button, counts) == (support.by_reaction, support.by_button, support.counts):
        return False
    difference = int(counts) - int(support.counts)
    voted_at = at if difference > 0 or support.voted_at is None else support.voted_at
    _write_vote(session, support, by_reaction=reaction, by_button=button, counts=counts, voted_at=voted_at)
    if difference:
        session.connection().execute(_ADD_TO_TALLY, {"number": support.idea_id, "difference": difference})
        enqueue_card_refresh(session, support.idea_id)
    return difference != 0


def _write_vote(session: Session, support: _Support, **values: Any) -> None:
    row = {"idea_id": support.idea_id, "user_id": support.user_id} | values
    session.connection().execute(_SET_VOTE[session.get_bind().dialect.name], row)


def _voters_on(session: Session, place: tuple[str, str], emoji: VoteEmoji) -> dict[str, datetime]:
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
