"""When somebody may be written to: by their own clock, outside of the hours in which the company wants quiet."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.company import QuietHours

_SATURDAY = 5
_DAYS_AHEAD = 4
"""Quiet hours are shorter than a day, and a weekend has two."""


def next_allowed(now: datetime, zone: tzinfo, quiet: QuietHours) -> datetime:
    """Return the first moment from now on at which somebody in this time zone may be written to."""
    if not is_quiet(now, zone, quiet):
        return now
    ends = [end for end in _ends_after(now, zone, quiet) if not is_quiet(end, zone, quiet)]
    return min(ends, default=now)


def is_quiet(moment: datetime, zone: tzinfo, quiet: QuietHours) -> bool:
    """Return whether a moment lies in the quiet hours of this time zone; begin and end at one time mean none."""
    local = moment.astimezone(zone)
    if quiet.is_weekend_quiet and local.weekday() >= _SATURDAY:
        return True
    if quiet.begin <= quiet.end:
        return quiet.begin <= local.time() < quiet.end
    return local.time() >= quiet.begin or local.time() < quiet.end


@cache
def zone_named(name: str | None) -> ZoneInfo | None:
    """Return a time zone by the name that Slack gives it; None for one that this machine does not know."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _ends_after(now: datetime, zone: tzinfo, quiet: QuietHours) -> Iterator[datetime]:
    """Yield the moments at which quiet may end: its hour on each day, and the midnight after a weekend."""
    today = now.astimezone(zone).date()
    for days in range(_DAYS_AHEAD):
        for at in (quiet.end, time()):
            yield from (end for end in _moments(today + timedelta(days=days), at, zone) if end > now)


def _moments(day: date, at: time, zone: tzinfo) -> set[datetime]:
    """Return when a local time is reached: twice where the clock is turned back, at the jump where it leaps over it."""
    reached = [datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    wall = datetime.combine(day, at)
    if reached[0].astimezone(zone).replace(tzinfo=None) == wall:
        return set(reached)
    begin, end = (
        reached[1],
        reached[0],
    )  # The leap lies between what the clock's two offsets make of a time that is none.
    while end - begin > timedelta(seconds=1):
        middle = begin + (end - begin) / 2
        begin, end = (begin, middle) if middle.astimezone(zone).replace(tzinfo=None) >= wall else (middle, end)
    return {end.replace(microsecond=0)}
