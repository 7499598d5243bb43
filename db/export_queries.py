"""Reads of everything there is, row by row: what a digest says can be worked out again from it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from db.models import IdeaChange, Person, Vote

_AT_ONCE = {"yield_per": 1000}


def all_votes(session: Session) -> Iterator[Row[Any]]:
    """Yield every vote that counts (`idea_id`, `user_id`, `voted_at`), by idea."""
    return _rows(
        session, select(Vote.idea_id, Vote.user_id, Vote.voted_at).where(Vote.counts), Vote.idea_id, Vote.user_id
    )


def all_changes(session: Session) -> Iterator[Row[Any]]:
    """Yield every line of every idea's history, the oldest first."""
    columns = (IdeaChange.idea_id, IdeaChange.at, IdeaChange.actor_id, IdeaChange.step)
    return _rows(session, select(*columns, IdeaChange.before, IdeaChange.after, IdeaChange.text), IdeaChange.id)


def all_people(session: Session) -> Iterator[Row[Any]]:
    """Yield everybody whom the bot has met (`user_id`, `standing`, `team`)."""
    return _rows(session, select(Person.user_id, Person.standing, Person.team), Person.user_id)


def _rows(session: Session, statement: Select[*tuple[Any, ...]], *order: Any) -> Iterator[Row[Any]]:
    yield from session.execute(statement.order_by(*order), execution_options=_AT_ONCE)
