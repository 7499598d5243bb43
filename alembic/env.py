"""Run migrations on the connection that `bot.migrations` hands over."""

from alembic import context
from sqlalchemy import Connection

from db.tables import METADATA

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,  # SQLite has it too, once BEGIN is sent before the first statement.
)
with context.begin_transaction():
    context.run_migrations()
