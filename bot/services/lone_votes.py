"""A lone vote on PostgreSQL: read, decided, and written if nothing that decided it has changed meanwhile.

Two statements take the place of ten messages to the database and back, of which a vote under locks is made. Whatever
is not plain is left to `record_reactions`: a reaction taken off, a card or a person that nobody knows, a vote that
counts already or would not count, and one that somebody else changed between the two.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Integer,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.exc import DataError

from bot.outbox import SHOW_ANEW, card_key
from bot.payloads import Reaction
from bot.services.reactions import IS_CARD, SLOT, moment_of, newest_wins, row_of
from bot.services.support import Change, Support, VotedIdea, set_vote
from bot.vote_emoji import VoteEmoji
from db.driver import Statement, given, is_given
from db.models import Idea, OutboxMessage, Person, Vote
from db.models import Reaction as ReactionRow
from db.session import Sessions
from db.types import Standing

_STANDS = (Vote.by_button, Vote.by_reaction, Vote.counts)
_CHANGED = "a vote was changed by somebody else meanwhile, and is taken once more: "


_SEEN = Statement(
    select(Idea.id, Idea.author_id, Idea.status, Person.standing, ReactionRow.event_ts, *_STANDS, Vote.voted_at)
    .select_from(OutboxMessage)
    .join(Idea, Idea.id == OutboxMessage.idea_id)
    .join(Person, Person.user_id == bindparam("user_id"))
    .outerjoin(Vote, and_(Vote.idea_id == Idea.id, Vote.user_id == Person.user_id))
    .outerjoin(ReactionRow, and_(*is_given(*SLOT)))
    .where(*IS_CARD)
)


def _guarded() -> Any:
    """Return the statement that writes all of it, or fails: each step finds nothing where the one before it did not."""
    reaction = newest_wins("postgresql").cte("reaction")
    held = select(Person.user_id).where(*is_given(Person.user_id, Person.standing), exists(select(reaction.c.user_id)))
    person = held.with_for_update(read=True).cte("person")
    counted = update(Idea).where(*is_given(Idea.id, Idea.status), exists(select(person.c.user_id)))
    idea = counted.values(votes=Idea.votes + 1).returning(Idea.id).cte("idea")
    stands = given(Vote.user_id, *_STANDS, Vote.voted_at)
    as_seen = and_(*(column == bindparam(f"was_{column.name}") for column in _STANDS))
    row = stands.with_only_columns(idea.c.id, *stands.selected_columns)
    vote = set_vote("postgresql", row, as_seen).cte("vote")
    card = OutboxMessage.key == bindparam("card_key"), *IS_CARD
    raised = SHOW_ANEW.where(*card, exists(select(vote.c.idea_id)))
    done = func.count(raised.returning(OutboxMessage.id).cte("card").c.id)
    return select(case((done == 1, done), else_=cast(literal(_CHANGED) + cast(done, String), Integer)))


_WRITE = Statement(_guarded())


class _Seen(NamedTuple):
    """What there was before, as `_SEEN` has it."""

    idea_id: int
    author_id: str | None
    status: str
    standing: str
    event_ts: int | None
    by_button: bool | None
    by_reaction: bool | None
    counts: bool | None
    voted_at: datetime | None

    def support(self, user_id: str) -> Support:
        """Return the voter's support until now."""
        idea = VotedIdea(self.idea_id, self.author_id, self.status)
        stands = self[-4:] if self.voted_at else ()
        return Support(idea, user_id, Standing(self.standing), *stands)

    @property
    def guards(self) -> dict[str, Any]:
        """What must still be so when the vote is written."""
        stood = {"was_by_button": self.by_button, "was_by_reaction": self.by_reaction, "was_counts": self.counts}
        return stood | {"id": self.idea_id, "status": self.status, "standing": self.standing}


def record_lone_vote(sessions: Sessions, reaction: Reaction, emoji: VoteEmoji) -> bool:
    """Record a reaction that is somebody's vote from now on; False: it is not that plain, and nothing was done.

    Each statement is a transaction of its own: once this returns True, the vote is durable.
    """
    if sessions.engine.dialect.name != "postgresql" or not (reaction.is_active and emoji.is_vote(reaction.emoji)):
        return False
    with sessions.single() as connection:
        seen = _SEEN.run_each(connection, [row_of(reaction)])
        return bool(seen) and _record(connection, reaction, _Seen(*seen[0]))


def _record(connection: Connection, reaction: Reaction, seen: _Seen) -> bool:
    if seen.event_ts is not None and seen.event_ts >= reaction.event_ts:
        return True  # Delivered again, it is no news.
    was = seen.support(reaction.user_id)
    vote = Change(was, moment_of(reaction.event_ts), by_reaction=True).row
    if vote is None or vote["counts"] <= was.counts:
        return False
    try:
        _WRITE.run_each(connection, [row_of(reaction) | vote | seen.guards | {"card_key": card_key(seen.idea_id)}])
    except DataError:  # As `_CHANGED` says; what the database does not take at all it refuses the usual way, too.
        return False
    return True
