"""Words made safe and readable: escaping, shortening, plurals, dates."""

import re
import unicodedata
from datetime import date

ELLIPSIS = "…"
_FIRST_STRONG_ISOLATE = "\u2068"
_POP_ISOLATE = "\u2069"
_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_WORD_SEARCH = 24
"""How many characters before the limit a word's end is still near."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def escape(text: str) -> str:
    """Return the text for mrkdwn and fallback texts, where `& < >` begin Slack's control sequences.

    https://docs.slack.dev/messaging/formatting-message-text
    Never for plain_text or rich_text: nothing is parsed there, and an entity would show.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clean(text: str) -> str:
    """Return the text without control characters (line ends and tabs stay) and without reordering marks."""
    return _UNWANTED.sub("", _LINE_BREAK.sub("\n", text))


def neutral(text: str) -> str:
    """Return the cleaned text, right-to-left lines isolated so that they cannot reorder what stands beside them.

    An isolate ends with its line, so each line has its own.
    """
    cleaned = clean(text)
    return cleaned if cleaned.isascii() else "\n".join(map(_isolated, cleaned.split("\n")))


def _isolated(line: str) -> str:
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in line):
        return f"{_FIRST_STRONG_ISOLATE}{line}{_POP_ISOLATE}"
    return line


def one_line(text: str) -> str:
    """Return the cleaned text on a single line."""
    return clean(text).replace("\n", " ").strip()


def width(text: str) -> int:
    """Return the length as Slack may count it: a character outside the basic plane is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def shorten(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text, cut after a word where one ends nearby, with an ellipsis."""
    if width(text) <= limit:
        return text
    room = _prefix(text, limit - len(ELLIPSIS))
    word_end = max(room.rfind(" "), room.rfind("\n"))
    kept = room[:word_end] if word_end > 0 and word_end >= len(room) - _WORD_SEARCH else room
    # A joiner at the end would glue the ellipsis to half an emoji.
    return kept.rstrip(" \n\t\u200d") + ELLIPSIS


def _prefix(text: str, limit: int) -> str:
    used = 0
    for position, character in enumerate(text):
        used += width(character)
        if used > limit:
            return text[:position]
    return text


def count_text(count: int, one: str, many: str | None = None) -> str:
    """Return the number with its noun, like `1 idea` or `2,300 ideas`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def votes_text(votes: int) -> str:
    """Return a tally as it stands on cards: `6 votes`, `1 vote`, `no votes yet`."""
    if votes == 0:
        return "no votes yet"
    return f"{votes} vote" if votes == 1 else f"{votes} votes"


def short_day(day: date, *, year: int) -> str:
    """Return a date like `Thu 3 Dec`, with its year when that is not the running `year`."""
    return f"{_WEEKDAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]}{_year(day, year)}"


def day_and_month(day: date) -> str:
    """Return a date like `3 Dec`, where its year is plain."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def month_and_year(day: date) -> str:
    """Return a month like `November 2026`."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def short_month(day: date) -> str:
    """Return a month like `Nov`, where its year is plain."""
    return _MONTHS[day.month - 1][:3]


def long_day(day: date, *, year: int) -> str:
    """Return a date like `Thursday 3 December`, with its year when that is not the running `year`."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}{_year(day, year)}"


def long_weekday(weekday: int) -> str:
    """Return the name of a day of the week; Monday is 0."""
    return _WEEKDAYS[weekday]


def _year(day: date, year: int) -> str:
    return "" if day.year == year else f" {day.year}"


def day_span(first: date, last: date) -> str:
    """Return the days of a week like `16 to 22 November` or `30 November to 6 December`."""
    end = f"{last.day} {_MONTHS[last.month - 1]}"
    if first == last:
        return end
    if first.month == last.month:
        return f"{first.day} to {end}"
    return f"{first.day} {_MONTHS[first.month - 1]} to {end}"
