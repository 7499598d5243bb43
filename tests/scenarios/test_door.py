"""The door of HTTP: size, signature and shape are checked first, strangers are refused, and nothing is logged."""

import gc
import http.client
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
import structlog
from slack_sdk.signature import SignatureVerifier

from bot.logs import configure_logging
from tests.bot import AGENT, GUARD, World, running_world, wait_until
from tests.votes import reaction_body, settled_tally

MEBIBYTE = 1024 * 1024
LINE = "Let customers reschedule deliveries online"


def knock(world: World, body: bytes, headers: dict[str, str] | None = None, *, path: str = "/slack/events") -> int:
    """Send a request, signed as Slack does unless `headers` say otherwise; return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", int(world.runtime.port or 0), timeout=10)
    try:
        connection.request("POST", path, body, signed(world, body) | (headers or {}))
        return connection.getresponse().status
    finally:
        connection.close()


def signed(world: World, body: bytes, at: float | None = None) -> dict[str, str]:
    """Return the headers that Slack sends with a body."""
    timestamp = str(int(at or time.time()))
    secret = world.sandbox.info["signing_secret"]
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    assert signature
    return {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature,
    }


def get(world: World, path: str) -> tuple[int, str]:
    """Return status and body of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", int(world.runtime.port or 0), timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def event(world: World, ts: str, user: str = AGENT, **changes: Any) -> bytes:
    """Return the body of a reaction's event."""
    return json.dumps(reaction_body(world, ts, user, "+1") | changes).encode()


@pytest.mark.parametrize(("size", "status"), [(MEBIBYTE, 200), (MEBIBYTE + 1, 413)])
def test_bodies_up_to_a_mebibyte(sqlite_world: World, size: int, status: int) -> None:
    """A body of exactly one MiB is taken, one byte more is 413."""
    body = event(sqlite_world, "1700000000.000100", padding="")
    body = body[:-2] + b"x" * (size - len(body)) + body[-2:]
    assert len(body) == size
    assert knock(sqlite_world, body) == status


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v1=garbage"},
        {"X-Slack-Signature": "v0=\u00e9"},
        {"X-Slack-Request-Timestamp": "garbage"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Request-Timestamp": "1700000000.5"},
    ],
)
def test_what_slack_did_not_sign(sqlite_world: World, headers: dict[str, str]) -> None:
    """A missing, forged or garbled signature or time stamp is 401 and has no effect."""
    ts = sqlite_world.file(GUARD, LINE)
    assert knock(sqlite_world, event(sqlite_world, ts), headers) == 401
    assert settled_tally(sqlite_world, ts) == 0


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (301, 401), (-200, 200), (200, 200)])
def test_stale_and_early_requests(sqlite_world: World, seconds: int, status: int) -> None:
    """A rightly signed request older, or newer, than five minutes is 401."""
    body = event(sqlite_world, "1700000000.000100")
    assert knock(sqlite_world, body, signed(sqlite_world, body, time.time() + seconds)) == status


def test_another_secret_or_body(sqlite_world: World) -> None:
    """A body changed after signing, or signed by another app's secret, is 401."""
    body = event(sqlite_world, "1700000000.000100")
    assert knock(sqlite_world, body + b" ", signed(sqlite_world, body)) == 401
    headers = signed(sqlite_world, body)
    forged = SignatureVerifier("f" * 32).generate_signature(timestamp=headers["X-Slack-Request-Timestamp"], body=body)
    assert knock(sqlite_world, body, {"X-Slack-Signature": str(forged)}) == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1]", b"null", b"payload=%7B", b"payload=5", b"payload=[]", b"{}x", b"\x00", b'{"a":' * 2000],
)
def test_signed_nonsense(sqlite_world: World, body: bytes) -> None:
    """What Slack could not have sent is 400 when rightly signed; the bot goes on."""
    assert knock(sqlite_world, body) == 400
    assert get(sqlite_world, "/healthz") == (200, "ok")


@pytest.mark.parametrize("body", [b"{}", b'{"type":"event_callback"}', b"a=b", b'{"type":5,"event":[],"team":7}'])
def test_signed_objects_of_no_kind(sqlite_world: World, body: bytes) -> None:
    """An object that is no request of ours is refused without a crash."""
    assert 400 <= knock(sqlite_world, body) < 500


def test_a_replay_has_no_second_effect(database_url: str, request: pytest.FixtureRequest) -> None:
    """The same bytes five times, in between the vote is taken back: it stays taken back."""
    world = request.getfixturevalue("http_world")
    assert database_url
    ts = world.file(GUARD, LINE)
    body = event(world, ts)
    assert [knock(world, body) for _ in range(3)] == [200] * 3
    assert settled_tally(world, ts) == 1
    knock(world, json.dumps(reaction_body(world, ts, AGENT, "+1", type="reaction_removed")).encode())
    assert [knock(world, body) for _ in range(2)] == [200] * 2
    assert settled_tally(world, ts) == 0


