"""Which migration the code needs, and whether a database has it."""

import os
from pathlib import Path

from sqlalchemy import Connection, inspect, make_url, text

from db.session import Sessions

HEAD = "0007"
"""The newest migration. Kept here, so that a start needs not import Alembic (0.4 s); a test compares it."""


def revision_of(sessions: Sessions) -> str | None:
    """Return the database's migration, or None for a database that was never migrated."""
    with sessions.reading() as session:
        return revision_on(session.connection())


def revision_on(connection: Connection) -> str | None:
    """Return `revision_of` for a connection."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def is_current(sessions: Sessions) -> bool:
    """Return whether the database is at the migration that this code needs, or at a newer one.

    A newer one only adds, so that this release runs on it too: beside the next one, or again after it.
    """
    return is_enough(revision_of(sessions))


def is_enough(revision: str | None) -> bool:
    """Return whether this code runs on a database at this migration; they are numbers of four digits."""
    return revision is not None and revision >= HEAD


def absent_file(url: str) -> str | None:
    """Return the SQLite file that does not exist yet; opened, it would be made, and empty."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database or obstacle(url):
        return None
    return None if Path(address.database).exists() else address.database


def obstacle(url: str) -> str | None:
    """Return what keeps a SQLite file from being opened, in words; None when it is nothing that can be seen."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return None
    folder = Path(address.database).absolute().parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist"
    return None if os.access(folder, os.W_OK) else f"the folder {folder} cannot be written to"
