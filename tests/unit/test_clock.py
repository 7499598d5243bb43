"""The clock that follows Slack's."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import ClassVar

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


class Late:
    """An answer whose `Date` is as old as the call was long."""

    headers: ClassVar[dict[str, str]] = date_of(timedelta(seconds=-40))


def test_an_answer_that_came_late_does_not_set_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that slept in the midst of a call keeps its time: the answer's date is from before the sleep."""
    moments = iter([0.0, 40.0])
    with monkeypatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: next(moments))
        clock.follow_answer(Late)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
    clock.follow_answer(Late)
    assert abs(clock.now() - datetime.now(UTC)) > timedelta(seconds=30)
