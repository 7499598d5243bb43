"""Times as a Slack client words them, and Slack's `<!date^...>` formats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.web.scene import Scene

HALF_A_YEAR = 182
TOKEN = re.compile(r"\{(\w+)\}")
SPANS = ((31536000, "year"), (2592000, "month"), (86400, "day"), (3600, "hour"), (60, "minute"))


def clock_time(moment: datetime) -> str:
    """A time like `9:05 AM`."""
    return f"{moment.hour % 12 or 12}:{moment:%M %p}"


def day_heading(moment: datetime, now: datetime) -> str:
    """The words above a day's messages: `Today`, `Yesterday`, `Monday, November 23rd`."""
    near = {0: "Today", 1: "Yesterday"}.get((now.date() - moment.date()).days)
    return near or f"{moment:%A}, {_month_day(moment, now)}"


def relative(seconds: float, now: float) -> str:
    """A span in words: `2 hours ago`, `in 3 days`, `just now`."""
    distance = abs(now - seconds)
    for size, unit in SPANS:
        if distance >= size:
            count = int(distance // size)
            words = f"{count} {unit}{'s' if count > 1 else ''}"
            return f"{words} ago" if now > seconds else f"in {words}"
    return "just now"


def slack_date(seconds: float, template: str, scene: Scene) -> str:
    """The text of a date token, such as `{date_short}` or `{date_pretty} at {time}`.

    See https://docs.slack.dev/messaging/formatting-message-text (date formatting); an unknown token stays as it is.
    """
    moment, now = scene.at(seconds), scene.at(scene.now)

    def fill(found: re.Match[str]) -> str:
        if found[1] == "ago":
            return relative(seconds, scene.now)
        writer = FORMATS.get(found[1])
        return writer(moment, now) if writer else found[0]

    return TOKEN.sub(fill, template)


def _ordinal(day: int) -> str:
    if day in (11, 12, 13):
        return f"{day}th"
    return f"{day}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th') }"


def _year(moment: datetime, now: datetime) -> str:
    """Slack leaves the year out within six months."""
    return "" if abs((moment - now).days) < HALF_A_YEAR else f", {moment.year}"


def _month_day(moment: datetime, now: datetime) -> str:
    return f"{moment:%B} {_ordinal(moment.day)}{_year(moment, now)}"


def _long(moment: datetime, now: datetime) -> str:
    return f"{moment:%A}, {_month_day(moment, now)}"


def _short(moment: datetime, now: datetime) -> str:
    return f"{moment:%b} {moment.day}{_year(moment, now)}"


def _pretty(plain: Callable[[datetime, datetime], str]) -> Callable[[datetime, datetime], str]:
    def words(moment: datetime, now: datetime) -> str:
        near = {0: "today", 1: "yesterday", -1: "tomorrow"}.get((now.date() - moment.date()).days)
        return near or plain(moment, now)

    return words


FORMATS: dict[str, Callable[[datetime, datetime], str]] = {
    "date_num": lambda moment, _: f"{moment:%Y-%m-%d}",
    "date_slash": lambda moment, _: f"{moment:%m/%d/%Y}",
    "date": _month_day,
    "date_long": _long,
    "date_long_full": _long,
    "date_short": _short,
    "date_pretty": _pretty(_month_day),
    "date_long_pretty": _pretty(_long),
    "date_short_pretty": _pretty(_short),
    "time": lambda moment, _: clock_time(moment),
    "time_secs": lambda moment, _: f"{moment.hour % 12 or 12}:{moment:%M:%S %p}",
    "day_divider_pretty": day_heading,
}
