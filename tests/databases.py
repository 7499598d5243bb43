"""New databases of either kind, for what is run by hand."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from bot.migrations import migrate
from db.session import Sessions
from tests import postgres

DATABASES = ("SQLite", "PostgreSQL")


@contextmanager
def migrated(database: str) -> Iterator[str]:
    """Yield the address of a new and migrated database of this kind; raises RuntimeError without PostgreSQL."""
    if database == "SQLite":
        with tempfile.TemporaryDirectory(prefix="cxidea-") as folder:
            url = f"sqlite:///{Path(folder) / 'cxidea.db'}"
            migrate(url)
            yield url
        return
    with postgres.running_server(is_durable=True) as server:  # What is measured has to be on the disk.
        name = server.create_database()
        migrate(server.url(name))
        yield server.url(name)
        server.drop_database(name)


def look_through(sessions: Sessions) -> None:
    """Have the database learn what it holds, as it does by itself in time."""
    with sessions.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM ANALYZE"))
