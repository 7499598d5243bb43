"""Stories of two replicas, drawn by a seed: whatever went wrong in between, the promises hold in the end.

The long form: `python -m tests.simulation --seeds 10000`.
"""

import pytest

from tests.effort import examples
from tests.simulation.ground import Ground
from tests.simulation.seeds import run_seed

pytestmark = pytest.mark.timeout(600)


def test_no_seed_breaks_a_promise(sqlite: Ground) -> None:
    """Two replicas that die, sleep and meet a bad Slack at any call lose nothing and double nothing."""
    for seed in range(examples(30)):
        outcome = run_seed(seed, sqlite)
        assert not outcome.complaint, "\n".join([*outcome.told, f"seed {seed}", outcome.complaint])


@pytest.mark.postgresql
def test_no_seed_breaks_a_promise_on_postgresql(postgresql: Ground) -> None:
    """The same on PostgreSQL."""
    for seed in range(1000, 1000 + examples(5)):
        outcome = run_seed(seed, postgresql)
        assert not outcome.complaint, "\n".join([*outcome.told, f"seed {seed}", outcome.complaint])


def test_seed_repeats_exactly(sqlite: Ground) -> None:
    """A seed tells the same story each time, so that what it finds can be looked into."""
    seeds = range(50, 54)
    first, second = ([run_seed(seed, sqlite).told for seed in seeds] for _ in range(2))
    assert first == second
    assert any("dies" in line for told in first for line in told)
