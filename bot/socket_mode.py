"""The link to Slack over Socket Mode: no address of ours needs to be reachable."""

import random
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.deps import Deps
from bot.outcomes import failure_of

log = structlog.get_logger()

CONCURRENCY = 16
_CLOSE_SECONDS = 2
_FIRST = "first"
_GONE = getattr(select, "POLLRDHUP", 0)  # Linux's own; an error and a hang-up are always told.


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the link waits, in seconds: tests shrink it."""

    look: float = 0.5
    """The connection is looked at so often."""
    ping: float = 3
    """Slack's client pings so often; a connection on which four pings found no answer is dead."""
    hello: float = 10
    """Slack greets a connection that it will use."""
    silence: float = 900
    """A connection on which nothing came for so long may be deaf; a fresh one costs nothing."""
    steady: float = 30
    """A connection that lasted for so long was a good one, and the next attempt follows at once."""
    again: float = 1
    """After an attempt that failed the next one waits, each time twice as long."""
    longest: float = 30
    farewell: float = 2
    """A connection that is replaced stays for what it still has to acknowledge."""


class _Client(SocketModeClient):
    """Slack's client. Its own reconnecting asks without end and without a pause, so it only says that it is over."""

    is_over = False

    def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: FBT001, FBT002  # the client's signature
        """Note that Slack has asked for another connection."""
        self.is_over = self.is_over or force


