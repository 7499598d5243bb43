"""Migrations under fire: two at once, killed at each statement, a full disk, writers and readers in the way."""

import json
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from db.schema import HEAD, revision_of
from db.session import open_database
from sandbox.people import IDEAS_CHANNEL
from sandbox.server import Sandbox
from tests.bot import GUARD, wait_until
from tests.faults.processes import bot_process, messages
from tests.releases import NEXT, begin, ended, migrate, next_release

NEWEST = "The database is at its newest migration."
Shape = dict[str, set[str]]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the next release."""
    return next_release(tmp_path_factory.mktemp("release"))


@pytest.fixture
def filled_url(database_url: str) -> str:
    """Return a database of this release with an idea in it."""
    sessions = open_database(database_url)
    with sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO ideas (title, description, search_text, status, votes, created_at, answer_due_at)"
                " VALUES ('Queue', '', '', 'new', 0, '2026-11-02 09:00:00', '2026-11-09 09:00:00')"
            )
        )
    sessions.dispose()
    return database_url


class Migrator:
    """A process that migrates at once when it is told to, since everything is loaded."""

    def __init__(self, release: Path) -> None:
        self._process = begin(release, "-m", "tests.faults.killing")

    def order(self, url: str, **how: Any) -> None:
        """Have it begin."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"url": url, **how}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> int:
        """Wait for its end, and return how it ended."""
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def __call__(self, url: str, **how: Any) -> int:
        """Migrate; return how it ended."""
        self.order(url, **how)
        return self.answer()

    def close(self) -> None:
        """Leave nothing running."""
        self._process.communicate(timeout=30)


@pytest.fixture
def migrator(release: Path) -> Iterator[Migrator]:
    """Yield a process that migrates."""
    migrator = Migrator(release)
    yield migrator
    migrator.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def make_empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Yield a function that returns the address of a database without tables."""
    if request.param == "sqlite":
        numbers = count(1)
        yield lambda: f"sqlite:///{tmp_path / f'new{next(numbers)}.db'}"
        return
    server, _ = request.getfixturevalue("_postgresql_template")
    names: list[str] = []

    def make() -> str:
        names.append(server.create_database())
        return str(server.url(names[-1]))

    yield make
    for name in names:
        server.drop_database(name)


def shape_of(url: str) -> tuple[str | None, Shape]:
    """Return a database's migration, and the columns of its tables."""
    sessions = open_database(url)
    revision = revision_of(sessions)
    with sessions.reading() as session:
        tables = inspect(session.connection())
        shape = {name: {column["name"] for column in tables.get_columns(name)} for name in tables.get_table_names()}
    sessions.dispose()
    return revision, shape


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Return what a SELECT finds."""
    sessions = open_database(url)
    with sessions.reading() as session:
        found = [tuple(row) for row in session.execute(text(statement))]
    sessions.dispose()
    return found


@contextmanager
def somebody_writing(url: str) -> Iterator[None]:
    """Keep a transaction open that gives all ideas seven votes, until the end of the block."""
    sessions = open_database(url, is_patient=True)
    with sessions.begin() as session:
        session.execute(text("UPDATE ideas SET votes = 7"))
        yield
    sessions.dispose()


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def copies(url: str) -> list[Path]:
    """Return the copies that were kept of a SQLite file."""
    path = path_of(url)
    assert not path.with_name(f"{path.name}.copying").exists()
    return sorted(path.parent.glob(f"{path.stem}-*{path.suffix}"))


@pytest.mark.timeout(300)
def test_killed_at_each_statement_the_old_schema_stays(filled_url: str, migrator: Migrator) -> None:
    """Killed before any statement or the commit, it leaves the old schema and all rows; the next try gets further."""
    old = shape_of(filled_url)
    for number in count(1):
        code = migrator(filled_url, kill_at=number)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        assert shape_of(filled_url) == old
    assert number > 8
    assert shape_of(filled_url)[0] == NEXT
    assert rows(filled_url, "SELECT title, remark, rank FROM ideas") == [("Queue", "Queue", 0)]
    assert rows(filled_url, "SELECT idea_id FROM ranks") == [(1,)]
    if filled_url.startswith("sqlite"):
        assert rows(filled_url, "PRAGMA integrity_check") == [("ok",)]
        assert all(shape_of(f"sqlite:///{copy}") == old for copy in copies(filled_url))


@pytest.mark.timeout(120)
def test_killed_while_making_the_first_tables(tmp_path: Path, migrator: Migrator) -> None:
    """A new SQLite file whose first migration is killed has no table, and is migrated by the next try."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    for number in count(1, 5):
        if migrator(url, kill_at=number) == 0:
            break
        assert shape_of(url) == (None, {})
    assert number > 20
    assert shape_of(url)[0] == NEXT


