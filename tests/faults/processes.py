"""The bot as a real process, to be killed, stopped and started again beside a workspace that lives on."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from db.models import Workspace
from db.session import open_database
from sandbox.server import Sandbox
from tests.bot import ADMIN, LEADER, wait_until

ROOT = Path(__file__).parents[2]
_START_SECONDS = 60
"""A busy machine takes long to begin a process; how long is no promise."""
_COMMAND = [sys.executable, "-W", "error", "-m", "bot"]


@dataclass(kw_only=True)
class Listener:
    """Whatever serves on a port of this machine: a free one, and the same from one life to the next."""

    port: int = 0

    def __post_init__(self) -> None:
        self.port = self.port or free_port()

    @property
    def events_url(self) -> str:
        """Where it takes Slack's requests in HTTP mode."""
        return f"http://127.0.0.1:{self.port}/slack/events"

    def status(self, path: str) -> int:
        """Return the status of one of its health checks; 0 while nobody answers."""
        return self.answer(path)[0]

    def answer(self, path: str) -> tuple[int, bytes]:
        """Return the status of one of its health checks, and what it says when all is well."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return int(answer.status), answer.read()
        except urllib.error.HTTPError as error:
            error.close()
            return error.code, b""
        except OSError:
            return 0, b""


def bot_environment(info: dict[str, Any], database_url: str, port: int, transport: str) -> dict[str, str]:
    """Return the variables that `cxidea run` gets in a workspace, which says `info` of itself, and no others."""
    own = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "SLACK_BOT_TOKEN": info["bot_token"],
        "SLACK_API_URL": info["api_url"],
        "DATABASE_URL": database_url,
        "CX_IDEAS_CHANNEL": info["ideas_channel"],
        "CX_DIGEST_CHANNEL": info["digest_channel"],
        "CX_LEADERS": LEADER,
        "CX_ADMINS": ADMIN,
        "CX_LOG_FORMAT": "json",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    is_socket = transport == "socket"
    link = {"SLACK_APP_TOKEN": info["app_token"]} if is_socket else {"SLACK_SIGNING_SECRET": info["signing_secret"]}
    return own | link


@dataclass
class BotProcess(Listener):
    """`cxidea` against a workspace: one `run` at a time, and any other commands beside it."""

    sandbox: Sandbox
    database_url: str
    folder: Path
    transport: str = "socket"
    changes: dict[str, str] = field(default_factory=dict)
    _running: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables that it gets, and no others."""
        own = bot_environment(self.sandbox.info, self.database_url, self.port, self.transport)
        return own | self.changes

    @property
    def program(self) -> list[str]:
        """What is started."""
        return _COMMAND

    @property
    def rights(self) -> dict[str, Any]:
        """As whom it is started: as ourselves."""
        return {}

    @property
    def log(self) -> str:
        """What all its runs wrote to standard error."""
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def start(self, *, is_ready: bool = True) -> None:
        """Run it, and wait until it serves."""
        self.sandbox.deliver_to(self.events_url if self.transport == "http" else None)
        with (self.folder / "log").open("a") as log:
            self._running = subprocess.Popen(
                [*self.program, "run"], cwd=self.folder, env=self.environment, stderr=log, text=True, **self.rights
            )
        if is_ready:
            wait_until(lambda: self.status("/readyz") == 200, _START_SECONDS)
            wait_until(self._knows_itself, _START_SECONDS)

    def _knows_itself(self) -> bool:
        sessions = open_database(self.database_url)
        with sessions.reading() as session:
            is_known = session.scalar(select(Workspace.bot_user_id)) is not None
        sessions.dispose()
        return is_known

    def knows_the_time(self) -> bool:
        """Return whether it serves and has heard Slack's time: until then a clock that jumps is one that was wrong."""
        status, report = self.answer("/readyz")
        return status == 200 and json.loads(report)["slack"] == "ok"

    @property
    def threads(self) -> list[int]:
        """What Linux calls its threads, from the main one on."""
        assert self._running
        return [int(each.name) for each in Path(f"/proc/{self._running.pid}/task").iterdir()]

    def stop(self, number: signal.Signals = signal.SIGKILL, *, thread: int | None = None) -> int:
        """End it by a signal, which interrupts this thread when the system is free to choose; return its exit code."""
        assert self._running
        os.kill(thread or self._running.pid, number)
        code = self._running.wait(timeout=30)
        self._running = None
        return code

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin another command of `cxidea`."""
        return subprocess.Popen(
            [*self.program, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **self.rights,
        )

    def result(self, *arguments: str) -> tuple[int, str, str]:
        """Carry a command out; return its exit code and what it wrote to standard output and standard error."""
        with self.command(*arguments) as running:
            output, errors = running.communicate(timeout=60)
            return running.returncode, output, errors

    def close(self) -> None:
        """Leave nothing running."""
        if self._running:
            self._running.kill()
            self._running.wait(timeout=30)


@contextmanager
def bot_process(
    sandbox: Sandbox, database_url: str, folder: Path, transport: str, **changes: str
) -> Iterator[BotProcess]:
    """Yield a bot that is not started yet, and end it with the block."""
    bot = BotProcess(sandbox, database_url, folder, transport, changes)
    try:
        yield bot
    finally:
        bot.close()


def messages(sandbox: Sandbox, channel: str) -> list[dict[str, Any]]:
    """Return the messages of a channel as an admin sees them."""
    (found,) = [each for each in sandbox.state(LEADER)["channels"] if each["id"] == channel]
    shown: list[dict[str, Any]] = found["messages"]
    return shown


def posts(sandbox: Sandbox) -> int:
    """Return how many posts the workspace was asked for."""
    return sum(entry.name == "chat.postMessage" for entry in sandbox.parts.journal.entries)


def free_port() -> int:
    """Return a port of this machine that nobody listens on, and that no outgoing connection takes before its owner."""
    for port in random.sample(range(20_000, 32_000), 100):  # Linux gives connections numbers from 32768 on.
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("a hundred ports are all taken")
