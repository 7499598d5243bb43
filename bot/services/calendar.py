"""Dates that the product promises: answer dates, ISO weeks and months."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Self

from db.types import Rhythm

if TYPE_CHECKING:
    from holidays import HolidayBase

_WEEK = re.compile(r"((?:19|20|21)\d{2})-W(\d{2})", re.ASCII)
_MONTH = re.compile(r"((?:19|20|21)\d{2})-M(0[1-9]|1[0-2])", re.ASCII)
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
    first, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
    between = (first + timedelta(days=number) for number in range(1, (last - first).days))
    whole = sum(is_working_day(day, country) for day in between)
    return whole + sum(_share_of_day(day, begin, end, zone) for day in {first, last} if is_working_day(day, country))


def _share_of_day(day: date, begin: datetime, end: datetime, zone: tzinfo) -> float:
    """Return which part of a day lies between two moments."""
    start, after = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    return max(timedelta(0), min(end, after) - max(begin, start)) / timedelta(days=1)


@cache
def _holidays(country: str) -> "HolidayBase":
    import holidays  # noqa: PLC0415  # It takes a tenth of the start, and most companies set no country.

    name, _, part = country.partition("-")
    return holidays.country_holidays(name, subdiv=part or None)  # It works a year out when it is first asked for.


class Period(ABC):
    """A week or a month in a time zone, with the one before it and the one after it."""

    __slots__ = ()

    first_day: date
    zone: tzinfo

    @classmethod
    @abstractmethod
    def containing(cls, moment: datetime, zone: tzinfo) -> Self:
        """Return the period in which a moment lies."""

    @classmethod
    @abstractmethod
    def named(cls, name: str, zone: tzinfo) -> Self:
        """Return the period of this name; raises ValueError."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The period's name; names of one rhythm sort by time."""

    @property
    @abstractmethod
    def before(self) -> Self:
        """The period before."""

    @property
    @abstractmethod
    def after(self) -> Self:
        """The period after."""

    @property
    def last_day(self) -> date:
        """The period's last day."""
        return self.after.first_day - timedelta(days=1)

    @property
    def start(self) -> datetime:
        """The period's first moment, in UTC."""
        return datetime.combine(self.first_day, time(), self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after the period, in UTC."""
        return self.after.start


@dataclass(frozen=True, slots=True)
class Week(Period):
    """An ISO week in a time zone; it begins on a Monday."""

    first_day: date
    zone: tzinfo

    @classmethod
    def containing(cls, moment: datetime, zone: tzinfo) -> Self:
        """Return the week in which a moment lies."""
        day = moment.astimezone(zone).date()
        return cls(day - timedelta(days=day.weekday()), zone)

    @classmethod
    def named(cls, name: str, zone: tzinfo) -> Self:
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
        year, week, _ = self.first_day.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def before(self) -> Self:
        """The week before."""
        return replace(self, first_day=self.first_day - timedelta(days=7))

    @property
    def after(self) -> Self:
        """The week after."""
        return replace(self, first_day=self.first_day + timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Month(Period):
    """A month of the calendar in a time zone."""

    first_day: date
    zone: tzinfo

    @classmethod
    def containing(cls, moment: datetime, zone: tzinfo) -> Self:
        """Return the month in which a moment lies."""
        return cls(moment.astimezone(zone).date().replace(day=1), zone)

    @classmethod
    def named(cls, name: str, zone: tzinfo) -> Self:
        """Return the month called like `2026-M11`; raises ValueError."""
        match = _MONTH.fullmatch(name)
        if match is None:
            raise ValueError(f"{name!r} is not a month; write it like 2026-M11")
        return cls(date(int(match[1]), int(match[2]), 1), zone)

    @property
    def name(self) -> str:
        """The month's name, like `2026-M11`."""
        return f"{self.first_day:%Y-M%m}"

    @property
    def before(self) -> Self:
        """The month before."""
        return replace(self, first_day=(self.first_day - timedelta(days=1)).replace(day=1))

    @property
    def after(self) -> Self:
        """The month after."""
        return replace(self, first_day=(self.first_day + timedelta(days=31)).replace(day=1))


PERIODS: Mapping[Rhythm, type[Period]] = {Rhythm.WEEKLY: Week, Rhythm.MONTHLY: Month}


def rhythm_of(name: str) -> Rhythm:
    """Return to which rhythm a period's name belongs; raises ValueError for what names none."""
    period_named(name, UTC)
    return Rhythm.of(name)


def period_named(name: str, zone: tzinfo) -> Period:
    """Return the week called like `2026-W47`, or the month like `2026-M11`; raises ValueError."""
    return PERIODS[Rhythm.of(name)].named(name, zone)
