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


CLOSED_STATUSES = (Status.WITHDRAWN, Status.MERGED)
"""Nothing is answered any more, and nothing is voted on."""


def waits_for_answer(status: str, settled_at: datetime | None) -> bool:
    """Return whether an idea waits for an answer, its first one or another one."""
    return settled_at is None and status not in CLOSED_STATUSES


class Step(StrEnum):
    """What a line of an idea's history tells: a change of status, of owner, or a question after an answer."""

    STATUS = "status"
    OWNER = "owner"
    ASKED = "asked"


class NewsKind(StrEnum):
    """What the bot writes to people in direct messages; each of them can be turned off."""

    OWN_IDEAS = "own_ideas"
    VOTED_IDEAS = "voted_ideas"
    REMINDERS = "reminders"
    NEXT_IDEA = "next_idea"


class Occasion(StrEnum):
    """Upon what somebody is asked for their next idea, once each."""

    SHIPPED = "shipped"
    DECLINED = "declined"


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


class Rhythm(StrEnum):
    """How often a channel gets its digest."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @classmethod
    def of(cls, period: str) -> "Rhythm":
        """Return to which rhythm a period's name belongs, like `2026-W47` or `2026-M11`."""
        return cls.MONTHLY if "-M" in period else cls.WEEKLY


class MessageKind(StrEnum):
    """What an outbox row shows in Slack."""

    CARD = "card"
    DIGEST = "digest"
    REPLY = "reply"
    NOTICE = "notice"
    HOME = "home"
    THREAD = "thread"


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
