"""Slack's clients for Node, run as processes of their own."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
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


def node_answers(node: str, sandbox: Sandbox, calls: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make calls through @slack/web-api, one after the other, and return what each of them gives."""
    lines = "".join(json.dumps(call) + "\n" for call in calls)
    command = [node, str(FOLDER / "webapi.mjs"), sandbox.info["api_url"]]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]
