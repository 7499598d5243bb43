"""What several of these tests get."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doorstep import Doorstep, open_doorstep


@pytest.fixture(scope="module")
def doorstep(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doorstep]:
    """Yield the door over a database in which everything was done once."""
    with open_doorstep(_sqlite_template, tmp_path_factory.mktemp("doorstep")) as doorstep:
        yield doorstep
