"""Digests: what each says is kept beside it, so that it can be shown anew; teams; workspaces without charts."""

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("workspace", sa.Column("charts_refused_at", UtcDateTime(), nullable=True))
    op.add_column("people", sa.Column("team", sa.String(length=64), nullable=True))
    op.add_column("digest_runs", sa.Column("facts", sa.JSON(), nullable=True))
    op.create_table(
        "digest_items",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("is_mover", sa.Boolean(), nullable=False),
        sa.Column("is_question", sa.Boolean(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["digest_runs.id"], name=op.f("fk_digest_items_run_id_digest_runs")),
        sa.ForeignKeyConstraint(["idea_id"], ["ideas.id"], name=op.f("fk_digest_items_idea_id_ideas")),
        sa.PrimaryKeyConstraint("run_id", "idea_id", name=op.f("pk_digest_items")),
    )
    op.create_index("ix_digest_items_idea_id", "digest_items", ["idea_id"])


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("digest_items")
    op.drop_column("digest_runs", "facts")
    op.drop_column("people", "team")
    op.drop_column("workspace", "charts_refused_at")
