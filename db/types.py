"""Column types and the words that the database itself checks."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class Status(StrEnum):
    """Where an idea stands between filed and done."""

    NEW = "new"
    UNDER_REVIEW = "under_review"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    SHIPPED = "shipped"
    DECLINED = "declined"
    PARKED = "parked"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


OPEN_STATUSES = (Status.NEW, Status.UNDER_REVIEW, Status.PLANNED, Status.IN_PROGRESS, Status.PARKED)
VOTABLE_STATUSES = tuple(status for status in Status if status not in {Status.WITHDRAWN, Status.MERGED})


class Standing(StrEnum):
    """What the workspace says a person is; only members have a vote, and the unknown until they are known."""

    UNKNOWN = "unknown"
    MEMBER = "member"
    GUEST = "guest"
    BOT = "bot"
    EXTERNAL = "external"
    DEACTIVATED = "deactivated"

    @property
    def may_vote(self) -> bool:
        """Whether a vote of such a person counts."""
        return self in {Standing.UNKNOWN, Standing.MEMBER}


class Edition(StrEnum):
    """The regular digest of a whole week, or the running week's so far."""

    REGULAR = "regular"
    SO_FAR = "so_far"


class MessageKind(StrEnum):
    """What an outbox row shows in Slack."""

    CARD = "card"
    DIGEST = "digest"
    REPLY = "reply"


class DeliveryState(StrEnum):
    """Where an outbox row stands; `due` rows with nothing new to show rest."""

    DUE = "due"
    SENDING = "sending"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    DEAD = "dead"


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out, on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the value in UTC; a naive one is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Return an aware datetime in UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
