"""Bring a database to the newest migration."""

import time
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

import db
from db.copies import keep_copy
from db.schema import is_enough, revision_on
from db.session import PATIENCE_SECONDS, open_database
from db.sole import file_of

_ADVISORY_LOCK = 0x6378_6964_6561  # "cxidea": two replicas that migrate at once take turns.
_PAUSE_SECONDS = 1


def migrate(url: str, tell: Callable[[str], None] = lambda _: None) -> str:
    """Migrate the database at this URL and return the migration that it is then at.

    All steps are one transaction; a database that is there already stays as it is. An older SQLite file is copied
    first, and `tell` gets a line that says where; raises NotCopied, before anything is migrated, when it could not be.
    """
    sessions = open_database(url, is_patient=True)
    try:
        path = file_of(sessions)
        with sessions.engine.connect() as connection:
            _prepare(connection)
            return _upgrade(connection, path, tell)
    finally:
        sessions.dispose()


def scripts() -> Path:
    """Return the folder of the migrations: beside `db` in a checkout, inside it in a wheel."""
    package = Path(db.__file__).parent
    inside, beside = package / "migrations", package.parent / "alembic"
    return inside if inside.is_dir() else beside


def config_for(connection: Connection) -> Config:
    """Return Alembic's configuration for this connection."""
    config = Config()
    config.set_main_option("script_location", str(scripts()))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, path: Path | None, tell: Callable[[str], None]) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with connection.begin():
                return _upgrade_once(connection, path, tell)
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable) or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_SECONDS)  # Somebody reads for long, like pg_dump; let the others have their turn meanwhile.


def _upgrade_once(connection: Connection, path: Path | None, tell: Callable[[str], None]) -> str:
    """Migrate within the caller's transaction, which keeps all other writers out from before the copy is made."""
    _lock(connection)
    before = revision_on(connection)
    if before is not None and is_enough(before):
        return before
    if path is not None and before is not None:
        tell(f"A copy of the database as it was: {keep_copy(path, before)}")
    command.upgrade(config_for(connection), "head")
    return str(revision_on(connection))


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Recreating a parent table would cascade; the pragma is a no-op inside a transaction.
        driver = connection.connection.dbapi_connection
        if driver is not None:
            driver.cursor().execute("PRAGMA foreign_keys=OFF")


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        # A table's lock is asked for briefly, and again: everybody else queues behind whoever waits for it.
        connection.execute(text("SET LOCAL lock_timeout = '1s'"))
