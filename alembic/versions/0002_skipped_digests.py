"""Digests that were skipped, and the first week that is expected of a channel."""

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("digest_channels", sa.Column("first_week", sa.String(length=8), nullable=True))
    op.add_column("digest_runs", sa.Column("skipped_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Undo this step."""
    op.drop_column("digest_runs", "skipped_at")
    op.drop_column("digest_channels", "first_week")
