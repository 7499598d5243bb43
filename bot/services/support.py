"""One person's support of one idea: what stands of it, whether it counts, and the tally that changes with it.

Everything here works on many at once, since reactions come in crowds. Who needs several locks takes them in one order:
messages, people, ideas.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.orm import Session

from bot.errors import IdeaNotFound
from bot.outbox import enqueue_card_refreshes
from db.models import Idea, OutboxMessage, Person, Vote
from db.queries import idea_key
from db.session import DIALECTS, insert_for
from db.types import VOTABLE_STATUSES, MessageKind, Standing

Place = tuple[str, str]
"""Where a message stands: channel and time stamp."""

_Stored = dict[tuple[int, str], tuple[Any, ...]]

_MANY = 500
"""Of more people than this, all votes of the ideas are read: that is shorter than naming everybody."""


def _set_vote(dialect: str) -> Any:
    statement = insert_for(dialect, Vote)
    return statement.on_conflict_do_update(
        index_elements=["idea_id", "user_id"],
        set_={name: statement.excluded[name] for name in ("by_button", "by_reaction", "counts", "voted_at")},
    ).returning(Vote.idea_id)  # With RETURNING, SQLAlchemy sends one statement however many rows there are.


_SET_VOTE = {dialect: _set_vote(dialect) for dialect in DIALECTS}
_MEET_PERSON = {dialect: insert_for(dialect, Person).on_conflict_do_nothing() for dialect in DIALECTS}
_STANDINGS = select(Person.user_id, Person.standing).order_by(Person.user_id).with_for_update(read=True)
_STANDINGS_OF = _STANDINGS.where(Person.user_id.in_(bindparam("user_ids", expanding=True)))
_IDEA = select(Idea.id, Idea.author_id, Idea.status)
_LOCK_IDEA = _IDEA.where(Idea.id == bindparam("number")).with_for_update()
_LOCK_IDEAS_OF_CARDS = (
    _IDEA.add_columns(OutboxMessage.channel_id, OutboxMessage.message_ts)
    .join(OutboxMessage, OutboxMessage.idea_id == Idea.id)
    .where(
        OutboxMessage.kind == MessageKind.CARD,
        OutboxMessage.channel_id.in_(bindparam("channel_ids", expanding=True)),
        OutboxMessage.message_ts.in_(bindparam("stamps", expanding=True)),
    )
    .order_by(Idea.id)
    .with_for_update(of=Idea)
)
_VOTES = select(Vote.idea_id, Vote.user_id, Vote.by_button, Vote.by_reaction, Vote.counts, Vote.voted_at)
_VOTES_ON = _VOTES.where(Vote.idea_id.in_(bindparam("idea_ids", expanding=True)))
_VOTES_OF = _VOTES_ON.where(Vote.user_id.in_(bindparam("user_ids", expanding=True)))
_ADD_TO_TALLY = (
    update(Idea)
    .where(Idea.id.in_(bindparam("idea_ids", expanding=True)))
    .values(votes=Idea.votes + bindparam("difference"))
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class VotedIdea:
    """What of a locked idea decides whether a vote counts."""

    id: int
    author_id: str | None
    status: str

    @property
    def is_open(self) -> bool:
        """Whether the idea takes votes."""
        return self.status in VOTABLE_STATUSES


@dataclass(frozen=True, slots=True)
class Support:
    """One person's support of one idea as stored, and what decides whether it counts."""

    idea: VotedIdea
    user_id: str
    standing: Standing
    by_button: bool = False
    by_reaction: bool = False
    counts: bool = False
    voted_at: datetime | None = None

    @property
    def is_entitled(self) -> bool:
        """Whether a vote of this person on this idea would count."""
        return self.user_id != self.idea.author_id and self.standing.may_vote


@dataclass(frozen=True, slots=True)
class Change:
    """What stands of a support since `at`; None: as it was."""

    support: Support
    at: datetime
    by_reaction: bool | None = None
    by_button: bool | None = None

    @property
    def row(self) -> dict[str, Any] | None:
        """The vote as it is written, or None when it is that already, or the idea takes no votes."""
        was = self.support
        reaction = was.by_reaction if self.by_reaction is None else self.by_reaction
        button = was.by_button if self.by_button is None else self.by_button
        counts = was.is_entitled and (reaction or button)
        stands = {"by_reaction": reaction, "by_button": button, "counts": counts}
        if not was.idea.is_open or all(getattr(was, name) == value for name, value in stands.items()):
            return None
        is_dated_anew = was.voted_at is None or (counts and not was.counts)
        voted_at = self.at if is_dated_anew else was.voted_at
        return {"idea_id": was.idea.id, "user_id": was.user_id, "voted_at": voted_at} | stands


