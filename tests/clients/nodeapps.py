"""Slack's clients for Node, run as processes of their own."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.server import Sandbox

FOLDER = Path(__file__).parent / "node"
TRANSPORTS = ("socket", "http")


@contextmanager
def node_app(node: str, sandbox: Sandbox, transport: str) -> Iterator[None]:
    """Run the scenario's app on @slack/bolt; fails at the end when it wrote a warning or an error."""
    environment = {"PATH": os.environ["PATH"], "WORKSPACE": json.dumps(sandbox.info)}
    pipe = subprocess.PIPE
    command = [node, str(FOLDER / "app.mjs"), transport]
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout
            first_line = process.stdout.readline()
            assert first_line, process.communicate(timeout=5)
            if transport == "http":
                url = f"http://127.0.0.1:{json.loads(first_line)['port']}/slack/events"
                assert sandbox.control("events_url", url=url)["verified"]
            yield
            assert process.communicate(timeout=5) == ("", "")
        finally:
            process.kill()


class NodeCalls:
    """The @slack/web-api client in a process of its own, a call at a time; `log` has its warnings, at the end."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.log = ""
        self._process = process

    def __call__(self, token: str, method: str, args: dict[str, Any]) -> dict[str, Any]:
        """Call a method; gives its answer, or `ok` false with the error that the client throws."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"token": token, "method": method, "args": args}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, self._process.communicate(timeout=5)
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def node_calls(node: str, sandbox: Sandbox) -> Iterator[NodeCalls]:
    """Run @slack/web-api, and wait for its end."""
    pipe = subprocess.PIPE
    command = [node, str(FOLDER / "webapi.mjs"), sandbox.info["api_url"]]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            calls = NodeCalls(process)
            yield calls
            output, calls.log = process.communicate(timeout=5)
            assert output == ""
        finally:
            process.kill()
