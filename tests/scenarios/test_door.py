"""The door of HTTP: size, signature and shape are checked first, and strangers are refused."""

import gc
import hmac
import http.client
import json
import socket
import sys
import time
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy
from slack_sdk.signature import SignatureVerifier

from bot import clock
from bot.socket_mode import Patience
from tests.bot import AGENT, GUARD, World, running_world, wait_until
from tests.door import encoded, signed
from tests.doorstep import Doorstep
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


def event(world: World, ts: str, user: str = AGENT, **changes: Any) -> bytes:
    """Return the body of a reaction's event."""
    return json.dumps(reaction_body(world, ts, user, "+1") | changes).encode()


def say(world: World, raw: bytes) -> str:
    """Send these bytes; return the line of the answer, or nothing when the line is closed without one."""
    with socket.create_connection(("127.0.0.1", int(world.runtime.port or 0)), timeout=10) as line:
        line.sendall(raw)
        return line.makefile("rb").readline().decode().strip()


def head(world: World, body: bytes, *more: str, method: str = "POST", path: str = "/slack/events") -> bytes:
    """Return a request's head, signed for this body, with these lines at its end."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bot", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in signed(world, body).items()]
    return "\r\n".join([*lines, *more, "", ""]).encode()


def test_a_body_of_a_mebibyte_is_taken(sqlite_world: World) -> None:
    """A body of exactly one MiB is taken."""
    body = event(sqlite_world, "1700000000.000100", padding="")
    body = body[:-2] + b"x" * (MEBIBYTE - len(body)) + body[-2:]
    assert len(body) == MEBIBYTE
    assert knock(sqlite_world, body) == 200


def test_a_body_beyond_a_mebibyte_is_not_read(sqlite_world: World) -> None:
    """One byte more is 413, said before the body has come; so is a body in chunks that grows beyond."""
    assert say(sqlite_world, head(sqlite_world, b"", f"Content-Length: {MEBIBYTE + 1}")).split()[1] == "413"
    chunk = b"40000\r\n" + b"x" * 0x40000 + b"\r\n"
    assert say(sqlite_world, head(sqlite_world, b"", "Transfer-Encoding: chunked") + chunk * 5).split()[1] == "413"
    assert sqlite_world.get("/healthz") == (200, "ok")


def test_a_body_in_chunks(sqlite_world: World) -> None:
    """A rightly signed body in chunks is taken like any other."""
    body = event(sqlite_world, "1700000000.000100")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert say(sqlite_world, head(sqlite_world, body, "Transfer-Encoding: chunked") + chunked).split()[1] == "200"


def test_lengths_that_lie(sqlite_world: World) -> None:
    """A length that is shorter than the body cuts it, so its signature fails; one that is none is 400."""
    body = event(sqlite_world, "1700000000.000100")
    for length, status in ((len(body) - 1, "401"), (0, "401"), ("x", "400"), ("-1", "400"), ("1, 2", "400")):
        answer = say(sqlite_world, head(sqlite_world, body, f"Content-Length: {length}") + body)
        assert answer.split()[1] == status, length


def test_headers_that_come_twice(sqlite_world: World) -> None:
    """A second signature or time stamp, right or wrong, makes both void: 401."""
    body = event(sqlite_world, "1700000000.000100")
    for name in ("X-Slack-Signature", "X-Slack-Request-Timestamp"):
        for value in (signed(sqlite_world, body)[name], "v0=0"):
            raw = head(sqlite_world, body, f"Content-Length: {len(body)}", f"{name}: {value}") + body
            assert say(sqlite_world, raw).split()[1] == "401"


def test_slow_bodies_hold_nobody_up(sqlite_world: World) -> None:
    """While forty requests send no more than half of their bodies, others are answered at once."""
    address = ("127.0.0.1", int(sqlite_world.runtime.port or 0))
    body = event(sqlite_world, "1700000000.000100")
    with ExitStack() as lines:
        for _ in range(40):
            line = lines.enter_context(socket.create_connection(address, timeout=10))
            line.sendall(head(sqlite_world, body, f"Content-Length: {len(body)}") + body[: len(body) // 2])
        assert knock(sqlite_world, body) == 200
        assert sqlite_world.get("/healthz") == (200, "ok")


def test_other_methods_and_paths(sqlite_world: World) -> None:
    """Whatever is rightly signed but is no POST to the one address is 404."""
    for method, path in (
        *((method, "/slack/events") for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")),
        *(("POST", path) for path in ("/", "/slack/events/", "/slack//events", "/SLACK/EVENTS", "/healthz")),
    ):
        raw = head(sqlite_world, b"{}", "Content-Length: 2", method=method, path=path) + b"{}"
        assert say(sqlite_world, raw).split()[1] == "404", (method, path)


def test_a_wrong_content_type_changes_nothing(sqlite_world: World) -> None:
    """A request is read by what it is: an event called a form is taken, and a form called JSON is 400, not 500."""
    body = event(sqlite_world, "1700000000.000100")
    for content_type in ("application/x-www-form-urlencoded", "text/plain", "", "multipart/form-data; boundary=x"):
        assert knock(sqlite_world, body, {"Content-Type": content_type}) == 200, content_type
    assert knock(sqlite_world, b"command=%2Fcxidea&text=x", {"Content-Type": "application/json"}) == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v1=garbage"},
        {"X-Slack-Signature": "v0"},
        {"X-Slack-Signature": "V0=" + "0" * 64},
        {"X-Slack-Signature": "0" * 64},
        {"X-Slack-Signature": "v0=" + "0" * 4000},
        {"X-Slack-Signature": "v0=\u00e9"},
        {"X-Slack-Request-Timestamp": "garbage"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Request-Timestamp": "1700000000.5"},
        {"X-Slack-Request-Timestamp": "\u00b9\u00b2"},
        {"X-Slack-Request-Timestamp": "0x65535f00"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "nan"},
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


def test_either_clock_judges_a_time_stamp(sqlite_world: World) -> None:
    """Where this machine's clock and Slack's differ by days, a request that is fresh by either of them is taken."""
    ts = sqlite_world.file(GUARD, LINE)
    sqlite_world.sandbox.control("advance", seconds=3 * 86_400)
    sqlite_world.runtime.deps.heartbeat.beat()
    body = event(sqlite_world, ts)
    assert knock(sqlite_world, body, signed(sqlite_world, body)) == 200
    assert knock(sqlite_world, body, signed(sqlite_world, body, clock.now().timestamp())) == 200
    assert knock(sqlite_world, body, signed(sqlite_world, body, time.time() + 86_400)) == 401


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
    assert sqlite_world.get("/healthz") == (200, "ok")


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
    status, body = sqlite_world.get("/readyz")
    assert (status, json.loads(body)["database"]) == (200, "current")
    assert sqlite_world.get("/nothing")[0] == 404
    assert sqlite_world.get("/slack/events")[0] == 404
    assert knock(sqlite_world, b"{}", path="/healthz") == 404


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Slack's client leaks a refused socket.
def test_not_ready(sqlite_url: str) -> None:
    """Without its migration, or after five pings into a line that was cut, the bot is not ready."""
    with running_world(sqlite_url, "socket", patience=Patience(ping=0.3)) as world:
        assert world.get("/readyz")[0] == 200
        with world.without_tables("alembic_version"):
            status, body = world.get("/readyz")
            assert (status, json.loads(body)["ready"]) == (503, False)
            assert world.get("/healthz")[0] == 200
        world.sandbox.control("fault", target="link", kind="refuse", count=0)
        world.sandbox.control("drop_sockets")
        wait_until(lambda: world.get("/readyz")[0] == 503, seconds=20)
        assert json.loads(world.get("/readyz")[1])["socket_mode"] is False
    gc.collect()  # The leaked sockets are reported here, and not in whatever test comes next.


def test_what_is_not_signed_never_reaches_the_database(doorstep: Doorstep) -> None:
    """Not one statement is run for a request that is forged, stale, cut or too large, and of none a word is read."""
    statements: list[str] = []
    engine = doorstep.world.runtime.deps.sessions.engine
    forger = SignatureVerifier("f" * 32)

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sqlalchemy.event.listen(engine, "before_cursor_execute", note)
    try:
        for request in doorstep.requests:
            body, _ = encoded(request.altered("u", {}))
            right = signed(doorstep.world, body)
            forged = str(forger.generate_signature(timestamp=right["X-Slack-Request-Timestamp"], body=body))
            for headers in (
                {},
                right | {"X-Slack-Signature": forged},
                signed(doorstep.world, body, time.time() - 400),
                signed(doorstep.world, body, time.time() + 400),
                signed(doorstep.world, body + b"x"),
                right | {"X-Slack-Request-Timestamp": "now"},
            ):
                assert doorstep.knock(body, headers) == 401
            assert doorstep.knock(body + b" " * MEBIBYTE, right) == 413
        assert statements == []
        assert doorstep.deliver(doorstep.requests[0], {})[1] == 200
        assert statements
    finally:
        sqlalchemy.event.remove(engine, "before_cursor_execute", note)


def test_signatures_are_compared_in_constant_time(doorstep: Doorstep) -> None:
    """A forged signature is compared by the function that takes as long for a near miss as for a far one."""
    body = encoded(doorstep.requests[0])[0]
    called: list[Any] = []
    sys.setprofile(lambda _frame, kind, function: called.append(function) if kind == "c_call" else None)
    try:
        doorstep.knock(body, signed(doorstep.world, body) | {"X-Slack-Signature": "v0=" + "0" * 64})
    finally:
        sys.setprofile(None)
    assert hmac.compare_digest in called
