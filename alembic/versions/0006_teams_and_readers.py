"""Teams by a field of people's profiles; digests by month, with dates in other languages, and to people themselves."""

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_IS_MEMBER = sa.text("standing = 'member'")


def upgrade() -> None:
    """Apply this step."""
    op.add_column("workspace", sa.Column("team_field", sa.String(length=32), nullable=True))
    op.add_column("people", sa.Column("team_checked_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_people_team_checked_at", "people", ["team_checked_at"],
        sqlite_where=_IS_MEMBER, postgresql_where=_IS_MEMBER,
    )  # fmt: skip
    op.create_index(
        "ix_people_team", "people", ["team"],
        sqlite_where=sa.text("team IS NOT NULL"), postgresql_where=sa.text("team IS NOT NULL"),
    )  # fmt: skip
    op.add_column("digest_channels", sa.Column("rhythm", sa.String(length=8), server_default="weekly", nullable=False))
    op.add_column("digest_channels", sa.Column("language", sa.String(length=16), nullable=True))
    op.add_column("digest_runs", sa.Column("told_through", sa.String(length=32), nullable=True))
    op.create_index(
        "ix_digest_runs_telling", "digest_runs", ["id"],
        sqlite_where=sa.text("told_through IS NOT NULL"), postgresql_where=sa.text("told_through IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "digest_readers",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_digest_readers")),
    )


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("digest_readers")
    op.drop_index("ix_digest_runs_telling", "digest_runs")
    op.drop_column("digest_runs", "told_through")
    op.drop_column("digest_channels", "language")
    op.drop_column("digest_channels", "rhythm")
    op.drop_index("ix_people_team", "people")
    op.drop_index("ix_people_team_checked_at", "people")
    op.drop_column("people", "team_checked_at")
    op.drop_column("workspace", "team_field")
