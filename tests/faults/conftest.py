"""What tests with real processes get."""

from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox, running_sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Yield a workspace that outlives the bot."""
    with running_sandbox() as sandbox:
        yield sandbox
