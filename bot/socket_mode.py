"""The link to Slack over Socket Mode: no address of ours needs to be reachable."""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError

from bot.clients import read_client
from bot.outcomes import failure_of
from bot.settings import Settings

log = structlog.get_logger()

CONCURRENCY = 16
_RETRY_SECONDS = 5
_CLOSE_SECONDS = 2
_PING_SECONDS = 3
"""The client notices a line that was cut after five pings that fail, or four that nobody answers."""


class SocketLink:
    """Connects, stays connected, and tells of every new connection."""

    def __init__(self, app: App, settings: Settings, on_connect: Callable[[], None]) -> None:
        token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else ""
        self._on_connect = on_connect
        self._stop = threading.Event()
        self._handler = SocketModeHandler(
            app, token, web_client=read_client(settings), concurrency=CONCURRENCY, ping_interval=_PING_SECONDS
        )
        self._handler.client.message_listeners.append(self._on_message)
        self._thread = threading.Thread(target=self._connect, name="socket-mode", daemon=True)

    @property
    def is_connected(self) -> bool:
        """Whether a connection stands."""
        return bool(self._handler.client.is_connected())

    def start(self) -> None:
        """Begin to connect; Slack may be away for now."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way and disconnect, waiting a few seconds at most: Slack may answer nothing."""
        self._stop.set()
        closing = threading.Thread(target=self._close, name="socket-mode-close", daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)

    def _close(self) -> None:
        client = self._handler.client
        client.closed = True
        client.message_queue.put(None)  # Its reader waits there for a second; this wakes it to see that it is over.
        try:
            client.close()
        except (AttributeError, OSError) as error:  # The client's close fails when the other side is gone already.
            log.info("socket_mode.close_failed", error=type(error).__name__)

    def _connect(self) -> None:
        while not self._stop.is_set():
            try:
                self._handler.client.connect()
            except (SlackApiError, OSError, ValueError) as error:
                log.warning("socket_mode.connect_failed", error=_reason(error))
                self._stop.wait(_RETRY_SECONDS)
            else:
                return

    def _on_message(self, _client: Any, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            log.info("socket_mode.connected")
            self._on_connect()


def _reason(error: Exception) -> str:
    return failure_of(error).error if isinstance(error, SlackApiError) else type(error).__name__
