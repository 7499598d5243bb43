"""What tests with real processes get."""

from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox, running_sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Yield a workspace that outlives the bot."""
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a migrated SQLite file, where the kind of database cannot matter."""
    return str(request.getfixturevalue("_fresh_sqlite"))


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a migrated PostgreSQL database, which several replicas may share."""
    return str(request.getfixturevalue("_fresh_postgresql"))
