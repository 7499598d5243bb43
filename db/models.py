"""The tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, one_of
from db.types import (
    DeliveryState,
    MessageKind,
    NewsKind,
    Occasion,
    Standing,
    Status,
    Step,
)

WAITS = "settled_at IS NULL AND status NOT IN ('withdrawn', 'merged')"
"""Which ideas wait for an answer: a query that says it in these words is served by the index of those that do."""


class Workspace(Base):
    """Who this bot is, as `auth.test` and `bots.info` said it; one row.

    `team_field` is the field of profiles from which the teams of its people were read.
    """

    __tablename__ = "workspace"

    team_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    enterprise_id: Mapped[str | None] = mapped_column(String(32))
    bot_user_id: Mapped[str] = mapped_column(String(32))
    bot_id: Mapped[str | None] = mapped_column(String(32))
    app_id: Mapped[str | None] = mapped_column(String(32))
    url: Mapped[str] = mapped_column(Text)
    learned_at: Mapped[datetime]
    charts_refused_at: Mapped[datetime | None]
    team_field: Mapped[str | None] = mapped_column(String(32))


class Person(Base):
    """A Slack user whom the bot has met; ids only, never a name.

    `team` is what their profile said at `team_checked_at`; None: nothing, or nobody has asked yet.
    """

    __tablename__ = "people"
    __table_args__ = (
        one_of("standing", Standing),
        Index("ix_people_unknown", "user_id", sqlite_where=text("standing = 'unknown'"),
              postgresql_where=text("standing = 'unknown'")),
        Index("ix_people_team_checked_at", "team_checked_at", sqlite_where=text("standing = 'member'"),
              postgresql_where=text("standing = 'member'")),
        Index("ix_people_team", "team", sqlite_where=text("team IS NOT NULL"),
              postgresql_where=text("team IS NOT NULL")),
    )  # fmt: skip

    user_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    standing: Mapped[str] = mapped_column(String(16), default=Standing.UNKNOWN)
    checked_at: Mapped[datetime | None]
    timezone: Mapped[str | None] = mapped_column(String(64))
    team: Mapped[str | None] = mapped_column(String(64))
    team_checked_at: Mapped[datetime | None]


class RoleMember(Base):
    """Somebody may answer (leader) or configure (admin), because a setting or a user group says so."""

    __tablename__ = "role_members"

    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    source: Mapped[str] = mapped_column(String(32), primary_key=True)


class Idea(Base):
    """One idea; its number is shown as CX-12. `votes` is the tally, `search_text` title and description case-folded.

    It waits for an answer until `settled_at`; `answered_at` is when it first got one (`is_in_time`: by its answer
    date), and `answer_id` its newest one among the changes. `owner_id` is a person or a user group, None while it is
    with all leaders; `maker_id` carries it out. A parked idea comes back on `parked_until`, a day of the company's.
    """

    __tablename__ = "ideas"
    __table_args__ = (
        one_of("status", Status),
        CheckConstraint("votes >= 0", name="votes"),
        Index("ix_ideas_created_at_stage_author_id", "created_at", "stage", "author_id"),
        Index("ix_ideas_votes_id_status", "votes", "id", "status"),
        Index("ix_ideas_author_id_created_at", "author_id", "created_at"),
        Index("ix_ideas_waiting", "answer_due_at", "id", "status", "stage", "owner_id", "settled_at",
              sqlite_where=text(WAITS), postgresql_where=text(WAITS)),
        Index("ix_ideas_owner_id", "owner_id", sqlite_where=text("owner_id IS NOT NULL"),
              postgresql_where=text("owner_id IS NOT NULL")),
        Index(
            "ix_ideas_answered_at",
            "answered_at",
            sqlite_where=text("answered_at IS NOT NULL"),
            postgresql_where=text("answered_at IS NOT NULL"),
        ),
        Index(
            "ix_ideas_parked_until",
            "parked_until",
            sqlite_where=text("parked_until IS NOT NULL"),
            postgresql_where=text("parked_until IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    search_text: Mapped[str] = mapped_column(Text)
    stage: Mapped[str | None] = mapped_column(String(64))
    touchpoint: Mapped[str | None] = mapped_column(String(64))
    measure: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str | None] = mapped_column(String(64))
    author_id: Mapped[str | None] = mapped_column(String(32))
    owner_id: Mapped[str | None] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16), default=Status.NEW)
    votes: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    answer_due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    is_in_time: Mapped[bool | None]
    answer_id: Mapped[int | None] = mapped_column(Integer)
    maker_id: Mapped[str | None] = mapped_column(String(32))
    parked_until: Mapped[date | None]
    parked_condition: Mapped[str | None] = mapped_column(Text)
    merged_into: Mapped[int | None] = mapped_column(Integer)


class IdeaChange(Base):
    """A line of an idea's history: who changed what, and with which words; rows are only ever added.

    `before` and `after` are statuses or owners; `actor_id` is None for what happens by itself. `told_through` is the
    last of the voters who have been told, the empty text before the first, None when there is nobody left to tell.
    """

    __tablename__ = "idea_changes"
    __table_args__ = (
        one_of("step", Step),
        Index("ix_idea_changes_idea_id", "idea_id", "id"),
        Index("ix_idea_changes_at", "at", "step", "after"),
        Index("ix_idea_changes_telling", "id", sqlite_where=text("told_through IS NOT NULL"),
              postgresql_where=text("told_through IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("ideas.id"))
    at: Mapped[datetime]
    actor_id: Mapped[str | None] = mapped_column(String(32))
    step: Mapped[str] = mapped_column(String(16))
    before: Mapped[str | None] = mapped_column(String(64))
    after: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text, server_default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    told_through: Mapped[str | None] = mapped_column(String(32))


class Stage(Base):
    """A stage of the customer's journey; its owner (a person or a user group) and deputy answer its ideas.

    One that was taken off the list stays, no longer active, since ideas are filed under it.
    """

    __tablename__ = "stages"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(server_default=true(), default=True)
    owner_id: Mapped[str | None] = mapped_column(String(32))
    deputy_id: Mapped[str | None] = mapped_column(String(32))


class Touchpoint(Base):
    """A place where customers meet the company."""

    __tablename__ = "touchpoints"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(server_default=true(), default=True)


class SavedSetting(Base):
    """A setting that an admin saved in App Home; from then on it holds, whatever the environment says."""

    __tablename__ = "saved_settings"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    saved_by: Mapped[str] = mapped_column(String(32))
    saved_at: Mapped[datetime]


class Preference(Base):
    """What one person wants, or does not want, to be written about."""

    __tablename__ = "preferences"
    __table_args__ = (one_of("kind", NewsKind),)

    user_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    is_on: Mapped[bool]


class News(Base):
    """One person is told of one change, once; `message_key` is the outbox row of the message that says it."""

    __tablename__ = "news"
    __table_args__ = (one_of("kind", NewsKind), Index("ix_news_message_key", "message_key"))

    user_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("idea_changes.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    message_key: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class Invitation(Base):
    """An author was asked for the next idea, which happens once for each occasion."""

    __tablename__ = "invitations"
    __table_args__ = (one_of("occasion", Occasion),)

    user_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    occasion: Mapped[str] = mapped_column(String(16), primary_key=True)
    asked_at: Mapped[datetime]


class Reaction(Base):
    """One emoji of one person on one message, as Slack names it; the newest `event_ts` (microseconds) wins."""

    __tablename__ = "reactions"

    channel_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    message_ts: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    emoji: Mapped[str] = mapped_column(String(128), primary_key=True)
    is_active: Mapped[bool]
    event_ts: Mapped[int] = mapped_column(BigInteger)


class Vote(Base):
    """One person's support of one idea: whether it stands by button or by reaction, and whether it counts."""

    __tablename__ = "votes"
    __table_args__ = (
        Index("ix_votes_user_id", "user_id"),
        Index("ix_votes_voted_at", "voted_at", "idea_id", "user_id", sqlite_where=text("counts"),
              postgresql_where=text("counts")),
    )  # fmt: skip

    idea_id: Mapped[int] = mapped_column(ForeignKey("ideas.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    by_button: Mapped[bool] = mapped_column(server_default=false())
    by_reaction: Mapped[bool] = mapped_column(server_default=false())
    counts: Mapped[bool]
    voted_at: Mapped[datetime]


class InboxEntry(Base):
    """A request whose effect is in the database; kept for 7 days."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_received_at", "received_at"),)

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    received_at: Mapped[datetime]
    idea_id: Mapped[int | None] = mapped_column(Integer)


class OutboxMessage(Base):
    """A message that Slack must show, for its whole life."""

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("kind", MessageKind),
        one_of("state", DeliveryState),
        UniqueConstraint("key"),
        Index("ix_outbox_waiting", "priority", "not_before", sqlite_where=text("wanted_revision > shown_revision"),
              postgresql_where=text("wanted_revision > shown_revision")),
        Index("ix_outbox_channel_id_message_ts", "channel_id", "message_ts"),
        Index("ix_outbox_idea_id", "idea_id"),
        Index("ix_outbox_post_key", "post_key"),
        Index("ix_outbox_card_channel_id", "channel_id", sqlite_where=text("kind = 'card'"),
              postgresql_where=text("kind = 'card'")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(Integer)
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("ideas.id"))
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)
    channel_id: Mapped[str | None] = mapped_column(String(32))
    message_ts: Mapped[str | None] = mapped_column(String(32))
    response_url: Mapped[str | None] = mapped_column(Text)
    post_key: Mapped[str] = mapped_column(String(36))
    wanted_revision: Mapped[int] = mapped_column(Integer, default=1)
    shown_revision: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[str] = mapped_column(String(16), default=DeliveryState.DUE)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    looks: Mapped[int] = mapped_column(Integer, default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    fence: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime]
    created_at: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(Text)


class JobRun(Base):
    """A job has been begun for a slot (a local date); one replica wins."""

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(String(32), primary_key=True)
    slot: Mapped[str] = mapped_column(String(32), primary_key=True)
    started_at: Mapped[datetime]


class AuditEntry(Base):
    """Who changed what, when; rows are only ever added."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[str | None] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
