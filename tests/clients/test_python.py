"""bolt-python, unmodified, in the sandbox workspace."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from sandbox.server import Sandbox, running_sandbox
from tests.clients.pythonapps import CONNECTIONS
from tests.clients.scenario import play


@pytest.mark.parametrize("connected", CONNECTIONS.values(), ids=CONNECTIONS)
def test_bolt(connected: Callable[[Sandbox], AbstractContextManager[None]], caplog: pytest.LogCaptureFixture) -> None:
    """The scenario runs to its end over each of bolt-python's connections, and the client logs no warning."""
    with running_sandbox() as sandbox, connected(sandbox):
        play(sandbox)
        assert caplog.messages == []
