"""Three clients of Slack's Web API, since each call may wait and be repeated differently."""

from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)

from bot.settings import Settings

FORM_SECONDS, WRITE_SECONDS, READ_SECONDS = 2, 10, 10


def form_client(settings: Settings) -> WebClient:
    """Return the client that opens forms while somebody waits: quick, and never a second try."""
    return _client(settings, FORM_SECONDS)


def write_client(settings: Settings) -> WebClient:
    """Return the client that posts. The stock client repeats a post whose answer was lost, and posts twice."""
    return _client(settings, WRITE_SECONDS)


def read_client(settings: Settings) -> WebClient:
    """Return the client that reads, which may repeat what failed and wait where Slack says so."""
    client = _client(settings, READ_SECONDS)
    client.retry_handlers = [
        ConnectionErrorRetryHandler(max_retry_count=3),
        RateLimitErrorRetryHandler(max_retry_count=3),
        ServerErrorRetryHandler(max_retry_count=3),
    ]
    return client


def _client(settings: Settings, timeout: int) -> WebClient:
    return WebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=str(settings.slack_api_url),
        timeout=timeout,
        retry_handlers=[],
    )
