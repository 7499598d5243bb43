"""The digest's schedule in all zones, through every change of the clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.services.calendar import Month, Period, Week, period_named
from bot.services.digests import Schedule
from db.types import Rhythm
from tests.effort import examples

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
schedules = st.builds(
    Schedule,
    st.integers(0, 6),
    st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59])),
    st.sampled_from([*ZONES, *["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham"] * 40]),
    st.sampled_from(Rhythm),
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # zone beside


@settings(max_examples=examples(300), deadline=None)
@given(schedule=schedules, moment=moments)
def test_slots_follow_each_other(schedule: Schedule, moment: datetime) -> None:
    """The last slot is not after the moment, the next one is; between them lies a week, or four or five in months."""
    newest = schedule.newest_due(moment)
    last, following = schedule.slot_of(newest), schedule.next_after(moment)
    assert last <= moment < following
    weeks = round((following.astimezone(UTC) - last) / timedelta(weeks=1))
    assert abs(following.astimezone(UTC) - last - timedelta(weeks=weeks)) <= timedelta(hours=24)
    assert weeks in ({1} if schedule.rhythm is Rhythm.WEEKLY else {4, 5})
    assert schedule.newest_due(last) == newest
    assert schedule.next_after(last) == following
    wanted = datetime.combine(following.date(), time.fromisoformat(schedule.hour_minute), following.tzinfo)
    is_on_the_wall = wanted.astimezone(UTC).astimezone(wanted.tzinfo).time() == wanted.time()
    if is_on_the_wall:
        assert (following.weekday(), f"{following:%H:%M}") == (schedule.weekday, schedule.hour_minute)


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
    week = schedule.newest_due(datetime.fromisoformat(moment))
    assert schedule.slot_of(week) == datetime.fromisoformat(slot)


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
    assert Schedule(0, "09:00", "UTC").newest_due(datetime.fromisoformat(moment)).name == week


@pytest.mark.parametrize(
    "name", ["2026-W54", "2025-W53", "2026-W00", "0001-W01", "2026-47", "W47", "２０２６-W47", "next"]
)
def test_what_is_no_week(name: str) -> None:
    """A week that no calendar has is refused in words that show a right one."""
    with pytest.raises(ValueError, match="write it like 2026-W47"):
        Week.named(name, UTC)


@settings(max_examples=examples(100), deadline=None)
@given(moment=moments, zone=st.sampled_from(ZONES), kind=st.sampled_from([Week, Month]))
def test_periods_fill_time_without_gap_or_overlap(moment: datetime, zone: str, kind: type[Period]) -> None:
    """Each moment lies in one week and one month; each begins where the one before ends, and is found by its name."""
    period = kind.containing(moment, ZoneInfo(zone))
    assert period.start <= moment < period.end
    assert period.before.end == period.start
    assert period.after.before == period
    assert period.before.name < period.name < period.after.name
    assert period_named(period.name, ZoneInfo(zone)) == period


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-12-07T08:59:59+00:00", "2026-M10"),  # The first Monday of December is the seventh.
        ("2026-12-07T09:00:00+00:00", "2026-M11"),
        ("2027-01-04T09:00:00+00:00", "2026-M12"),
        ("2026-06-01T09:00:00+00:00", "2026-M05"),
    ],
)
def test_a_month_is_told_of_on_the_first_such_day_of_the_next(moment: str, month: str) -> None:
    """A monthly digest is due on the first Monday of the month after, at its hour."""
    schedule = Schedule(0, "09:00", "UTC", Rhythm.MONTHLY)
    assert schedule.newest_due(datetime.fromisoformat(moment)).name == month
