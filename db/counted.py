"""Votes that count, by when they were cast."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, text

from db.models import Vote

_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


def voted_between(start: datetime, end: datetime = _END_OF_TIME) -> ColumnElement[bool]:
    """Return the condition that a vote counts and was cast between two moments, in the words of the index for it.

    SQLAlchemy would write `counts = 1` for SQLite, which does not find the index then; nor does it for an open end.
    """
    return and_(text("votes.counts"), Vote.voted_at >= start, Vote.voted_at < end)