@pytest.mark.timeout(120)
def test_two_at_once_take_turns(filled_url: str, release: Path) -> None:
    """Two processes migrate while somebody writes for longer than requests wait: one does it, both say it is done."""
    with somebody_writing(filled_url):
        both = [migrate(release, filled_url) for _ in range(2)]
        time.sleep(6)
        assert [process.poll() for process in both] == [None, None]
    results = [ended(process) for process in both]
    for code, errors in results:
        assert (code, errors.splitlines()[-1]) == (0, NEWEST)
    assert rows(filled_url, "SELECT remark, votes FROM ideas") == [("Queue", 7)]
    if filled_url.startswith("sqlite"):
        (copy,) = copies(filled_url)
        told = [line for _, errors in results for line in errors.splitlines() if line != NEWEST]
        assert told == [f"A copy of the database as it was: {copy}"]
        assert rows(f"sqlite:///{copy}", "SELECT votes FROM ideas") == [(7,)]


@pytest.mark.timeout(180)
def test_three_at_once_make_the_first_tables(make_empty: Callable[[], str], release: Path) -> None:
    """On an empty database three that begin at the same moment end well, time and again."""
    migrators = [Migrator(release) for _ in range(3)]
    for _ in range(6):
        url = make_empty()
        for each in migrators:
            each.order(url)
        assert [each.answer() for each in migrators] == [0, 0, 0]
        assert shape_of(url)[0] == NEXT
    for each in migrators:
        each.close()


@pytest.mark.timeout(120)
def test_a_long_writer_is_waited_for(filled_url: str, migrator: Migrator) -> None:
    """Somebody who writes for longer than any request waits delays a migration, and does not end it."""
    with somebody_writing(filled_url):
        migrator.order(filled_url)
        time.sleep(8)
    assert migrator.answer() == 0
    assert rows(filled_url, "SELECT remark, votes FROM ideas") == [("Queue", 7)]


@pytest.mark.postgresql
@pytest.mark.timeout(120)
def test_a_long_reader_holds_nobody_else_up(release: Path, request: pytest.FixtureRequest) -> None:
    """While `migrate` waits for a table that pg_dump reads, the bot goes on using it; then it migrates."""
    url = str(request.getfixturevalue("_fresh_postgresql"))
    sessions, dump = open_database(url), open_database(url, is_patient=True)
    with dump.reading() as reader:
        reader.execute(text("LOCK TABLE ideas IN ACCESS SHARE MODE"))
        process = migrate(release, url)
        until = time.monotonic() + 8
        while time.monotonic() < until:
            with sessions.begin() as session:
                session.execute(text("UPDATE ideas SET votes = 1"))
            time.sleep(0.05)
        assert process.poll() is None
    sessions.dispose()
    dump.dispose()
    assert ended(process) == (0, f"{NEWEST}\n")
    assert shape_of(url)[0] == NEXT


