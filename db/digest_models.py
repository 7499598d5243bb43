"""The tables of digests: who gets one and when, which went out, and what they said."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Identity, Index, Integer, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, one_of
from db.types import Edition


class DigestChannel(Base):
    """A leadership channel and when its digest is due; `since` is when it got this schedule.

    `first_week` is the first week whose digest is expected; None: that of the first slot since `since`. `stages` are
    the ones that it tells of; None: all. With a monthly `rhythm` it tells of months, which then have the places of the
    weeks. Dates are written in `language`, like `de`; None: in English, as all else.
    """

    __tablename__ = "digest_channels"

    channel_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    weekday: Mapped[int] = mapped_column(Integer)
    hour_minute: Mapped[str] = mapped_column(String(5))
    timezone: Mapped[str] = mapped_column(String(64))
    is_active: Mapped[bool]
    since: Mapped[datetime]
    first_week: Mapped[str | None] = mapped_column(String(8))
    stages: Mapped[list[str] | None] = mapped_column(JSON)
    rhythm: Mapped[str] = mapped_column(String(8), server_default="weekly", default="weekly")
    language: Mapped[str | None] = mapped_column(String(16))


class DigestReader(Base):
    """Somebody who gets the weekly digest as a direct message, because they asked for it."""

    __tablename__ = "digest_readers"

    user_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    since: Mapped[datetime]


class DigestRun(Base):
    """One edition of one week's digest in one channel: the row that decides that it goes out once.

    `skipped_at`: it was too late to be posted by itself; it is not, unless somebody asks for it. `facts` are what it
    says, kept from the moment at which it went out: what happens afterwards to its ideas is shown, its figures stay.
    `told_through` is the last of the people who have been sent it, as in the changes of ideas.
    """

    __tablename__ = "digest_runs"
    __table_args__ = (
        one_of("edition", Edition),
        UniqueConstraint("channel_id", "week", "edition"),
        Index("ix_digest_runs_telling", "id", sqlite_where=text("told_through IS NOT NULL"),
              postgresql_where=text("told_through IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(32))
    week: Mapped[str] = mapped_column(String(8))
    edition: Mapped[str] = mapped_column(String(16))
    timezone: Mapped[str] = mapped_column(String(64))
    is_late: Mapped[bool] = mapped_column(server_default=false())
    requested_at: Mapped[datetime]
    prepared_at: Mapped[datetime | None]
    skipped_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    told_through: Mapped[str | None] = mapped_column(String(32))


class DigestItem(Base):
    """An idea that a digest shows, with its votes at that time: among what moved people, as waiting, or both."""

    __tablename__ = "digest_items"
    __table_args__ = (Index("ix_digest_items_idea_id", "idea_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("digest_runs.id"), primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("ideas.id"), primary_key=True)
    is_mover: Mapped[bool]
    is_question: Mapped[bool]
    votes: Mapped[int] = mapped_column(Integer)
