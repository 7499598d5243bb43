"""Answers: the history of ideas, stages with owners, saved settings, and what people are told."""

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STAGES = (
    ("discover", "Discover"),
    ("choose", "Choose"),
    ("buy", "Buy"),
    ("start", "Start"),
    ("use", "Use"),
    ("get_help", "Get help"),
    ("renew_or_leave", "Renew or leave"),
    ("whole_journey", "The whole journey"),
)
TOUCHPOINTS = (
    ("contact_centre", "Contact centre"),
    ("branch_or_store", "Branch or store"),
    ("website", "Website"),
    ("mobile_app", "Mobile app"),
    ("email_and_letters", "E-mail and letters"),
    ("billing", "Billing"),
    ("product", "Product"),
    ("delivery", "Delivery"),
    ("marketing", "Marketing"),
    ("partner", "Partner"),
    ("other", "Other"),
)
IDEA_COLUMNS = {
    "settled_at": UtcDateTime(),
    "is_in_time": sa.Boolean(),
    "answer_id": sa.Integer(),
    "maker_id": sa.String(length=32),
    "parked_until": sa.Date(),
    "parked_condition": sa.Text(),
    "merged_into": sa.Integer(),
}
OPEN = "settled_at IS NULL AND status NOT IN ('withdrawn', 'merged')"


def upgrade() -> None:
    """Apply this step."""
    for name, kind in IDEA_COLUMNS.items():
        op.add_column("ideas", sa.Column(name, kind, nullable=True))
    waiting = ["answer_due_at", "id", "status", "stage", "owner_id", "settled_at"]
    op.create_index("ix_ideas_waiting", "ideas", waiting, sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN))
    for column in ("owner_id", "answered_at", "parked_until"):
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(op.f(f"ix_ideas_{column}"), "ideas", [column], sqlite_where=known, postgresql_where=known)
    op.add_column("people", sa.Column("timezone", sa.String(length=64), nullable=True))
    op.add_column("digest_channels", sa.Column("stages", sa.JSON(), nullable=True))
    _create_history()
    _create_lists()
    _create_settings()
    _create_news()
    _allow("kind IN ('card', 'digest', 'reply', 'notice', 'home', 'thread')")


def _create_history() -> None:
    op.create_table(
        "idea_changes",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.String(length=32), nullable=True),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=True),
        sa.Column("after", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("told_through", sa.String(length=32), nullable=True),
        sa.CheckConstraint("step IN ('status', 'owner', 'asked')", name=op.f("ck_idea_changes_step")),
        sa.ForeignKeyConstraint(["idea_id"], ["ideas.id"], name=op.f("fk_idea_changes_idea_id_ideas")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea_changes")),
    )
    op.create_index(op.f("ix_idea_changes_idea_id"), "idea_changes", ["idea_id", "id"])
    op.create_index(op.f("ix_idea_changes_at"), "idea_changes", ["at", "step", "after"])
    telling = sa.text("told_through IS NOT NULL")
    op.create_index("ix_idea_changes_telling", "idea_changes", ["id"], sqlite_where=telling, postgresql_where=telling)


def _create_lists() -> None:
    owners = ("owner_id", "deputy_id")
    for table, entries, people in (("stages", STAGES, owners), ("touchpoints", TOUCHPOINTS, ())):
        words = op.create_table(
            table,
            sa.Column("key", sa.String(length=64), nullable=False),
            sa.Column("name", sa.Text(), nullable=False),
            sa.Column("position", sa.Integer(), nullable=False),
            sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
            *(sa.Column(name, sa.String(length=32), nullable=True) for name in people),
            sa.PrimaryKeyConstraint("key", name=op.f(f"pk_{table}")),
        )
        rows = [{"key": key, "name": name, "position": place} for place, (key, name) in enumerate(entries)]
        op.bulk_insert(words, rows)


def _create_settings() -> None:
    op.create_table(
        "saved_settings",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.String(length=32), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_saved_settings")),
    )
    op.create_table(
        "preferences",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('own_ideas', 'voted_ideas', 'reminders', 'next_idea')", name="kind"),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_preferences")),
    )


def _create_news() -> None:
    op.create_table(
        "news",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("message_key", sa.String(length=255), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('own_ideas', 'voted_ideas', 'reminders', 'next_idea')", name="kind"),
        sa.ForeignKeyConstraint(["change_id"], ["idea_changes.id"], name=op.f("fk_news_change_id_idea_changes")),
        sa.PrimaryKeyConstraint("user_id", "change_id", name=op.f("pk_news")),
    )
    op.create_index(op.f("ix_news_message_key"), "news", ["message_key"])
    op.create_table(
        "invitations",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("occasion", sa.String(length=16), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("occasion IN ('shipped', 'declined')", name="occasion"),
        sa.PrimaryKeyConstraint("user_id", "occasion", name=op.f("pk_invitations")),
    )


def downgrade() -> None:
    """Undo this step; answers are lost."""
    op.execute("DELETE FROM outbox WHERE kind IN ('home', 'thread')")
    _allow("kind IN ('card', 'digest', 'reply', 'notice')")
    for table in ("invitations", "news", "preferences", "saved_settings", "touchpoints", "stages", "idea_changes"):
        op.drop_table(table)
    op.drop_column("digest_channels", "stages")
    op.drop_column("people", "timezone")
    for column in ("parked_until", "answered_at", "owner_id", "waiting"):
        op.drop_index(op.f(f"ix_ideas_{column}"), "ideas")
    for name in reversed(IDEA_COLUMNS):
        op.drop_column("ideas", name)


def _allow(kinds: str) -> None:
    name = op.f("ck_outbox_kind")
    with op.batch_alter_table("outbox") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, kinds)
