"""Dates that the product promises: answer dates and ISO weeks."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache

import holidays

_WEEK = re.compile(r"((?:19|20|21)\d{2})-W(\d{2})", re.ASCII)
_SATURDAY = 5


def answer_due_at(filed_at: datetime, working_days: int, zone: tzinfo, country: str | None = None) -> datetime:
    """Return the last second of the day, in this zone, on which an answer is due; weekends and holidays do not count.

    `country` is like `DE`, or `DE-BY` for a part of it; None: there are no holidays.
    """
    day = add_working_days(filed_at.astimezone(zone).date(), working_days, country)
    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)


def add_working_days(day: date, working_days: int, country: str | None) -> date:
    """Return the day so many working days after (or, when negative, before) a day."""
    step = timedelta(days=1 if working_days > 0 else -1)
    left = abs(working_days)
    while left:
        day += step
        left -= is_working_day(day, country)
    return day


def is_working_day(day: date, country: str | None) -> bool:
    """Return whether people work on a day: not at weekends, nor on a public holiday of the country."""
    return day.weekday() < _SATURDAY and not (country and day in _holidays(country))


def working_days_between(begin: datetime, end: datetime, zone: tzinfo, country: str | None) -> float:
    """Return the time between two moments in working days, parts of days as fractions: a weekend in between is none."""
    day, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
    days = 0.0
    while day <= last:
        if is_working_day(day, country):
            start = datetime.combine(day, time(), zone)
            after = datetime.combine(day + timedelta(days=1), time(), zone)
            days += max(timedelta(0), min(end, after) - max(begin, start)) / timedelta(days=1)
        day += timedelta(days=1)
    return days


@cache
def _holidays(country: str) -> holidays.HolidayBase:
    name, _, part = country.partition("-")
    return holidays.country_holidays(name, subdiv=part or None)  # It works a year out when it is first asked for.


@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week in a time zone."""

    monday: date
    zone: tzinfo

    @classmethod
    def containing(cls, moment: datetime, zone: tzinfo) -> "Week":
        """Return the week in which a moment lies."""
        day = moment.astimezone(zone).date()
        return cls(day - timedelta(days=day.weekday()), zone)

    @classmethod
    def named(cls, name: str, zone: tzinfo) -> "Week":
        """Return the week called like `2026-W47`; raises ValueError."""
        match = _WEEK.fullmatch(name)
        try:
            if match:
                return cls(date.fromisocalendar(int(match[1]), int(match[2]), 1), zone)
        except ValueError:  # A week that the year has not.
            match = None
        raise ValueError(f"{name!r} is not a week; write it like 2026-W47")

    @property
    def name(self) -> str:
        """The week's ISO name, like `2026-W47`."""
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def sunday(self) -> date:
        """The week's last day."""
        return self.monday + timedelta(days=6)

    @property
    def before(self) -> "Week":
        """The week before."""
        return Week(self.monday - timedelta(days=7), self.zone)

    @property
    def after(self) -> "Week":
        """The week after."""
        return Week(self.monday + timedelta(days=7), self.zone)

    @property
    def start(self) -> datetime:
        """The first moment of the week's Monday, in UTC."""
        return datetime.combine(self.monday, time(), self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after the week, in UTC."""
        return datetime.combine(self.monday + timedelta(days=7), time(), self.zone).astimezone(UTC)
