"""What people type behind `/cxidea`: a subcommand, an idea in a line, or the beginning of one."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.catalog import TITLE_LIMIT, IdeaText
from bot.ids import SEARCH_LIMIT, ListKind, ListRequest
from bot.payloads import clean_text, named_idea, one_line

_ANY_KEY = re.compile(r"(?:cx-?)?\d+", re.IGNORECASE | re.ASCII)
"""What can only name an idea, also one that there cannot be."""

FEWEST_WORDS = 3
"""An idea in a line has at least so many; fewer are taken as the beginning of one."""


class Plain(StrEnum):
    """Subcommands that take no argument and show no list."""

    HELP = "help"
    STATS = "stats"
    DIGEST = "digest"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Line:
    """A whole idea, to be filed as it is."""

    idea: IdeaText


@dataclass(frozen=True, slots=True)
class Draft:
    """The beginning of an idea, or one that is too long for a title: it goes into the form."""

    idea: IdeaText


Request = Plain | ListRequest | Line | Draft


def parse(text: str) -> Request:
    """Return what a person wants; only what has the whole form of a subcommand is one."""
    line = one_line(text)
    first, _, rest = line.partition(" ")
    subcommand = _subcommand(first.lower(), rest)
    return subcommand or _idea(line, text)


def first_words(line: str) -> str:
    """Return the beginning of a line that fits a title, cut between words where there are any."""
    if len(line) <= TITLE_LIMIT:
        return line
    head = line[: TITLE_LIMIT + 1].rpartition(" ")[0]
    return head or line[:TITLE_LIMIT]


def _subcommand(first: str, rest: str) -> Plain | ListRequest | None:
    if not rest and first in set(Plain):
        return Plain(first)
    if first == ListKind.TOP and rest.lower() in {"", "week", "month", "all"}:
        return ListRequest(ListKind.TOP, rest.lower() or "month")
    if first == ListKind.MINE and not rest:
        return ListRequest(ListKind.MINE)
    if first == ListKind.SEARCH:
        return ListRequest(ListKind.SEARCH, rest[:SEARCH_LIMIT])
    if first == ListKind.SHOW and (not rest or _ANY_KEY.fullmatch(rest)):
        return ListRequest(ListKind.SHOW, str(named_idea(rest) or rest[:SEARCH_LIMIT]))
    return None


def draft_of(text: str) -> IdeaText:
    """Return a text of any length as the beginning of an idea: its first words as the title, the whole as text."""
    line = one_line(text)
    title = first_words(line)
    return IdeaText(title, "" if title == line else clean_text(text))


def _idea(line: str, text: str) -> Line | Draft:
    idea = IdeaText(line)
    is_line = len(line.split()) >= FEWEST_WORDS and not idea.is_title_too_long and not idea.is_title_missing
    return Line(idea) if is_line else Draft(draft_of(text))
