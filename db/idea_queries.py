"""Reads of ideas: one, or a page of a list as one person sees it."""

from collections.abc import Collection, Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.counted import voted_between
from db.models import Idea, IdeaChange, OutboxMessage, Person, Stage, Touchpoint, Vote
from db.queries import IdeaDetails, IdeaPage, ListedIdea, search_text
from db.types import VOTABLE_STATUSES, MessageKind, Standing, Status

PAGE_SIZE = 8

_Count = ColumnElement[int] | InstrumentedAttribute[int]

_JOINED = {
    "card_channel_id": OutboxMessage.channel_id,
    "card_ts": OutboxMessage.message_ts,
    "answer": IdeaChange.text,
    "answered_by": IdeaChange.actor_id,
    "newest_answer_at": IdeaChange.at,
    "stage_name": Stage.name,
    "touchpoint_name": Touchpoint.name,
}
_FIELDS = tuple(field.name for field in fields(IdeaDetails) if field.name != "is_blind")
_OWN_COLUMNS = tuple(getattr(Idea, name) for name in _FIELDS if name not in _JOINED)
_IDEAS = (
    select(*_OWN_COLUMNS, *(column.label(name) for name, column in _JOINED.items()))
    .outerjoin(OutboxMessage, and_(OutboxMessage.idea_id == Idea.id, OutboxMessage.kind == MessageKind.CARD))
    .outerjoin(IdeaChange, IdeaChange.id == Idea.answer_id)
    .outerjoin(Stage, Stage.key == Idea.stage)
    .outerjoin(Touchpoint, Touchpoint.key == Idea.touchpoint)
)
_IDEA = _IDEAS.where(Idea.id == bindparam("idea_id"))
_NUMBERS = select(Idea.id)


def find_idea(session: Session, idea_id: int) -> IdeaDetails | None:
    """Return one idea, or None when nobody has filed one with this number."""
    row = session.connection().execute(_IDEA, {"idea_id": idea_id}).one_or_none()
    return details_of(row) if row else None


def find_ideas(session: Session, idea_ids: Collection[int]) -> dict[int, IdeaDetails]:
    """Return those of these ideas that there are, by number."""
    return {row.id: details_of(row) for row in session.execute(_IDEAS.where(Idea.id.in_(idea_ids)))}


def all_ideas(session: Session) -> Iterator[IdeaDetails]:
    """Yield every idea by number, withdrawn ones too, without holding them all."""
    rows = session.execute(_IDEAS.order_by(Idea.id), execution_options={"yield_per": 1000})
    return map(details_of, rows)


def top_ideas(
    session: Session, viewer_id: str, page: int, since: datetime | None, blind_since: datetime | None = None
) -> IdeaPage:
    """Return ideas by the votes that they got since a moment (None: ever); new ones without votes come last.

    Those filed after `blind_since` stand where ideas without votes do: another place would tell the count.
    """
    tally = _unless_blind(Idea.votes, blind_since)
    votable = _NUMBERS.where(Idea.status.in_(VOTABLE_STATUSES))
    if since is None:
        return _page(session, votable, (tally.desc(), Idea.id), viewer_id, page)
    recent = (
        select(Vote.idea_id, func.count().label("votes")).where(voted_between(since)).group_by(Vote.idea_id).subquery()
    )
    filed = _NUMBERS.where(Idea.created_at >= since)
    ideas = votable.where(Idea.id.in_(union(select(recent.c.idea_id), filed)))
    ideas = ideas.outerjoin(recent, recent.c.idea_id == Idea.id)
    votes = _unless_blind(func.coalesce(recent.c.votes, 0), blind_since)
    return _page(session, ideas, (votes.desc(), tally.desc(), Idea.id), viewer_id, page)


def ideas_by_author(session: Session, viewer_id: str, page: int) -> IdeaPage:
    """Return a person's own ideas, the newest first, without withdrawn ones."""
    own = _NUMBERS.where(Idea.author_id == viewer_id, Idea.status != Status.WITHDRAWN)
    return _page(session, own, (Idea.id.desc(),), viewer_id, page)


def ideas_with_words(
    session: Session, viewer_id: str, page: int, words: str, blind_since: datetime | None = None
) -> IdeaPage:
    """Return ideas in whose title or text every one of these words occurs, the most wanted first."""
    tally = _unless_blind(Idea.votes, blind_since)
    found = _NUMBERS.where(Idea.status != Status.WITHDRAWN, *map(_contains, search_text(words).split()))
    return _page(session, found, (tally.desc(), Idea.id.desc()), viewer_id, page)


def listed_idea(session: Session, viewer_id: str, idea_id: int) -> ListedIdea | None:
    """Return one idea as a person sees it, or None."""
    return listed_ideas(session, viewer_id, [idea_id]).get(idea_id)


def listed_ideas(session: Session, viewer_id: str, idea_ids: Collection[int]) -> dict[int, ListedIdea]:
    """Return these ideas as a person sees them, by number."""
    rows = session.execute(_seen_by(_IDEAS.where(Idea.id.in_(idea_ids)), viewer_id))
    return {row.id: _listed(row, viewer_id) for row in rows}


def details_of(row: Any) -> IdeaDetails:
    """Return a row of `_IDEAS` as what views take."""
    values = {name: getattr(row, name) for name in _FIELDS}
    return IdeaDetails(**values | {"status": Status(row.status)})


def _unless_blind(votes: _Count, blind_since: datetime | None) -> _Count:
    """Return a count to sort by, nought for ideas that hide theirs."""
    if blind_since is None:
        return votes
    is_blind = and_(Idea.created_at > blind_since, Idea.status.in_(VOTABLE_STATUSES))
    return case((is_blind, 0), else_=votes)


def _contains(word: str) -> ColumnElement[bool]:
    return Idea.search_text.contains(word, autoescape=True)


def _page(session: Session, numbers: Select[Any], order: tuple[Any, ...], viewer_id: str, page: int) -> IdeaPage:
    """Count and sort numbers alone, from indexes where there are some, and read only the ideas of the page."""
    total = session.scalar(select(func.count()).select_from(numbers.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(page, pages)
    chosen = session.scalars(numbers.order_by(*order).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    ideas = listed_ideas(session, viewer_id, chosen)
    return IdeaPage(tuple(ideas[number] for number in chosen), page, pages, total)


def _seen_by(ideas: Select[Any], viewer_id: str) -> Select[Any]:
    theirs = and_(Vote.idea_id == Idea.id, Vote.user_id == viewer_id)
    standing = select(Person.standing).where(Person.user_id == viewer_id).scalar_subquery().label("standing")
    return ideas.add_columns(Vote.by_button, Vote.by_reaction, Vote.counts, standing).outerjoin(Vote, theirs)


def _listed(row: Any, viewer_id: str) -> ListedIdea:
    counts, is_own = bool(row.counts), row.author_id == viewer_id
    may_vote = Standing(row.standing or Standing.UNKNOWN).may_vote
    return ListedIdea(
        idea=details_of(row),
        is_own=is_own,
        can_vote=may_vote and not is_own and row.status in VOTABLE_STATUSES,
        has_button_vote=counts and row.by_button,
        has_reaction_vote=counts and row.by_reaction,
    )