@pytest.mark.parametrize("changes", [{"team_id": "T0OTHER001"}, {"api_app_id": "A0OTHER001"}, {"team_id": None}])
def test_strangers(sqlite_world: World, changes: dict[str, Any]) -> None:
    """Rightly signed requests of another workspace or app are refused, events and commands alike."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    assert knock(world, event(world, ts, **changes)) == 403
    fields = {"command": "/cxidea", "text": "Another idea of other people", "user_id": AGENT, "trigger_id": "1.2.3"}
    team = {"team_id": world.sandbox.workspace.team_id, "api_app_id": world.sandbox.workspace.app.id}
    body = urlencode({key: value for key, value in (fields | team | changes).items() if value}).encode()
    assert knock(world, body, {"Content-Type": "application/x-www-form-urlencoded"}) == 403
    assert settled_tally(world, ts) == 0
    assert len(world.cards()) == 1


def test_health(sqlite_world: World) -> None:
    """`/healthz` says ok, `/readyz` says what it knows of each part, everything else is 404."""
    status, body = get(sqlite_world, "/readyz")
    assert (status, json.loads(body)["database"]) == (200, "current")
    assert get(sqlite_world, "/nothing")[0] == 404
    assert get(sqlite_world, "/slack/events")[0] == 404
    assert knock(sqlite_world, b"{}", path="/healthz") == 404


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Slack's client leaks a refused socket.
def test_not_ready(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its migration, or after five pings into a line that was cut, the bot is not ready."""
    monkeypatch.setattr("bot.socket_mode._PING_SECONDS", 0.3)
    with running_world(str(request.getfixturevalue("_fresh_sqlite")), "socket") as world:
        assert get(world, "/readyz")[0] == 200
        with world.without_tables("alembic_version"):
            status, body = get(world, "/readyz")
            assert (status, json.loads(body)["ready"]) == (503, False)
            assert get(world, "/healthz")[0] == 200
        world.sandbox.control("fault", target="link", kind="refuse", count=0)
        world.sandbox.control("drop_sockets")
        wait_until(lambda: get(world, "/readyz")[0] == 503, seconds=20)
        assert json.loads(get(world, "/readyz")[1])["socket_mode"] is False
    gc.collect()  # The leaked sockets are reported here, and not in whatever test comes next.


@contextmanager
def everything_logged() -> Iterator[None]:
    """Log as `cxidea run` does, but at DEBUG; the workspace, in this process too, may say what it likes."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logging("json")
    root.handlers[:] = [handler for handler in root.handlers if handler not in handlers]
    root.setLevel(logging.DEBUG)
    theirs = [logging.getLogger(name) for name in ("sandbox", "uvicorn", "websockets", "asyncio")]
    for logger in theirs:
        logger.setLevel(logging.CRITICAL)
    yield
    for logger in theirs:
        logger.setLevel(logging.NOTSET)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_nothing_private_is_logged(
    capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest, transport: str
) -> None:
    """At DEBUG, through faults and forgeries too, no log line has an idea's text, a token or a response URL."""
    url = str(request.getfixturevalue("_fresh_sqlite"))
    with everything_logged(), running_world(url, transport) as world:
        for fault in (
            {"kind": "cut_body"},
            {"kind": "status", "status": 500},
            {"kind": "error", "error": "invalid_blocks"},
        ):
            world.sandbox.control("fault", target="chat.postMessage", **fault)
            world.command(GUARD, f"Zanzibar {fault['kind']} customers wait for ages")
            world.settle()
        ts = world.file(GUARD, "Zanzibar customers wait for ages")
        world.react(AGENT, ts)
        shown = world.command(AGENT, "top all")["ephemeral"]
        world.press(AGENT, shown, "vote.cast", "4")
        if transport == "http":
            knock(world, b'{"text": "Zanzibar"', {})
            knock(world, b'{"text": "Zanzibar"}', {"X-Slack-Signature": "v0=" + "0" * 64})
            knock(world, event(world, ts, event={"type": "message", "text": "Zanzibar"}))
        with world.without_tables("votes"):
            world.command(AGENT, "top all")
            world.command(AGENT, "Zanzibar has one more idea")
        info = world.sandbox.info
    logged = "".join(capfd.readouterr())
    assert "delivery.posted" in logged
    for secret in ("Zanzibar", info["bot_token"], info["app_token"], info["signing_secret"], "/actions/", "v0="):
        assert secret not in logged, [line[:300] for line in logged.splitlines() if secret in line][:3]
