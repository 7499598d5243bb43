import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient

from sandbox.server import running_sandbox

ROOT = Path(__file__).parents[2]


@contextmanager
def process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run `python -m sandbox`; gives the process and its first line."""
    command = [sys.executable, "-W", "error", "-m", "sandbox", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout
        try:
            yield running, json.loads(running.stdout.readline())
        finally:
            running.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_process(number: signal.Signals) -> None:
    """The first line says where it is, at once usable; a signal ends it within two seconds, also with open sockets."""
    with process("--port", "0") as (running, info):
        web = WebClient(token=info["bot_token"], base_url=info["api_url"])
        assert web.auth_test()["url"] == info["page"] + "/"
        assert {"signing_secret", "ideas_channel", "digest_channel"} <= info.keys()
        client = SocketModeClient(info["app_token"], web_client=web, auto_reconnect_enabled=False)
        client.connect()
        started = time.monotonic()
        running.send_signal(number)
        output, errors = running.communicate(timeout=5)
        assert time.monotonic() - started < 2
        assert (running.returncode, output) == (0, "")
        assert "Traceback" not in errors
        client.close()


def test_taken_port() -> None:
    """A port that is taken ends the start with one line that says what to do."""
    with running_sandbox() as sandbox:
        port = sandbox.page.rpartition(":")[2]
        command = [sys.executable, "-m", "sandbox", "--port", port]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert result.returncode == 1
    assert re.fullmatch(rf"Port {port} cannot be used: .*\n", result.stderr)


def test_manifest(tmp_path: Path) -> None:
    """An app manifest sets what the app may do and which events it gets."""
    manifest = {
        "display_information": {"name": "Other"},
        "features": {"slash_commands": [{"command": "/other"}]},
        "oauth_config": {"scopes": {"bot": ["users:read"], "bot_optional": ["emoji:read"]}},
        "settings": {"event_subscriptions": {"bot_events": ["reaction_added"]}},
    }
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest))
    with process("--port", "0", "--manifest", str(path)) as (_, info):
        answer = WebClient(token=info["bot_token"], base_url=info["api_url"]).auth_test()
        assert answer.headers["x-oauth-scopes"] == "emoji:read,users:read"


def test_people_and_roles() -> None:
    """The workspace has a dozen employees of different roles, and everybody who may not vote."""
    with running_sandbox() as sandbox:
        users = sandbox.info["users"]
    roles = [user["role"] for user in users]
    assert len([role for role in roles if role in {"employee", "leader", "admin"}]) == 12
    assert {"guest", "bot", "external", "deactivated"} <= set(roles)
    assert all(re.fullmatch("[UW][A-Z0-9]{8,}", user["id"]) for user in users)


def test_quick_start() -> None:
    """A workspace starts and ends within a few hundredths of a second, as every test has one of its own."""
    started = time.monotonic()
    for _ in range(10):
        with running_sandbox():
            pass
    assert time.monotonic() - started < 1
