"""The database that simulations take place on, one after the other: emptied in between, compiled statements kept."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from bot.migrations import migrate
from db.models import OutboxMessage
from db.session import open_database
from tests import postgres
from tests.bot import settings_for
from tests.simulation.hours import still_hours
from tests.simulation.replicas import Berth, Replica
from tests.simulation.still import StillSandbox, connected

REPLICAS = 2
_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder in memory, where there is one: nothing here outlives the run


_WAITING = select(OutboxMessage.key, OutboxMessage.state, OutboxMessage.last_error).where(
    OutboxMessage.wanted_revision > OutboxMessage.shown_revision, OutboxMessage.state != "dead"
)


class Ground(ABC):
    """A database at `url`, the replicas' ways to it, and one more for who looks on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.berths = [Berth(url) for _ in range(REPLICAS)]
        self.observer = open_database(url, is_patient=True)

    def clear(self) -> None:
        """Make the database as it is after the bot's first start, before anything is filed."""
        self.leave()
        self._clear()

    def waiting(self) -> list[Any]:
        """Return the keys of rows that have something to show, their states and what was wrong last."""
        with self.observer.reading() as session:
            return list(session.execute(_WAITING))

    def leave(self) -> None:
        """Close every connection."""
        for sessions in (self.observer, *(berth.sessions for berth in self.berths)):
            sessions.dispose()

    @abstractmethod
    def _clear(self) -> None: ...


class SqliteGround(Ground):
    """A file that is a copy of another."""

    def __init__(self, folder: Path) -> None:
        self._file, self._template = folder / "cxidea.db", folder / "template.db"
        super().__init__(f"sqlite:///{self._file}")
        _introduce(f"sqlite:///{self._template}")

    def _clear(self) -> None:
        for ending in ("-wal", "-shm"):
            self._file.with_name(self._file.name + ending).unlink(missing_ok=True)
        shutil.copy(self._template, self._file)


class PostgresqlGround(Ground):
    """A database made from a template again and again."""

    def __init__(self, server: postgres.Server) -> None:
        self._server, self._template = server, server.create_database()
        self._name = f"{self._template}_copy"
        super().__init__(server.url(self._name))
        _introduce(server.url(self._template))

    def _clear(self) -> None:
        self._server.drop_database(self._name)
        self._server.create_database(self._template, self._name)


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Yield a folder in memory, where the system has such: each commit waits for the disk, which is not the point."""
    with TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@contextmanager
def sqlite_ground() -> Iterator[Ground]:
    """Yield a ground on SQLite."""
    with folder_in_memory() as folder:
        ground = SqliteGround(folder)
        try:
            yield ground
        finally:
            ground.leave()


@contextmanager
def postgresql_ground(server: postgres.Server) -> Iterator[Ground]:
    """Yield a ground on this PostgreSQL."""
    ground = PostgresqlGround(server)
    try:
        yield ground
    finally:
        ground.leave()


def _introduce(url: str) -> None:
    """Migrate a database, and have a first start on it."""
    migrate(url)
    sandbox, berth = StillSandbox(), Berth(url)
    with still_hours(), connected(sandbox):
        Replica("the first", settings_for(sandbox, url, "socket"), berth.sessions).introduce()
    berth.sessions.dispose()
