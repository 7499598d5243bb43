"""Slack's clients for Node, unmodified, in the sandbox workspace."""

import pytest

from sandbox.server import running_sandbox
from tests.clients.nodeapps import TRANSPORTS, node_app
from tests.clients.scenario import play


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_bolt(node: str, transport: str) -> None:
    """The scenario runs to its end with @slack/bolt over both transports, and the client logs no warning."""
    with running_sandbox() as sandbox, node_app(node, sandbox, transport):
        play(sandbox)