def test_nothing_to_do_copies_nothing(sqlite_url: str) -> None:
    """`migrate` on a database that is there already keeps no copy."""
    from bot.migrations import migrate as migrate_here

    said: list[str] = []
    assert migrate_here(sqlite_url, said.append) == HEAD
    assert (said, copies(sqlite_url)) == ([], [])


def test_copies_never_overwrite(sqlite_url: str) -> None:
    """Copies of one second have names of their own; the rest of a copy that was killed is cleared away."""
    from db.copies import keep_copy

    path = path_of(sqlite_url)
    path.chmod(0o600)
    path.with_name(f"{path.name}.copying").write_text("half")
    kept = {keep_copy(path, HEAD) for _ in range(4)}
    assert sorted(kept) == copies(sqlite_url)
    assert len(kept) == 4
    assert {copy.stat().st_mode & 0o777 for copy in kept} == {0o600}


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let processes that begin in this block write no file larger than this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.timeout(120)
def test_without_a_copy_nothing_is_migrated(sqlite_url: str, release: Path) -> None:
    """Where the copy cannot be written, one line says where and why, and the database stays as it was."""
    old = shape_of(sqlite_url)
    with small_files(40_000):
        code, errors = ended(migrate(release, sqlite_url))
    (line,) = errors.splitlines()
    assert code == 1
    assert line.startswith(f"Nothing was migrated, since no copy could be kept at {path_of(sqlite_url).parent}")
    assert (shape_of(sqlite_url), copies(sqlite_url)) == (old, [])
    assert ended(migrate(release, sqlite_url))[0] == 0


@pytest.mark.timeout(120)
def test_full_disk_leaves_the_old_schema(sqlite_url: str, release: Path) -> None:
    """A disk that fills up at any point of a migration leaves the old schema, and one line says what to do."""
    old = shape_of(sqlite_url)
    with closing(sqlite3.connect(path_of(sqlite_url))) as connection:
        connection.execute("VACUUM")  # No page may be free that the migration could fill.
        (size,) = connection.execute("PRAGMA page_count").fetchone()
    process = begin(release, "-m", "tests.faults.killing")
    orders = [json.dumps({"url": sqlite_url, "pages": size + more}) for more in (0, 1, 100)]
    output, errors = process.communicate("\n".join(orders) + "\n", timeout=100)
    assert output.split() == ["1", "1", "0"]
    lines = [line for line in errors.splitlines() if not line.startswith("A copy")]
    assert lines == ["The disk of the database is full; nothing was changed. Make room, and try again."] * 2 + [NEWEST]
    assert [shape_of(f"sqlite:///{copy}") for copy in copies(sqlite_url)] == [old] * 3


@pytest.mark.timeout(120)
def test_this_release_runs_on_the_next_ones_schema(
    sandbox: Sandbox, tmp_path: Path, database_url: str, release: Path
) -> None:
    """Beside the next release and after a rollback: it starts, files an idea, and its `migrate` changes nothing."""
    assert ended(migrate(release, database_url))[0] == 0
    newer = shape_of(database_url)
    with bot_process(sandbox, database_url, tmp_path, "http") as bot:
        assert bot.result("migrate") == (
            0,
            "",
            f"A newer release has migrated the database ({NEXT}); this one ({HEAD}) runs on it. Nothing to do.\n",
        )
        bot.start()
        sandbox.act(GUARD, "command", text="Tell callers their place in the queue", channel="C0GENERAL1")
        wait_until(lambda: messages(sandbox, IDEAS_CHANNEL))
    assert shape_of(database_url) == newer
    assert rows(database_url, "SELECT id, rank FROM ideas") == [(1, 0)]


@pytest.mark.timeout(120)
def test_the_next_release_refuses_this_ones_schema(sqlite_url: str, release: Path) -> None:
    """A database that is older than the code is refused with the command that migrates it."""
    process = begin(release, "-m", "bot", "export", DATABASE_URL=sqlite_url)
    assert ended(process) == (1, "The database is not at its newest migration. Run: cxidea migrate\n")
