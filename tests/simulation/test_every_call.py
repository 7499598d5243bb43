"""Each call to the database and to Slack fails once, at every n, in the main scenes."""

from collections.abc import Callable

import pytest

from tests.effort import EFFORT
from tests.simulation.failures import SLACK_AFTER, WHERE, fail_everywhere
from tests.simulation.ground import Ground
from tests.simulation.scenes import MAIN_SCENES, SCENES, Stage

pytestmark = pytest.mark.timeout(600)
_THOROUGH = 10
"""From this effort on, every scene fails at every call, on both databases."""


def step_of(scene: Callable[[Stage], None], *, is_first_database: bool) -> int:
    """Return of how many calls one fails in this run."""
    if EFFORT >= _THOROUGH:
        return 1
    return (1 if scene in MAIN_SCENES else 7) if is_first_database else 23


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_any_call_may_fail(
    sqlite: Ground, scene: Callable[[Stage], None], where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever call fails: what people were told is true, and all that they did comes about, once."""
    step = step_of(scene, is_first_database=True)
    struck = list(fail_everywhere(scene, sqlite, where, step))
    assert struck
    with capsys.disabled():
        print(f"\n{scene.__name__}: {len(struck)} failures of {where}, at every call number 1 + {step}k")  # noqa: T201


@pytest.mark.postgresql
@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_any_call_may_fail_on_postgresql(postgresql: Ground, scene: Callable[[Stage], None], where: str) -> None:
    """The same on PostgreSQL."""
    assert list(fail_everywhere(scene, postgresql, where, step_of(scene, is_first_database=False)))


def test_a_lost_answer_is_a_failure_that_counts(sqlite: Ground) -> None:
    """The failing call is really made or not made: filing in a line tells Slack once or twice, not never."""
    assert list(fail_everywhere(MAIN_SCENES[0], sqlite, SLACK_AFTER))
