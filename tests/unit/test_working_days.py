"""Working days: what an answer date and the time to an answer are counted in."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.calendar import add_working_days, answer_due_at, is_working_day, working_days_between

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("filed", "country", "due"),
    [
        (date(2026, 12, 23), None, date(2026, 12, 30)),
        (date(2026, 12, 23), "DE", date(2026, 12, 31)),
        (date(2026, 12, 30), "DE", date(2027, 1, 7)),
        (date(2026, 12, 30), "DE-BY", date(2027, 1, 8)),
        (date(2026, 6, 30), "US", date(2026, 7, 8)),
    ],
)
def test_holidays_are_no_working_days(filed: date, country: str | None, due: date) -> None:
    """Weekends and the public holidays of a country, or of a part of it, do not count towards the answer date."""
    at = answer_due_at(datetime(filed.year, filed.month, filed.day, 12, tzinfo=BERLIN), 5, BERLIN, country)
    assert at == datetime(due.year, due.month, due.day, 23, 59, 59, tzinfo=BERLIN).astimezone(UTC)


@given(day=DAYS, number=st.integers(1, 60), country=st.sampled_from([None, "DE", "US", "JP"]))
def test_working_days_go_both_ways(day: date, number: int, country: str | None) -> None:
    """So many working days on and back again end on the working day on which it began, or on the last one before."""
    there = add_working_days(day, number, country)
    assert is_working_day(there, country)
    back = add_working_days(there, -number, country)
    assert back == (day if is_working_day(day, country) else add_working_days(day, -1, country))


def test_the_time_to_an_answer_leaves_weekends_out() -> None:
    """From Friday noon to Monday noon is one working day, whatever the clocks do that Sunday."""
    friday, monday = datetime(2026, 10, 23, 12, tzinfo=BERLIN), datetime(2026, 10, 26, 12, tzinfo=BERLIN)
    assert working_days_between(friday, monday, BERLIN, None) == pytest.approx(1)
    assert working_days_between(friday, friday, BERLIN, None) == 0
    assert working_days_between(date_at(2026, 12, 24), date_at(2026, 12, 28), BERLIN, "DE") == pytest.approx(1)


def date_at(year: int, month: int, day: int) -> datetime:
    """Return noon of a day in Berlin."""
    return datetime(year, month, day, 12, tzinfo=BERLIN)
