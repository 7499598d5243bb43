"""`cxidea demo`: the real bot as a process of its own, against a Slack workspace in a box."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer

from bot.manifest import manifest
from bot.migrations import migrate
from bot.settings import Settings

_SANDBOX_MISSING = "The demo needs the sandbox: pip install 'cxidea[demo]', or `make install` in a checkout."
_NOT_STARTED = "The workspace did not start, for the reason above. Example: cxidea demo --port 8301"


def run_demo(port: int, journal: Path | None = None, replay: Path | None = None) -> int:
    """Run until interrupted, or until one of the two processes ends; return the exit code.

    The workspace writes all that happens into `journal`, and does again what people did in `replay`.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if not all(map(find_spec, ("htpy", "starlette", "uvicorn", "websockets"))):
        typer.echo(_SANDBOX_MISSING, err=True)
        return 1
    with tempfile.TemporaryDirectory(prefix="cxidea-demo-") as folder:
        files = [word for name, file in (("--journal", journal), ("--replay", replay)) if file for word in (name, file)]
        asked_for = Path(folder) / "manifest.json"
        asked_for.write_text(json.dumps(manifest()), "utf-8")
        sandbox = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-m", "sandbox", "--port", str(port), "--manifest", str(asked_for), *files],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            workspace = _read_workspace(sandbox)
            if workspace is None:
                return 1
            return _run_bot(workspace, Path(folder), sandbox, ended)
        finally:
            _end(sandbox)


def _read_workspace(sandbox: "subprocess.Popen[str]") -> dict[str, Any] | None:
    line = sandbox.stdout.readline() if sandbox.stdout else ""
    if not line:
        typer.echo(_NOT_STARTED, err=True)
        return None
    workspace: dict[str, Any] = json.loads(line)
    return workspace


def _run_bot(workspace: dict[str, Any], folder: Path, sandbox: "subprocess.Popen[str]", ended: threading.Event) -> int:
    foreign = {name for name in os.environ if name.lower() in Settings.model_fields}
    others = {name: value for name, value in os.environ.items() if name not in foreign}
    environment = others | bot_environment(workspace, folder)
    migrate(environment["DATABASE_URL"])
    bot = subprocess.Popen([sys.executable, "-m", "bot", "run"], env=environment, cwd=folder)
    try:
        typer.echo(f"Open {workspace['page']} and type: /cxidea Let customers reschedule deliveries online")
        while not ended.wait(0.2):
            if bot.poll() is not None or sandbox.poll() is not None:
                return 1
        return 0
    finally:
        _end(bot)


def bot_environment(workspace: dict[str, Any], folder: Path) -> dict[str, str]:
    """Return the settings with which the bot meets this workspace; a person's own ones must not mix in."""
    users = workspace["users"]
    return {
        "SLACK_BOT_TOKEN": workspace["bot_token"],
        "SLACK_APP_TOKEN": workspace["app_token"],
        "SLACK_API_URL": workspace["api_url"],
        "DATABASE_URL": f"sqlite:///{folder / 'cxidea.db'}",
        "CX_IDEAS_CHANNEL": workspace["ideas_channel"],
        "CX_DIGEST_CHANNEL": workspace["digest_channel"],
        "CX_TEAM_FIELD": workspace["team_field"],
        "CX_TIMEZONE": "Europe/Berlin",  # where the workspace's people live, and the page's clock
        "CX_LEADERS": ",".join(user["id"] for user in users if user["role"] == "leader"),
        "CX_ADMINS": ",".join(user["id"] for user in users if user["role"] == "admin"),
    }


def _end(process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=12)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
