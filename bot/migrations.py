"""Bring a database to the newest migration."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

import db
from db.session import open_database

_ADVISORY_LOCK = 0x6378_6964_6561  # "cxidea": two replicas that migrate at once take turns.


def migrate(url: str, *, revision: str = "head") -> None:
    """Migrate the database at this URL; one that is there already is left as it is."""
    sessions = open_database(url, is_patient=True)
    try:
        with sessions.engine.connect() as connection:
            _prepare(connection)
            with connection.begin():
                _lock(connection)
                _upgrade(connection, revision)
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


def _upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(config_for(connection), revision)


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Recreating a parent table would cascade; the pragma is a no-op inside a transaction.
        driver = connection.connection.dbapi_connection
        if driver is not None:
            driver.cursor().execute("PRAGMA foreign_keys=OFF")


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
