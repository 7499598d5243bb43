"""Quiet hours, in every time zone and over both changes of the clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from bot.company import QuietHours
from bot.quiet import is_quiet, next_allowed, zone_named

ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
MOMENTS = st.integers(0, 5 * 365 * 24 * 60).map(
    lambda passed: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=passed)
)
HOURS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
QUIET = st.builds(QuietHours, HOURS, HOURS, st.booleans())
BERLIN = ZoneInfo("Europe/Berlin")


@given(MOMENTS, ZONES, QUIET)
def test_the_next_allowed_moment_is_the_first(now: datetime, zone: ZoneInfo, quiet: QuietHours) -> None:
    """Nobody is written to in quiet hours, nobody waits longer than these last, and nobody for more than four days."""
    allowed = next_allowed(now, zone, quiet)
    assert not is_quiet(allowed, zone, quiet)
    assert now <= allowed <= now + timedelta(days=4)
    moment = now
    while moment < allowed:
        assert is_quiet(moment, zone, quiet), f"{moment} was allowed already"
        moment += timedelta(minutes=15)


@given(MOMENTS, ZONES)
def test_by_default_it_is_a_weekday_between_eight_and_twenty(now: datetime, zone: ZoneInfo) -> None:
    """With the default hours people are written to from eight to twenty on working days of their own."""
    local = next_allowed(now, zone, QuietHours()).astimezone(zone)
    assert local.weekday() < 5
    assert time(8) <= local.time() < time(20)


def test_an_hour_that_is_leapt_over_ends_at_the_leap() -> None:
    """Quiet until half past two on the night when that time does not exist: over when the clock leaps to three."""
    quiet = QuietHours(time(22), time(2, 30), is_weekend_quiet=False)
    night = datetime(2026, 3, 29, 0, 10, tzinfo=UTC)
    assert next_allowed(night, BERLIN, quiet) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_one_time_for_begin_and_end_means_no_quiet_hours() -> None:
    """Quiet hours from eight to eight are none, not all day."""
    now = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    assert next_allowed(now, BERLIN, QuietHours(time(8), time(8))) == now


def test_a_zone_that_nobody_knows_is_none() -> None:
    """Whatever Slack calls a time zone, it is one of this machine's or none."""
    assert zone_named("Asia/Kolkata") == ZoneInfo("Asia/Kolkata")
    assert [zone_named(name) for name in (None, "", "Mars/Olympus", "../etc/passwd", "x" * 300)] == [None] * 5
