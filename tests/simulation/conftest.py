"""The grounds that simulations take place on."""

from collections.abc import Iterator

import pytest
import structlog

from tests import postgres
from tests.simulation.ground import Ground, postgresql_ground, sqlite_ground


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Log nothing: a story has hundreds of lines, and tells itself."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Ground]:
    """Yield a ground on SQLite."""
    with sqlite_ground() as ground:
        yield ground


@pytest.fixture(scope="module")
def postgresql(_postgresql_template: tuple[postgres.Server, str]) -> Iterator[Ground]:
    """Yield a ground on PostgreSQL."""
    with postgresql_ground(_postgresql_template[0]) as ground:
        yield ground
