"""A running workspace, and official clients for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from sandbox.server import Sandbox, running_sandbox
from tests.sandbox.clients import Seen, build_bolt, eventually, hang_up


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A new workspace without rate limits."""
    with running_sandbox() as running:
        yield running


@pytest.fixture
def web(sandbox: Sandbox) -> WebClient:
    """The official client with the bot's token, never repeating a call."""
    return WebClient(token=sandbox.info["bot_token"], base_url=sandbox.info["api_url"], retry_handlers=[], timeout=5)


@pytest.fixture
def ideas(sandbox: Sandbox) -> str:
    """The id of the ideas channel."""
    channel: str = sandbox.info["ideas_channel"]
    return channel


@pytest.fixture
def bolt(web: WebClient) -> tuple[App, Seen]:
    """The Bolt app, not connected."""
    return build_bolt(web)


@pytest.fixture
def connected(sandbox: Sandbox, bolt: tuple[App, Seen]) -> Iterator[Seen]:
    """The Bolt app over its built-in Socket Mode client."""
    handler: Any = SocketModeHandler(bolt[0], sandbox.info["app_token"])
    handler.connect()
    eventually(lambda: sandbox.parts.sockets.sockets)
    yield bolt[1]
    hang_up(sandbox, handler.client)
