"""Engines and sessions: one code path for SQLite and PostgreSQL."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Insert, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

DIALECTS = ("sqlite", "postgresql")
"""The databases' names as SQLAlchemy has them."""

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeoutError)
"""What is raised when the database cannot be reached, or does not answer in time."""

REQUEST_PATIENCE_SECONDS = 2
"""How long a request may wait for the database; Slack waits three seconds for the acknowledgement."""

PATIENCE_SECONDS = 600
"""How long a migration may wait for others who use the database."""

FROZEN_SECONDS = 5
"""After so long without a word inside a transaction a process is frozen: PostgreSQL ends it, so that others go on."""

_NOTICEABLE_SECONDS = 0.1
_FRESH_SECONDS = 0.5

POOL_SIZE = 24
"""Sixteen request threads, delivery, jobs, health checks: all that is not a lone statement."""

_POOL: dict[str, Any] = {
    "pool_size": POOL_SIZE,
    "max_overflow": 0,
    "pool_timeout": REQUEST_PATIENCE_SECONDS,
    "pool_use_lifo": True,  # The connection last used goes first: its caches are warm.
}

_SINGLE_POOL = _POOL | {"pool_size": 2, "isolation_level": "AUTOCOMMIT"}
"""Votes, one after the other, and delivery. Shared with jobs, votes would find now this connection warm, now that."""


class Sessions:
    """Transactions on one database: `begin()` to write, `reading()` to read, `single()` for lone statements.

    `engine` is what transactions use; `engines` are all that connect.
    """

    def __init__(self, engine: Engine, single: Engine | None = None) -> None:
        self.engine = engine
        self.engines = (engine, single) if single else (engine,)
        self._write = sessionmaker(engine, expire_on_commit=False)
        reading = engine.execution_options(sqlite_begin="DEFERRED")
        self._read = sessionmaker(reading, expire_on_commit=False)
        self._single = single or reading

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Yield a session whose work is committed at the end of the block, or undone by an error."""
        with self._write.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that takes no write lock."""
        with self._read() as session:
            yield session

    @contextmanager
    def single(self) -> Iterator[Connection]:
        """Yield a connection for a lone statement, or few that are each a transaction of their own.

        They go through `db/driver.py`. PostgreSQL begins and ends each unasked, on connections that serve nothing else
        and so stay warm; on SQLite it is to read only.
        """
        with self._single.connect() as connection:
            yield connection

    def dispose(self) -> None:
        """Close all connections."""
        for engine in self.engines:
            engine.dispose()


def open_database(url: str, *, is_patient: bool = False) -> Sessions:
    """Return sessions on the database at this URL; nothing connects yet.

    A patient one, for migrations, waits for others, and as long as a statement takes.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return Sessions(_sqlite_engine(address.render_as_string(hide_password=False), is_patient=is_patient))
    url = address.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    return Sessions(*(_postgresql_engine(url, pool, is_patient=is_patient) for pool in (_POOL, _SINGLE_POOL)))


def upsert(session: Session, table: type[DeclarativeBase], values: dict[str, Any] | list[dict[str, Any]]) -> Any:
    """Return an INSERT of the session's dialect, ready for `on_conflict_do_*`."""
    return insert_for(session.get_bind().dialect.name, table).values(values)


def insert_for(dialect: str, table: type[DeclarativeBase]) -> Any:
    """Return the dialect's INSERT, the only one that knows ON CONFLICT; its result's `rowcount` says what it did.

    Without being asked, SQLAlchemy keeps no count of an INSERT, and psycopg's is then -1: every row would look new.
    """
    statement: Insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return statement.execution_options(preserve_rowcount=True)


def _postgresql_engine(url: str, pool: dict[str, Any], *, is_patient: bool) -> Engine:
    limits = "-c timezone=UTC -c jit=off"  # To compile a plan takes longer than any statement of ours.
    if not is_patient:
        limits += (
            f" -c lock_timeout={REQUEST_PATIENCE_SECONDS * 750} -c statement_timeout={REQUEST_PATIENCE_SECONDS * 1000}"
            f" -c idle_in_transaction_session_timeout={FROZEN_SECONDS * 1000}"
        )
    engine = create_engine(url, **pool, connect_args={"connect_timeout": REQUEST_PATIENCE_SECONDS, "options": limits})
    if not is_patient:
        event.listen(engine, "do_connect", _connect_with_limits)
    event.listen(engine, "checkin", lambda _dbapi, record: record.info.update(rests_since=time.monotonic()))
    event.listen(engine, "checkout", lambda dbapi, record, _proxy: _ping_if_rested(engine, dbapi, record.info))
    return engine


def _connect_with_limits(_dialect: Any, _record: Any, arguments: Any, parameters: Any) -> Any:
    from db.silence import LimitedConnection  # noqa: PLC0415  # psycopg takes long to import, and SQLite needs none

    return LimitedConnection.connect(*arguments, **parameters)


def _ping_if_rested(engine: Engine, dbapi_connection: Any, info: dict[str, Any]) -> None:
    """Find out whether a connection that was not used for a while still lives, as SQLAlchemy's own ping does always."""
    now = time.monotonic()
    if now - info.get("rests_since", now) < _FRESH_SECONDS:
        return
    try:
        engine.dialect.do_ping(dbapi_connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _sqlite_engine(url: str, *, is_patient: bool) -> Engine:
    patience = PATIENCE_SECONDS if is_patient else REQUEST_PATIENCE_SECONDS
    engine = create_engine(url, **_POOL)
    turn = threading.Lock()
    event.listen(engine, "connect", lambda dbapi, _record: _prepare_sqlite(dbapi, patience))
    event.listen(engine, "begin", lambda connection: _begin_sqlite(connection, turn, patience))
    event.listen(engine, "checkin", lambda _dbapi, record: _end_turn(record.info, turn))
    return engine


def _prepare_sqlite(dbapi_connection: Any, patience: float) -> None:
    dbapi_connection.isolation_level = None  # BEGIN is ours: pysqlite's own would be a deferred one.
    dbapi_connection.execute(_busy_timeout(patience))
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _busy_timeout(seconds: float) -> str:
    return f"PRAGMA busy_timeout={int(seconds * 1000)}"


def _begin_sqlite(connection: Connection, turn: threading.Lock, patience: float) -> None:
    if connection.get_execution_options().get("sqlite_begin", "IMMEDIATE") == "DEFERRED":
        connection.exec_driver_sql("BEGIN DEFERRED")
        return
    waited = _take_turn(connection.info, turn, patience)
    if waited < _NOTICEABLE_SECONDS:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    # The turn has taken some of the patience; SQLite's own waiting gets what is left of it, and no more.
    connection.exec_driver_sql(_busy_timeout(max(0.0, patience - waited)))
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(_busy_timeout(patience))


def _take_turn(info: dict[str, Any], turn: threading.Lock, patience: float) -> float:
    """Queue the process's writers, and return the seconds waited: SQLite's own waiting is by polling, and unfair."""
    if info.get("has_turn"):
        return 0.0
    began = time.monotonic()
    if not turn.acquire(timeout=patience):
        raise PoolTimeoutError("another transaction keeps the database busy")
    info["has_turn"] = True
    return time.monotonic() - began


def _end_turn(info: dict[str, Any], turn: threading.Lock) -> None:
    if info.pop("has_turn", False):
        turn.release()
