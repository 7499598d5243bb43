"""The clock that follows Slack's."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot import clock


def date_of(ahead: timedelta) -> dict[str, str]:
    """Return the headers of a workspace whose clock is ahead of ours."""
    return {"Date": format_datetime(datetime.now(UTC) + ahead, usegmt=True)}


@pytest.mark.parametrize("ahead", [timedelta(days=7), timedelta(minutes=-10)])
def test_a_clock_that_is_off_follows_slack(ahead: timedelta) -> None:
    """A machine whose clock is minutes or days off takes Slack's time."""
    clock.follow(date_of(ahead))
    assert abs(clock.now() - datetime.now(UTC) - ahead) < timedelta(seconds=3)


def test_a_clock_that_is_right_keeps_its_own_time() -> None:
    """A second of difference is the header's own coarseness, and changes nothing; so does an answer without a date."""
    clock.follow(date_of(timedelta(seconds=2)))
    clock.follow({})
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_a_mended_clock_is_trusted_again() -> None:
    """When the difference is gone, so is the correction."""
    clock.follow(date_of(timedelta(hours=1)))
    clock.follow(date_of(timedelta(0)))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
