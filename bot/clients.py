"""Three clients of Slack's Web API, since each call may wait and be repeated differently."""

from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.web import SlackResponse

from bot.outcomes import failure_of
from bot.settings import Settings

Observer = Callable[[str, str], None]
"""Is told how each call ended: its method, and `ok` or Slack's word for what went wrong."""

FORM_SECONDS, WRITE_SECONDS, READ_SECONDS = 2, 10, 10


def form_client(settings: Settings, observe: Observer | None = None) -> WebClient:
    """Return the client that opens forms while somebody waits: quick, and never a second try."""
    return _client(settings, FORM_SECONDS, observe)


def write_client(settings: Settings, observe: Observer | None = None) -> WebClient:
    """Return the client that posts. The stock client repeats a post whose answer was lost, and posts twice."""
    return _client(settings, WRITE_SECONDS, observe)


def read_client(settings: Settings, observe: Observer | None = None) -> WebClient:
    """Return the client that reads, which may repeat what failed and wait where Slack says so."""
    client = _client(settings, READ_SECONDS, observe)
    client.retry_handlers = [
        ConnectionErrorRetryHandler(max_retry_count=3),
        RateLimitErrorRetryHandler(max_retry_count=3),
        ServerErrorRetryHandler(max_retry_count=3),
    ]
    return client


class _ObservedClient(WebClient):
    """Slack's client, which tells how each call ended, its repetitions included."""

    observe: Observer | None = None

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        """Call Slack; raises what the client raises."""
        try:
            answer = super().api_call(api_method, **arguments)
        except Exception as error:
            self._tell(api_method, failure_of(error).error)  # Raises again what is no failure of Slack's.
            raise
        self._tell(api_method, "ok")
        return answer

    def _tell(self, method: str, outcome: str) -> None:
        if self.observe:
            self.observe(method, outcome)


def _client(settings: Settings, timeout: int, observe: Observer | None) -> WebClient:
    client = _ObservedClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=str(settings.slack_api_url),
        timeout=timeout,
        retry_handlers=[],
    )
    client.observe = observe
    return client
