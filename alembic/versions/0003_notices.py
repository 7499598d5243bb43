"""Direct messages of the bot's own."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let an outbox row be a notice to one person."""
    _allow("kind IN ('card', 'digest', 'reply', 'notice')")


def downgrade() -> None:
    """Forget notices."""
    op.execute("DELETE FROM outbox WHERE kind = 'notice'")
    _allow("kind IN ('card', 'digest', 'reply')")


def _allow(kinds: str) -> None:
    name = op.f("ck_outbox_kind")
    with op.batch_alter_table("outbox") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, kinds)
