"""The release before runs on the schema of the next one, so every migration only adds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.migrations import config_for
from db.session import open_database
from tests.db.expansion import Tables, breaches, tables_of

TAKEN_BACK: dict[str, list[str]] = {}
"""By migration, what it may break: what the release before it does not use any more. See docs/operate.md."""

SMALL = "CREATE TABLE small (id INTEGER PRIMARY KEY, name VARCHAR(8), kind VARCHAR(8) NOT NULL, {})"
WORDS = "CONSTRAINT kind CHECK (kind IN ('a', 'b'))"


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Yield a connection within a transaction."""
    sessions = open_database(url, is_patient=True)
    try:
        with sessions.engine.connect() as connection, connection.begin():
            yield connection
    finally:
        sessions.dispose()


def test_every_migration_only_adds(database_url: str) -> None:
    """Tables and columns stay, of the same type and no stricter, and what is new may be left out of an INSERT."""
    with connected(database_url) as connection:
        config = config_for(connection)
        revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]
        command.downgrade(config, "base")
        before: Tables = {}
        for revision in revisions:
            command.upgrade(config, revision)
            after = tables_of(connection)
            assert breaches(before, after) == TAKEN_BACK.get(revision, []), revision
            before = after


def test_migrations_are_numbered(sqlite_url: str) -> None:
    """Revisions are 0001, 0002 and so on: a release tells by the number whether a database is newer than itself."""
    with connected(sqlite_url) as connection:
        scripts = list(ScriptDirectory.from_config(config_for(connection)).walk_revisions())[::-1]
    assert [script.revision for script in scripts] == [f"{number:04}" for number in range(1, len(scripts) + 1)]


def test_idea_numbers_are_not_used_again(sqlite_url: str) -> None:
    """However often a migration makes the table anew, SQLite gives the number of a deleted last idea to nobody."""
    with connected(sqlite_url) as connection:
        (made,) = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'ideas'")).one()
    assert "AUTOINCREMENT" in made


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        ("DROP TABLE small", "small: dropped"),
        ("ALTER TABLE small DROP COLUMN name", "small.name: dropped"),
        ("ALTER TABLE small ADD COLUMN more VARCHAR(8) NOT NULL", "small.more: new, and must be given"),
        ("CREATE UNIQUE INDEX names ON small (name)", "small: new rule, unique name"),
        ("ALTER TABLE small ALTER COLUMN name SET NOT NULL", "small.name: must be given now"),
        ("ALTER TABLE small ALTER COLUMN name TYPE TEXT", "small.name: VARCHAR(8) became TEXT"),
        ("ALTER TABLE small ADD CONSTRAINT long CHECK (length(name) > 2)", "small: stricter check, long"),
        ("ALTER TABLE small ADD FOREIGN KEY (id) REFERENCES ideas (id)", "small: new rule, reference to ideas id"),
        (
            "ALTER TABLE small DROP CONSTRAINT kind, ADD CONSTRAINT kind CHECK (kind IN ('a'))",
            "small: stricter check, kind",
        ),
        (
            "ALTER TABLE small DROP CONSTRAINT small_pkey, ADD PRIMARY KEY (id, kind)",
            "small: another primary key",
        ),
        ("ALTER TABLE small ADD COLUMN more TEXT", None),
        ("ALTER TABLE small ADD COLUMN more INTEGER DEFAULT 0 UNIQUE CHECK (more >= 0)", None),
        ("ALTER TABLE small ADD COLUMN more INTEGER REFERENCES ideas (id)", None),
        ("ALTER TABLE small DROP CONSTRAINT kind, ADD CONSTRAINT kind CHECK (kind IN ('a', 'c', 'b'))", None),
        ("CREATE TABLE other (id INTEGER PRIMARY KEY, name TEXT NOT NULL)", None),
    ],
)
@pytest.mark.postgresql
def test_what_breaks_the_release_before_is_named(
    request: pytest.FixtureRequest, change: str, breach: str | None
) -> None:
    """The comparison names each kind of change that an older INSERT or SELECT would fail on, and passes the others."""
    with connected(str(request.getfixturevalue("_fresh_postgresql"))) as connection:
        connection.execute(text(SMALL.format(WORDS)))
        before = tables_of(connection)
        connection.execute(text(change))
        assert breaches(before, tables_of(connection)) == ([breach] if breach else [])


@pytest.mark.parametrize(
    ("rules", "breach"),
    [
        ("CONSTRAINT kind CHECK (kind IN ('a', 'b', 'c'))", None),
        ("CONSTRAINT kind CHECK (kind IN ('b'))", "small: stricter check, kind"),
        (f"{WORDS}, UNIQUE (name)", "small: new rule, unique name"),
    ],
)
def test_sqlite_s_new_tables_are_compared_too(tmp_path: Path, rules: str, breach: str | None) -> None:
    """On SQLite, where a change makes the table anew, checks and unique columns are compared as well."""
    found = []
    for number, each in enumerate((WORDS, rules)):
        with connected(f"sqlite:///{tmp_path}/{number}.db") as connection:
            connection.execute(text(SMALL.format(each)))
            found.append(tables_of(connection))
    assert breaches(*found) == ([breach] if breach else [])
