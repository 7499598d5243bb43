"""The processes that are measured: the workspace, the bot, the bare app; and the databases."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bot import LEADER
from tests.faults.processes import Listener, bot_environment, free_port

Json = dict[str, Any]
_PATIENCE = 60.0


def resident_megabytes(status: str) -> float:
    """Return what a process holds in memory, by Linux's words about it."""
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


@dataclass
class Process:
    """A process that serves on a port of this machine."""

    running: subprocess.Popen[str]
    port: int

    @property
    def memory(self) -> float:
        """Resident memory in megabytes."""
        return resident_megabytes(Path(f"/proc/{self.running.pid}/status").read_text())

    @property
    def handles(self) -> int:
        """How many file handles it holds."""
        return len(list(Path(f"/proc/{self.running.pid}/fd").iterdir()))

    def end(self) -> None:
        """End it."""
        self.running.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.running.wait(20)
            return
        self.running.kill()
        self.running.wait(20)


@dataclass
class Workspace(Process):
    """`python -m sandbox`: the workspace, and what people do in it."""

    info: Json

    def ask(self, path: str, body: Json | None = None) -> Json:
        """Ask for something, or tell it to do something."""
        content = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.info['page']}{path}", content, {"Content-Type": "application/json"})  # noqa: S310  # http alone
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            found: Json = json.load(answer)
        return found

    def act(self, user: str, do: str, **keys: Any) -> Json:
        """Let somebody do something."""
        return self.ask("/act", {"user": user, "do": do, **keys})

    def control(self, do: str, **keys: Any) -> Json:
        """Do something behind the scenes."""
        return self.ask("/control", {"do": do, **keys})

    def cards(self) -> list[Json]:
        """Return the messages of the ideas channel."""
        channels = self.ask(f"/state?user={LEADER}")["channels"]
        (found,) = [each for each in channels if each["id"] == self.info["ideas_channel"]]
        messages: list[Json] = found["messages"]
        return messages


@contextmanager
def workspace(events_port: int | None = None) -> Iterator[Workspace]:
    """Yield a workspace in a process of its own, which delivers by HTTP to this port, or over Socket Mode."""
    urls = ["--events-url", f"http://127.0.0.1:{events_port}/slack/events"] if events_port else []
    command = [sys.executable, "-m", "sandbox", "--port", "0", *urls]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    info = json.loads(running.stdout.readline() if running.stdout else "")
    place = Workspace(running, int(info["page"].rpartition(":")[2]), info)
    try:
        yield place
    finally:
        place.end()


@contextmanager
def bot(place: Workspace, database_url: str, port: int = 0) -> Iterator[Process]:
    """Yield `cxidea run` once it serves, over HTTP."""
    port = port or free_port()
    environment = bot_environment(place.info, database_url, port, "http")
    with _serving([sys.executable, "-m", "bot", "run"], port, environment, "/readyz", 200) as process:
        yield process


@contextmanager
def bare_app(secret: str) -> Iterator[Process]:
    """Yield the bare Bolt app once it serves."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare", str(port), secret]
    with _serving(command, port, dict(os.environ), "/nothing", 404) as process:
        yield process


@contextmanager
def _serving(command: list[str], port: int, environment: dict[str, str], path: str, status: int) -> Iterator[Process]:
    """Yield a process once it answers at a path with this status."""
    running = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, text=True)
    process = Process(running, port)
    try:
        eventually(lambda: Listener(port=port).status(path) == status)
        yield process
    finally:
        process.end()


def eventually(condition: Callable[[], bool], seconds: float = _PATIENCE, step: float = 0.01) -> float:
    """Wait until something holds; return after how many seconds; raises TimeoutError."""
    began = time.perf_counter()
    while not condition():
        if time.perf_counter() - began > seconds:
            raise TimeoutError("it did not come about in time")
        time.sleep(step)
    return time.perf_counter() - began
