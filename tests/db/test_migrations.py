"""The migrations and the tables in the code are the same thing."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from bot.migrations import config_for, migrate
from db.base import Base
from db.schema import HEAD, is_current
from db.session import open_database


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    sessions = open_database(database_url, is_patient=True)
    with sessions.engine.connect() as connection, connection.begin():
        yield connection
    sessions.dispose()


def test_migrated_database_equals_the_models(connection: Connection) -> None:
    """After all migrations a comparison with the models finds no difference."""
    assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_code_names_the_newest_migration(connection: Connection) -> None:
    """`run` compares the database with the migration that is really the newest."""
    assert ScriptDirectory.from_config(config_for(connection)).get_current_head() == HEAD


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    """`migrate` may be repeated."""
    migrate(database_url)
    sessions = open_database(database_url)
    assert is_current(sessions)
    sessions.dispose()


def test_every_migration_can_be_undone(connection: Connection) -> None:
    """Going back to before the first migration leaves no table of ours."""
    command.downgrade(config_for(connection), "base")
    assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
