"""First tables."""

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    _create_audit_log()
    _create_digest_channels()
    _create_digest_runs()
    _create_ideas()
    _create_inbox()
    _create_job_runs()
    _create_people()
    _create_reactions()
    _create_role_members()
    _create_workspace()
    _create_outbox()
    _create_votes()


def downgrade() -> None:
    """Undo this step."""
    for table in (
        "votes",
        "outbox",
        "workspace",
        "role_members",
        "reactions",
        "people",
        "job_runs",
        "inbox",
        "ideas",
        "digest_runs",
        "digest_channels",
        "audit_log",
    ):
        op.drop_table(table)


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.String(length=32), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )


def _create_digest_channels() -> None:
    op.create_table(
        "digest_channels",
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour_minute", sa.String(length=5), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_digest_channels")),
    )


def _create_digest_runs() -> None:
    op.create_table(
        "digest_runs",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("edition", sa.String(length=16), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("is_late", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("prepared_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("edition IN ('regular', 'so_far')", name=op.f("ck_digest_runs_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_runs")),
        sa.UniqueConstraint("channel_id", "week", "edition", name=op.f("uq_digest_runs_channel_id_week_edition")),
    )


def _create_ideas() -> None:
    op.create_table(
        "ideas",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(length=64), nullable=True),
        sa.Column("touchpoint", sa.String(length=64), nullable=True),
        sa.Column("measure", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=True),
        sa.Column("author_id", sa.String(length=32), nullable=True),
        sa.Column("owner_id", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("edited_at", UtcDateTime(), nullable=True),
        sa.Column("answer_due_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('new', 'under_review', 'planned', 'in_progress', 'shipped', 'declined', 'parked', "
            "'merged', 'withdrawn')",
            name=op.f("ck_ideas_status"),
        ),
        sa.CheckConstraint("votes >= 0", name=op.f("ck_ideas_votes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ideas")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ideas_author_id_created_at", "ideas", ["author_id", "created_at"])
    op.create_index("ix_ideas_created_at_stage_author_id", "ideas", ["created_at", "stage", "author_id"])
    op.create_index("ix_ideas_votes_id", "ideas", ["votes", "id"])


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_inbox")),
    )
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])


def _create_job_runs() -> None:
    op.create_table(
        "job_runs",
        sa.Column("job", sa.String(length=32), nullable=False),
        sa.Column("slot", sa.String(length=32), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_job_runs")),
    )


def _create_people() -> None:
    op.create_table(
        "people",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "standing IN ('unknown', 'member', 'guest', 'bot', 'external', 'deactivated')",
            name=op.f("ck_people_standing"),
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_people")),
    )
    op.create_index(
        "ix_people_unknown",
        "people",
        ["user_id"],
        sqlite_where=sa.text("standing = 'unknown'"),
        postgresql_where=sa.text("standing = 'unknown'"),
    )


def _create_reactions() -> None:
    op.create_table(
        "reactions",
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("message_ts", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("emoji", sa.String(length=128), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("event_ts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "message_ts", "user_id", "emoji", name=op.f("pk_reactions")),
    )


def _create_role_members() -> None:
    op.create_table(
        "role_members",
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("role", "user_id", "source", name=op.f("pk_role_members")),
    )


def _create_workspace() -> None:
    op.create_table(
        "workspace",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("enterprise_id", sa.String(length=32), nullable=True),
        sa.Column("bot_user_id", sa.String(length=32), nullable=False),
        sa.Column("bot_id", sa.String(length=32), nullable=True),
        sa.Column("app_id", sa.String(length=32), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("learned_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_workspace")),
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=True),
        sa.Column("message_ts", sa.String(length=32), nullable=True),
        sa.Column("response_url", sa.Text(), nullable=True),
        sa.Column("post_key", sa.String(length=36), nullable=False),
        sa.Column("wanted_revision", sa.Integer(), nullable=False),
        sa.Column("shown_revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('card', 'digest', 'reply')", name=op.f("ck_outbox_kind")),
        sa.CheckConstraint("state IN ('due', 'sending', 'unknown', 'blocked', 'dead')", name=op.f("ck_outbox_state")),
        sa.ForeignKeyConstraint(["idea_id"], ["ideas.id"], name=op.f("fk_outbox_idea_id_ideas")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index("ix_outbox_channel_id_message_ts", "outbox", ["channel_id", "message_ts"])
    op.create_index("ix_outbox_idea_id", "outbox", ["idea_id"])
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["priority", "not_before"],
        sqlite_where=sa.text("wanted_revision > shown_revision"),
        postgresql_where=sa.text("wanted_revision > shown_revision"),
    )


def _create_votes() -> None:
    op.create_table(
        "votes",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("by_button", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("by_reaction", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("voted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["ideas.id"], name=op.f("fk_votes_idea_id_ideas")),
        sa.PrimaryKeyConstraint("idea_id", "user_id", name=op.f("pk_votes")),
    )
    op.create_index("ix_votes_user_id", "votes", ["user_id"])
    op.create_index(
        "ix_votes_voted_at",
        "votes",
        ["voted_at", "idea_id", "user_id"],
        sqlite_where=sa.text("counts"),
        postgresql_where=sa.text("counts"),
    )
