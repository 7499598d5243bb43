"""Connections that wait in the pool: the database may have ended them meanwhile."""

import time

from sqlalchemy import text

from db.session import open_database

_END_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_ONE = text("SELECT 1")


def test_a_connection_that_died_while_it_rested_is_replaced(database_url: str) -> None:
    """Who comes after the database has ended its connections notices nothing, however many rested."""
    sessions, other = open_database(database_url), open_database(database_url)
    for _ in range(2):
        with sessions.reading() as first, sessions.reading() as second:
            assert [session.scalar(_ONE) for session in (first, second)] == [1, 1]
        if database_url.startswith("postgresql"):
            with other.begin() as session:
                session.execute(_END_OTHERS)
            time.sleep(0.6)
    sessions.dispose()
    other.dispose()
