"""A short piece of the compressed year; the whole of it is `python -m tests.faults.year`."""

import random
from pathlib import Path

import pytest

from tests.effort import examples
from tests.faults.year import before_a_change, company


@pytest.mark.timeout(0)
def test_weeks_around_a_change_of_the_clocks(sqlite_url: str, tmp_path: Path) -> None:
    """Through a change of the clocks, with losses, errors and kills each week: one digest a week, and all is kept."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201  # shown when it fails
    with company(sqlite_url, tmp_path, seed) as year:
        year.sandbox.control("jump_to", time=before_a_change(year.now).isoformat())
        for _ in range(examples(2)):
            year.live_a_week(is_restarted=True)
        year.settle(60)
        assert year.changes
        assert len(year.acknowledged) >= len(year.weeks)
