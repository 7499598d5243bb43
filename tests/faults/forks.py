"""The bot in processes that begin at once: forked from one that has imported it already.

They run the real `Runtime` with waits of their own, and are killed, stopped and frozen for real.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.logs import configure_logging
from bot.pace import Pace
from bot.runtime import Runtime
from bot.settings import Settings
from db.session import open_database
from sandbox.server import Sandbox
from tests.bot import PATIENCE_SECONDS, QUICK, settings_for, wait_until
from tests.faults.processes import Listener
from tests.faults.steps import Step, strike_at

HASTY = replace(QUICK, lease=1.0, backoff=(0.05, 0.1, 0.2, 0.5))
"""Waits so short that whatever a dead process held is settled within a second or two."""

READY = 200


@dataclass(frozen=True, slots=True)
class Strike:
    """A signal that a process sends itself when it reaches a step for the n-th time."""

    step: Step
    nth: int = 1
    number: signal.Signals = signal.SIGKILL


@dataclass(frozen=True, slots=True)
class _Orders:
    settings: Settings
    pace: Pace
    log: str
    strike: Strike | None
    pages: int | None


@dataclass
class Fork(Listener):
    """The bot against a workspace: one process at a time, which keeps its port from one life to the next."""

    sandbox: Sandbox
    database_url: str
    folder: Path
    transport: str = "http"
    pace: Pace = HASTY
    changes: dict[str, Any] = field(default_factory=dict)
    process: Any = None

    @property
    def log(self) -> str:
        """What all its processes wrote."""
        path = self.folder / f"log-{self.port}"
        return path.read_text() if path.exists() else ""

    def start(self, strike: Strike | None = None, *, pages: int | None = None) -> bool:
        """Begin a process, which may be struck at a step, or gets a database of so many pages; return if it serves."""
        settings = settings_for(self.sandbox, self.database_url, self.transport, port=self.port, **self.changes)
        orders = _Orders(settings, self.pace, str(self.folder / f"log-{self.port}"), strike, pages)
        self.process = _context().Process(target=_serve, args=(orders,))
        self.process.start()
        wait_until(lambda: not self.is_alive or self.is_frozen or self.status("/readyz") == READY, seconds=30)
        return self.is_alive

    @property
    def is_alive(self) -> bool:
        """Whether the process runs, or is frozen."""
        return bool(self.process and self.process.is_alive())

    @property
    def is_frozen(self) -> bool:
        """Whether the process is stopped until somebody lets it go on."""
        try:
            return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        except OSError:
            return False

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """Kill it, if it lives."""
        if self.process:
            self.process.kill()
            self.process.join(30)

    def stop(self) -> int:
        """Ask it to end; return its exit code."""
        self.process.terminate()
        self.process.join(30)
        return int(self.process.exitcode)

    def wait_for_end(self, seconds: float) -> bool:
        """Wait so long at most; return whether it has ended."""
        self.process.join(seconds)
        return not self.is_alive


@contextmanager
def forked(sandbox: Sandbox, database_url: str, folder: Path, transport: str = "http", **more: Any) -> Iterator[Fork]:
    """Yield a bot that is not started yet, and end it with the block."""
    bot = Fork(sandbox, database_url, folder, transport, **more)
    sandbox.workspace.ack_seconds = PATIENCE_SECONDS  # A busy machine is no fault.
    sandbox.deliver_to(bot.events_url if transport == "http" else None)
    try:
        yield bot
    finally:
        bot.kill()


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.forks"])
    return context


def _serve(orders: _Orders) -> None:
    """Be the bot, in a process of its own."""
    log = os.open(orders.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    os.close(log)
    configure_logging("json")
    sessions = open_database(orders.settings.database_url.get_secret_value())
    if orders.pages is not None:
        limit = f"PRAGMA max_page_count={orders.pages}"
        event.listen(sessions.engine, "connect", lambda connection, _record: connection.execute(limit))
    if orders.strike:
        strike_at(sessions, orders.strike.step, orders.strike.nth, orders.strike.number)
    Runtime(orders.settings, sessions, orders.pace).run()