def settle(session: Session, changes: Iterable[Change]) -> bool:
    """Write what now stands of supports, and carry it over to tallies and cards; tell whether a tally changed."""
    rows, differences = list[dict[str, Any]](), Counter[int]()
    for change in changes:
        if row := change.row:
            rows.append(row)
            differences[change.support.idea.id] += row["counts"] - change.support.counts
    if rows:
        session.connection().execute(_SET_VOTE[session.get_bind().dialect.name], rows)
    changed = sorted((number for number, difference in differences.items() if difference), key=differences.__getitem__)
    for difference, idea_ids in groupby(changed, differences.__getitem__):
        session.connection().execute(_ADD_TO_TALLY, {"difference": difference, "idea_ids": list(idea_ids)})
    if changed:
        enqueue_card_refreshes(session, changed)
    return bool(changed)


def read_supports(
    session: Session, pairs: Iterable[tuple[VotedIdea, str]], standings: Mapping[str, Standing]
) -> list[Support]:
    """Return the supports of ideas by people; the ideas are locked, the people held.

    Votes are read after the locks: a join read before could show another transaction's past.
    """
    wanted = list(pairs)
    votes = _votes(session, [(idea.id, user_id) for idea, user_id in wanted]) if wanted else {}
    return [Support(idea, user_id, standings[user_id], *votes.get((idea.id, user_id), ())) for idea, user_id in wanted]


def _votes(session: Session, pairs: Collection[tuple[int, str]]) -> _Stored:
    """Return what is stored for these pairs, and for their crosswise ones: SQLite has no index for pairs."""
    idea_ids, user_ids = ({pair[part] for pair in pairs} for part in (0, 1))
    statement = _VOTES_OF if len(user_ids) <= _MANY else _VOTES_ON
    rows = session.connection().execute(statement, {"idea_ids": list(idea_ids), "user_ids": list(user_ids)})
    return {(row.idea_id, row.user_id): tuple(row[2:]) for row in rows}


def hold_people(session: Session, user_ids: Collection[str]) -> dict[str, Standing]:
    """Return what these people are, held until the end of the transaction; who was never seen before is met."""
    held = _held(session, user_ids)
    if unmet := set(user_ids) - held.keys():
        meet_people(session, unmet)
        held |= _held(session, unmet)
    return held


def _held(session: Session, user_ids: Collection[str]) -> dict[str, Standing]:
    return standings_in(session.connection().execute(_STANDINGS_OF, {"user_ids": sorted(user_ids)}))


def hold_people_who(session: Session, condition: ColumnElement[bool]) -> dict[str, Standing]:
    """Return what people are of whom this holds, held until the end of the transaction, always in the same order."""
    return standings_in(session.execute(_STANDINGS.where(condition)))


def standings_in(rows: Iterable[Any]) -> dict[str, Standing]:
    """Return what people are from rows of their ids and standings."""
    return {user_id: Standing(standing) for user_id, standing in rows}


def meet_people(session: Session, user_ids: Iterable[str]) -> None:
    """Have these people known by id at least; the background learns what they are."""
    rows = [{"user_id": user_id, "standing": Standing.UNKNOWN} for user_id in sorted(user_ids)]
    if rows:
        session.connection().execute(_MEET_PERSON[session.get_bind().dialect.name], rows)


def lock_idea(session: Session, idea_id: int) -> VotedIdea:
    """Let one transaction at a time change an idea's votes; raises IdeaNotFound."""
    row = session.connection().execute(_LOCK_IDEA, {"number": idea_id}).one_or_none()
    if row is None:
        raise IdeaNotFound(idea_key(idea_id))
    return VotedIdea(*row)


def lock_ideas_of_cards(session: Session, places: Collection[Place]) -> dict[Place, VotedIdea]:
    """Lock the ideas whose cards stand at these places; where none is known to stand, none is returned."""
    channel_ids, stamps = ({place[part] for place in places} for part in (0, 1))
    named = {"channel_ids": list(channel_ids), "stamps": list(stamps)}
    rows = session.connection().execute(_LOCK_IDEAS_OF_CARDS, named)
    return {(channel_id, ts): VotedIdea(*idea) for *idea, channel_id, ts in rows}
