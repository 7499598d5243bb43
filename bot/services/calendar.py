"""Dates that the product promises: answer dates and ISO weeks."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_WEEK = re.compile(r"((?:19|20|21)\d{2})-W(\d{2})", re.ASCII)
_SATURDAY = 5


def answer_due_at(filed_at: datetime, working_days: int, zone: tzinfo) -> datetime:
    """Return the last second of the day, in this zone, on which an answer is due; Monday to Friday count."""
    day = filed_at.astimezone(zone).date()
    while working_days:
        day += timedelta(days=1)
        working_days -= day.weekday() < _SATURDAY
    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)


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
    def start(self) -> datetime:
        """The first moment of the week's Monday, in UTC."""
        return datetime.combine(self.monday, time(), self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after the week, in UTC."""
        return datetime.combine(self.monday + timedelta(days=7), time(), self.zone).astimezone(UTC)
