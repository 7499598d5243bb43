"""The door: size, signature and shape are checked before Bolt parses anything."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

import structlog
from slack_bolt import App, BoltRequest
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier
from waitress.server import TcpWSGIServer, create_server

from bot import clock
from bot.health import Health
from bot.metrics import CONTENT_TYPE, Metrics

log = structlog.get_logger()

LARGEST_BODY = 1024 * 1024
THREADS = 16
_GRACE_SECONDS = 3
_LONG_TIME = 13
"""Digits of a time stamp that is none: seconds have ten."""
_CANNOT_READ = (TypeError, ValueError, LookupError, AttributeError, RecursionError)
"""What Bolt raises for a signed body in which something has the wrong type; listeners' errors never come here."""

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Answer = tuple[int, str, str]


class _SlackTime(SignatureClock):
    """Slack's time, by which a signature is judged where this machine's clock is wrong."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        return clock.now().timestamp()


class Door:
    """The WSGI application: Slack's requests, the health checks and the metrics."""

    def __init__(
        self, health: Health, metrics: Metrics, app: App | None = None, signing_secret: str | None = None
    ) -> None:
        self._health = health
        self._metrics = metrics
        self._app = app
        self._verifiers = _verifiers(signing_secret) if signing_secret else ()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        status, content_type, body = self._answer(environ)
        payload = body.encode()
        headers = [("Content-Type", content_type), ("Content-Length", str(len(payload)))]
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [payload]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        route = (environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""))
        if route == ("POST", "/slack/events") and self._app and self._verifiers:
            return self._slack(environ, self._app)
        if route == ("GET", "/healthz"):
            return 200, "text/plain", "ok"
        if route == ("GET", "/readyz"):
            is_ready, report = self._health.report()
            return 200 if is_ready else 503, "application/json", json.dumps(report)
        if route == ("GET", "/metrics"):
            return 200, CONTENT_TYPE, self._metrics.exposition()
        return 404, "text/plain", "not found"

    def _slack(self, environ: dict[str, Any], app: App) -> Answer:
        if int(environ.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            return 413, "text/plain", "too large"
        raw = environ["wsgi.input"].read(LARGEST_BODY + 1)
        if not is_signed(self._verifiers, environ, raw):
            return 401, "text/plain", "not signed by Slack"
        body = readable_body(raw)
        if body is None:
            return 400, "text/plain", "not a request of Slack's"
        try:
            response = app.dispatch(BoltRequest(body=body, headers=_headers(environ)))
        except _CANNOT_READ as error:
            log.warning("request.unreadable", error=type(error).__name__)
            return 400, "text/plain", "not a request of Slack's"
        content_type = next(iter(response.headers.get("content-type", [])), "text/plain")
        return response.status, content_type, response.body or ""


def _verifiers(signing_secret: str) -> tuple[SignatureVerifier, ...]:
    return SignatureVerifier(signing_secret), SignatureVerifier(signing_secret, _SlackTime())


def is_signed(verifiers: Iterable[SignatureVerifier], environ: dict[str, Any], raw: bytes) -> bool:
    """Return whether Slack signed this body within five minutes; a garbled time stamp is no signature.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    timestamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
    signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < _LONG_TIME and signature.isascii()):
        return False
    try:
        body = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return any(verifier.is_valid(body=body, timestamp=timestamp, signature=signature) for verifier in verifiers)


def readable_body(raw: bytes) -> str | None:
    """Return a signed body when Bolt can parse it: a JSON object, or a form, whose payload is a JSON object."""
    text = raw.decode("utf-8")
    is_json = text.lstrip().startswith("{")
    payload = text if is_json else parse_qs(text).get("payload", ["{}"])[0]
    try:
        is_object = isinstance(json.loads(payload), dict)
    except (ValueError, RecursionError):
        return None
    return text if is_object and (is_json or "=" in text) else None


class HttpServer:
    """waitress in a thread, with the graceful stop that it has not got itself; raises OSError for a taken port."""

    def __init__(self, door: Door, host: str, port: int) -> None:
        self._server: TcpWSGIServer = create_server(  # type: ignore[assignment]  # one address: one server
            door,
            sockets=[_listen(host, port)],
            threads=THREADS,
            ident=None,
            max_request_body_size=LARGEST_BODY + 1,  # waitress refuses what reaches its limit.
            connection_limit=1000,
            channel_timeout=30,
        )
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.getsockname()[1])

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, finish those under way, and close."""
        self._server.accepting = False
        dispatcher = self._server.task_dispatcher
        deadline = time.monotonic() + _GRACE_SECONDS
        while (dispatcher.queue or dispatcher.active_count) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.05)  # The main loop still has to send what the last worker wrote.
        self._server.close()
        dispatcher.shutdown(cancel_pending=True, timeout=1)


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket on the first address of this name: `localhost` has two, and waitress would serve each apart."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return socket.create_server(address[:2], family=family, backlog=1024)


def _headers(environ: dict[str, Any]) -> dict[str, str | Sequence[str]]:
    headers: dict[str, str | Sequence[str]] = {
        name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
    }
    return headers | {"content-type": environ.get("CONTENT_TYPE", "")}
