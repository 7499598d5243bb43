"""New databases of either kind, for what is run by hand."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.migrations import migrate
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
