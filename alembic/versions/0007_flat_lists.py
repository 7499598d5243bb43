"""Indexes with which lists, and the settings, are read without going through all ideas and messages."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_IS_CARD = sa.text("kind = 'card'")


def upgrade() -> None:
    """Apply this step."""
    op.create_index("ix_ideas_votes_id_status", "ideas", ["votes", "id", "status"])
    op.drop_index("ix_ideas_votes_id", "ideas")
    op.create_index(
        "ix_outbox_card_channel_id", "outbox", ["channel_id"], sqlite_where=_IS_CARD, postgresql_where=_IS_CARD
    )
    op.create_index("ix_outbox_post_key", "outbox", ["post_key"])


def downgrade() -> None:
    """Take this step back."""
    op.drop_index("ix_outbox_post_key", "outbox")
    op.drop_index("ix_outbox_card_channel_id", "outbox")
    op.create_index("ix_ideas_votes_id", "ideas", ["votes", "id"])
    op.drop_index("ix_ideas_votes_id_status", "ideas")
