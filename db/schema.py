"""Which migration the code needs, and whether a database has it."""

import os
from pathlib import Path

from sqlalchemy import inspect, make_url, text

from db.session import Sessions

HEAD = "0001"
"""The newest migration. Kept here, so that a start needs not import Alembic (0.4 s); a test compares it."""


def revision_of(sessions: Sessions) -> str | None:
    """Return the database's migration, or None for a database that was never migrated."""
    with sessions.reading() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return None
        revision: str | None = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def is_current(sessions: Sessions) -> bool:
    """Return whether the database is at the migration that this code needs."""
    return revision_of(sessions) == HEAD


def obstacle(url: str) -> str | None:
    """Return what keeps a SQLite file from being opened, in words; None when it is nothing that can be seen."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return None
    folder = Path(address.database).absolute().parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist"
    return None if os.access(folder, os.W_OK) else f"the folder {folder} cannot be written to"