class _Line:
    """One connection, from its opening to its end, and the signs of life on it."""

    def __init__(self, app: App, token: str, web_client: WebClient, patience: Patience) -> None:
        self._app = app
        self._patience = patience
        self.opened_at = self.heard_at = time.monotonic()
        self.is_greeted = self.is_given_up = False
        self.client = _Client(
            token,
            logger=app.logger,
            web_client=web_client,
            auto_reconnect_enabled=False,
            ping_interval=patience.ping,
            concurrency=CONCURRENCY,
            proxy=app.client.proxy,
        )
        self.client.on_message_listeners.append(self._on_message)
        self.client.socket_mode_request_listeners.append(self._on_request)  # type: ignore[arg-type]  # a wider protocol

    @property
    def is_live(self) -> bool:
        """Whether it stands, and Slack has said that it will use it."""
        return self.is_greeted and bool(self.client.is_connected()) and not self._is_cut()

    def trouble(self) -> str | None:
        """Return why this connection must be replaced; None for a good one."""
        now = time.monotonic()
        session = self.client.current_session
        if self.client.is_over:
            return "asked"
        if session is None or not session.is_active() or self._is_cut():
            return "lost"
        if not self.is_greeted and now - self.opened_at > self._patience.hello:
            return "no_hello"
        # Slack's client looks at the age of the last answer to a ping, and finds nothing when there never was one.
        if session.last_ping_pong_time is None and now - self.opened_at > 4 * self._patience.ping:
            return "no_pong"
        return "silence" if now - self.heard_at > self._patience.silence else None

    def end(self) -> None:
        """Close it; this may take seconds, and the other side may be gone already."""
        self.client.closed = True
        self.client.message_queue.put(None)  # Who waits there, waits for a second; this wakes it to see the end.
        self._wake_reader()
        try:
            self.client.close()
        except (AttributeError, OSError) as error:  # The client's close fails when the other side is gone already.
            log.info("socket_mode.close_failed", error=type(error).__name__)

    def _wake_reader(self) -> None:
        """End the wait for bytes, which lasts three seconds and holds the locks that closing and answering need."""
        self.client.current_session_state.terminated = True
        sock = getattr(self.client.current_session, "sock", None)
        if sock is not None:
            with suppress(OSError):  # The other side may be gone already.
                socket.socket.shutdown(sock, socket.SHUT_RD)  # A TLS socket's own would write in the clear afterwards.

    def _is_cut(self) -> bool:
        """Return whether the other end is gone: Slack's client reads on all the same, until five pings have failed."""
        sock = getattr(self.client.current_session, "sock", None)
        if sock is None:
            return True
        poll = select.poll()
        try:
            poll.register(sock, _GONE)
        except ValueError:  # It has just been closed.
            return True
        return bool(poll.poll(0))

    def _on_message(self, _raw: str) -> None:
        self.heard_at = time.monotonic()

    def _on_request(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        began = time.time()
        send_response(client, request, run_bolt_app(self._app, request), began)


class SocketLink:
    """Connects, replaces every connection that has died, however it died, and tells of every new one."""

    def __init__(self, app: App, deps: Deps, on_connect: Callable[[], None], patience: Patience = Patience()) -> None:
        token = deps.settings.slack_app_token
        self._token = token.get_secret_value() if token else ""
        self._app = app
        self._deps = deps
        self._on_connect = on_connect
        self._patience = patience
        self._stop = threading.Event()
        self._line: _Line | None = None
        self._attempts = 0
        self._refusal: str | None = None
        self._thread = threading.Thread(target=self._watch, name="socket-mode", daemon=True)

    @property
    def is_live(self) -> bool:
        """Whether a connection stands that Slack has greeted."""
        return self._line is not None and self._line.is_live

    def start(self) -> None:
        """Begin to connect; Slack may be away for now."""
        self._deps.metrics.follow_link(lambda: self.is_live)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way and disconnect, waiting a few seconds at most: Slack may answer nothing."""
        self._stop.set()
        if self._line:
            self._end(self._line).join(_CLOSE_SECONDS)

    def _watch(self) -> None:
        while not self._stop.is_set():
            reason = self._line.trouble() if self._line else _FIRST
            if reason:
                self._replace(reason)
            else:
                self._stop.wait(self._patience.look)

    def _replace(self, reason: str) -> None:
        """Open another connection, then end this one, which may still be heard for a moment."""
        old = self._line
        if old and not old.is_given_up:
            self._give_up(old, reason)
        self._stop.wait(self._pause())
        self._attempts += 1
        if not self._stop.is_set():
            self._open(reason)
        if old and old is not self._line:  # While Slack refuses, the old one may still serve.
            self._end(old, self._patience.farewell)

    def _give_up(self, line: _Line, reason: str) -> None:
        line.is_given_up = True
        if not line.is_greeted:
            self._failed(reason)
        elif time.monotonic() - line.opened_at > self._patience.steady:
            self._attempts = 0

    def _pause(self) -> float:
        if self._attempts == 0:
            return 0
        longest = min(self._patience.longest, self._patience.again * 2.0 ** min(self._attempts - 1, 10))
        return longest * random.uniform(0.5, 1)  # noqa: S311  # jitter, so that replicas do not knock together

    def _open(self, reason: str) -> None:
        line = _Line(self._app, self._token, self._deps.writes, self._patience)
        line.client.message_listeners.append(lambda _client, message, _raw: self._on_message(line, message, reason))
        try:
            line.client.connect()
            refusal = None if line.client.is_connected() else "refused"  # A refused handshake raises nothing.
        except (SlackClientError, OSError, HTTPException, ValueError) as error:
            refusal = failure_of(error).error
        if refusal:
            self._failed(refusal)
        else:
            self._line = line
        if refusal or self._stop.is_set():
            self._end(line)

    def _failed(self, error: str) -> None:
        """Tell of a connection that never came about, once for each cause in a row."""
        self._deps.metrics.connect_failed()
        if error != self._refusal:
            self._refusal = error
            log.warning("socket_mode.connect_failed", error=error, remedy="tried again by itself; see cxidea doctor")

    def _on_message(self, line: _Line, message: dict[str, Any], reason: str) -> None:
        if message.get("type") == "hello":
            line.is_greeted = True
            self._refusal = None
            self._deps.metrics.connected(reason)
            log.info("socket_mode.connected", reason=reason)
            self._on_connect()

    def _end(self, line: _Line, delay: float = 0) -> threading.Thread:
        def end() -> None:
            self._stop.wait(delay)
            line.end()

        thread = threading.Thread(target=end, name="socket-mode-close", daemon=True)
        thread.start()
        return thread
