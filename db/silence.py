"""Connections to PostgreSQL that end when the server falls silent.

The server's own limits end what takes long, but not what is frozen: a machine that vanished, a process that was
stopped, a disk that answers no more.
"""

from typing import Any, TypeVar

from psycopg import Connection
from psycopg.abc import PQGen
from psycopg.errors import OperationalError
from psycopg.pq import TransactionStatus

from db.session import REQUEST_PATIENCE_SECONDS

SILENCE_SECONDS = REQUEST_PATIENCE_SECONDS + 0.5
"""A little longer than a statement may take: where the server still answers, it says more."""

_LOOK_SECONDS = 0.1

Answer = TypeVar("Answer")


class LimitedConnection(Connection[Any]):
    """A connection on which no answer is waited for longer than the server may take."""

    def wait(
        self, gen: PQGen[Answer], interval: float = _LOOK_SECONDS, timeout: float | None = SILENCE_SECONDS
    ) -> Answer:
        """Return what comes of an exchange; raises OperationalError, after which the connection is closed."""
        try:
            return super().wait(gen, interval, timeout)
        except OperationalError:
            if self.info.transaction_status == TransactionStatus.ACTIVE:  # It may still be at it: nobody knows.
                self.close()
            raise
