"""One `run` on a SQLite file: a lock of the operating system beside it, gone with the process that holds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from db.session import Sessions


class InUse(Exception):
    """Another process serves Slack from this file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


@contextmanager
def sole_use(sessions: Sessions) -> Iterator[None]:
    """Hold a SQLite file as the only `run` on it; raises InUse, or OSError where the lock cannot be made.

    PostgreSQL serves any number of them, so there nothing is held.
    """
    path = file_of(sessions)
    if path is None:
        yield
        return
    # A soft lock would outlive a killed process.
    lock = FileLock(f"{path}.lock", timeout=0, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise InUse(path) from None
    try:
        yield
    finally:
        lock.release()


def file_of(sessions: Sessions) -> Path | None:
    """Return the file of a SQLite database, by its one real path however it was named; None on PostgreSQL."""
    if sessions.engine.dialect.name != "sqlite":
        return None
    with sessions.reading() as session:
        # SQLite says what it has opened: no address of ours needs to be understood.
        (name,) = [row[2] for row in session.connection().exec_driver_sql("PRAGMA database_list") if row[1] == "main"]
    return Path(name).resolve()
