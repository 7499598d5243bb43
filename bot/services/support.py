"""One person's support of one idea: what stands of it, whether it counts, and the tally that changes with it.

Everything here works on many at once, since reactions come in crowds. Who needs several locks takes them in one order:
messages, reactions, people, ideas, cards.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select, update
from sqlalchemy.orm import Session

from bot.errors import IdeaNotFound
from bot.outbox import refresh_cards
from db.driver import Statement, given
from db.models import Idea, Person, Vote
from db.queries import idea_key
from db.session import DIALECTS, insert_for
from db.types import VOTABLE_STATUSES, Standing

Place = tuple[str, str]
"""Where a message stands: channel and time stamp."""

_Stored = dict[tuple[int, str], tuple[Any, ...]]

_MANY = 16
"""Of more people than crowds bring, all votes of an idea are read: these are most of its voters, and it is quicker."""


_VOTE = (Vote.idea_id, Vote.user_id, Vote.by_button, Vote.by_reaction, Vote.counts, Vote.voted_at)
_VOTE_COLUMNS = [column.name for column in _VOTE]


def set_vote(dialect: str, row: Select[Any], where: ColumnElement[bool] | None = None) -> Any:
    """Return the statement that writes a vote, over one that is there only `where` it is as expected."""
    statement = insert_for(dialect, Vote).from_select(_VOTE_COLUMNS, row)
    new = {name: statement.excluded[name] for name in _VOTE_COLUMNS[2:]}
    statement = statement.on_conflict_do_update(index_elements=_VOTE_COLUMNS[:2], set_=new, where=where)
    return statement.returning(Vote.idea_id)


_SET_VOTE = Statement({dialect: set_vote(dialect, given(*_VOTE)) for dialect in DIALECTS})
_MEET_PERSON = {dialect: insert_for(dialect, Person).on_conflict_do_nothing() for dialect in DIALECTS}
_STANDINGS = select(Person.user_id, Person.standing).with_for_update(read=True)
_STANDING_OF = Statement(_STANDINGS.where(Person.user_id == bindparam("user_id")))
_LOCK_IDEA = Statement(
    select(Idea.id, Idea.author_id, Idea.status).where(Idea.id == bindparam("idea_id")).with_for_update()
)
_VOTES = select(*_VOTE)
_VOTES_ON = Statement(_VOTES.where(Vote.idea_id == bindparam("idea_id")))
_VOTE_OF = Statement(_VOTES.where(Vote.idea_id == bindparam("idea_id"), Vote.user_id == bindparam("user_id")))
_ADD_TO_TALLY = Statement(
    update(Idea).where(Idea.id == bindparam("idea_id")).values(votes=Idea.votes + bindparam("difference"))
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
    changed = sorted(idea_id for idea_id, difference in differences.items() if difference)
    _SET_VOTE.run_each(session, rows)
    _ADD_TO_TALLY.run_each(session, ({"idea_id": each, "difference": differences[each]} for each in changed))
    refresh_cards(session, changed)
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
    """Return what is stored for these pairs, and for others where they are many."""
    people = Counter(idea_id for idea_id, _ in pairs)
    whole = [{"idea_id": idea_id} for idea_id, count in people.items() if count > _MANY]
    single = [{"idea_id": idea_id, "user_id": user} for idea_id, user in pairs if people[idea_id] <= _MANY]
    rows = _VOTES_ON.run_each(session, whole) + _VOTE_OF.run_each(session, single)
    return {(idea_id, user_id): tuple(stands) for idea_id, user_id, *stands in rows}


def hold_people(session: Session, user_ids: Collection[str]) -> dict[str, Standing]:
    """Return what these people are, held until the end of the transaction; who was never seen before is met."""
    held = _held(session, user_ids)
    if unmet := set(user_ids) - held.keys():
        meet_people(session, unmet)
        held |= _held(session, unmet)
    return held


def _held(session: Session, user_ids: Collection[str]) -> dict[str, Standing]:
    return standings_in(_STANDING_OF.run_each(session, ({"user_id": user_id} for user_id in sorted(user_ids))))


def hold_people_who(session: Session, condition: ColumnElement[bool]) -> dict[str, Standing]:
    """Return what people are of whom this holds, held until the end of the transaction, always in the same order."""
    return standings_in(session.execute(_STANDINGS.where(condition).order_by(Person.user_id)))


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
    locked = lock_ideas(session, [idea_id])
    if not locked:
        raise IdeaNotFound(idea_key(idea_id))
    return locked[idea_id]


def lock_ideas(session: Session, idea_ids: Collection[int]) -> dict[int, VotedIdea]:
    """Lock these ideas as `lock_idea` does, always in the same order; one that is not there is left out."""
    rows = _LOCK_IDEA.run_each(session, ({"idea_id": idea_id} for idea_id in sorted(set(idea_ids))))
    return {row[0]: VotedIdea(*row) for row in rows}
