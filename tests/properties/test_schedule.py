"""The digest's schedule in all zones, through every change of the clocks: no week skipped, none twice."""

import itertools
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.services import digests
from bot.services.calendar import Week
from bot.services.digests import Schedule

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
schedules = st.builds(
    Schedule,
    st.integers(0, 6),
    st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59])),
    st.sampled_from([*ZONES, *["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham"] * 40]),
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # zone beside


def weeks_posted(schedule: Schedule, start: datetime, steps: list[timedelta]) -> list[str]:
    """Return the weeks whose digest a bot asks for that looks at the clock now and then, and remembers."""
    channel: Any = SimpleNamespace(channel_id="C1", since=start, **_fields(schedule))
    asked: list[str] = []
    now = start
    for step in steps:
        now += step
        request = digests._due(channel, now)
        if request and request.week not in asked:
            asked.append(request.week)
    return asked


def _fields(schedule: Schedule) -> dict[str, Any]:
    return {name: getattr(schedule, name) for name in Schedule.__slots__}


@settings(max_examples=150, deadline=None)
@given(schedule=schedules, start=moments, hours=st.lists(st.integers(1, 60), min_size=20, max_size=60))
def test_no_week_is_skipped_or_doubled(schedule: Schedule, start: datetime, hours: list[int]) -> None:
    """A bot that is never away for more than three days asks for each week once, in order."""
    asked = weeks_posted(schedule, start, [timedelta(hours=number) for number in hours])
    zone = ZoneInfo(schedule.timezone)
    weeks = [Week.named(name, zone) for name in asked]
    assert all(after.before == before for before, after in itertools.pairwise(weeks))
    end = start + sum((timedelta(hours=number) for number in hours), timedelta())
    passed = (end - start) // timedelta(days=7)
    assert len(weeks) in {passed, passed + 1}


@settings(max_examples=300, deadline=None)
@given(schedule=schedules, moment=moments)
def test_slots_follow_each_other(schedule: Schedule, moment: datetime) -> None:
    """The last slot is not after the moment, the next one is; between them lies a week, give or take a clock change."""
    last, following = schedule.last_before(moment), schedule.next_after(moment)
    assert last <= moment < following
    assert abs(following.astimezone(UTC) - last - timedelta(days=7)) <= timedelta(hours=24)
    assert schedule.last_before(last) == last
    assert schedule.next_after(last) == following
    assert (
        following.weekday() == schedule.weekday
        or following.utcoffset() != last.astimezone(following.tzinfo).utcoffset()
    )


@pytest.mark.parametrize(
    ("clock_time", "moment", "slot"),
    [
        # The clock goes from 02:00 to 03:00: half past two comes an hour later on the wall.
        ("02:30", "2026-03-29T01:00:00+00:00", "2026-03-22T01:30:00+00:00"),
        ("02:30", "2026-03-29T01:30:00+00:00", "2026-03-29T01:30:00+00:00"),
        # The clock goes from 03:00 back to 02:00: half past two is the first one, also when the wall says 02:10 again.
        ("02:30", "2026-10-25T00:30:00+00:00", "2026-10-25T00:30:00+00:00"),
        ("02:30", "2026-10-25T01:10:00+00:00", "2026-10-25T00:30:00+00:00"),
    ],
)
def test_the_hour_that_is_missing_or_comes_twice(clock_time: str, moment: str, slot: str) -> None:
    """On the nights of the change a digest is due once, at a moment that there is."""
    schedule = Schedule(6, clock_time, "Europe/Berlin")
    assert schedule.last_before(datetime.fromisoformat(moment)) == datetime.fromisoformat(slot)


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        ("2026-12-28T09:00:00+00:00", "2026-W52"),
        ("2027-01-04T09:00:00+00:00", "2026-W53"),
        ("2027-01-11T09:00:00+00:00", "2027-W01"),
        ("2024-12-30T09:00:00+00:00", "2024-W52"),
        ("2025-01-06T09:00:00+00:00", "2025-W01"),
    ],
)
def test_the_turn_of_the_year(moment: str, week: str) -> None:
    """Week 53 and the first weeks of a year have the names that ISO gives them."""
    channel: Any = SimpleNamespace(
        channel_id="C1", since=datetime(2020, 1, 1, tzinfo=UTC), **_fields(Schedule(0, "09:00", "UTC"))
    )
    request = digests._due(channel, datetime.fromisoformat(moment))
    assert request
    assert request.week == week


@pytest.mark.parametrize(
    "name", ["2026-W54", "2025-W53", "2026-W00", "0001-W01", "2026-47", "W47", "２０２６-W47", "next"]
)
def test_what_is_no_week(name: str) -> None:
    """A week that no calendar has is refused in words that show a right one."""
    with pytest.raises(ValueError, match="write it like 2026-W47"):
        Week.named(name, UTC)
