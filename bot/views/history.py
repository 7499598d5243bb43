"""What happened to an idea: who, when, what and why, the newest last."""

from datetime import date, tzinfo

from slackblocks import Block, RichText, RichTextElement

from bot.deeds import Deed
from bot.views.rich import listing, person, plain, quoted_words
from bot.views.text import count_text, one_line, short_day, shorten, width
from bot.views.words import STATUS_WORDS, filed_year, parked_words
from db.history_queries import History, HistoryLine
from db.queries import IdeaDetails, idea_key
from db.types import Status, Step

HISTORY_LIMIT = 12
"""The most changes that are listed."""

_ROOM = 1_800
"""Characters of the whole list: with the longest idea and answer it still fits into a message."""

_WHY_LIMIT, _CONDITION_LIMIT = 100, 60

_DID = {
    Status.UNDER_REVIEW: "took it under review",
    Status.PLANNED: "planned it",
    Status.IN_PROGRESS: "said that it is in progress",
    Status.SHIPPED: "shipped it",
    Status.DECLINED: "declined it",
    Status.WITHDRAWN: "withdrew it",
}


def history_list(idea: IdeaDetails, history: History, zone: tzinfo) -> list[Block]:
    """Return the list of an idea's changes; nothing when there are none."""
    if not history.lines:
        return []
    year = filed_year(idea, zone)
    lines = _newest_that_fit([_line(each, zone, year) for each in history.lines])
    left_out = history.earlier + len(history.lines) - len(lines)
    earlier = f", after {count_text(left_out, 'earlier step')}" if left_out else ""
    return [listing("history", f"What happened{earlier}", lines)]


def _newest_that_fit(lines: list[list[RichTextElement]]) -> list[list[RichTextElement]]:
    widths = [sum(width(part.text) for part in line if isinstance(part, RichText)) for line in lines]
    first = len(lines) - 1
    while first > 0 and sum(widths[first - 1 :]) <= _ROOM:
        first -= 1
    return lines[first:]


def _line(line: HistoryLine, zone: tzinfo, year: int) -> list[RichTextElement]:
    day = plain(f"{short_day(line.at.astimezone(zone).date(), year=year)} · ")
    why = [plain(f": {quoted_words(line.text, _WHY_LIMIT)}")] if line.text.strip() else []
    return [day, *_happening(line, year), *why]


def _happening(line: HistoryLine, year: int) -> list[RichTextElement]:
    if line.step is Step.OWNER:
        return _owner_change(line)
    if line.step is Step.ASKED:
        return [plain("its author asked again, so it waits for another answer")]
    if line.actor_id is None:
        gained = int(line.detail.get("gained", 0))
        more = f", with {count_text(gained, 'more vote')}" if gained else ""
        return [plain(f"it came back by itself{more}")]
    return [person(line.actor_id), plain(f" {_deed(line, year)}")]


def _owner_change(line: HistoryLine) -> list[RichTextElement]:
    owner = person(line.after) if line.after else plain("all leaders")
    if line.actor_id is None:
        return [person(line.before), plain(" is no longer here, so it went to "), owner]
    if line.detail.get("how") == "sponsored":
        return [person(line.actor_id), plain(" took it over")]
    return [person(line.actor_id), plain(" handed it on to "), owner]


def _deed(line: HistoryLine, year: int) -> str:
    after = Status(str(line.after))
    if line.before == line.after:
        return f"answered again ({STATUS_WORDS[after].lower()})"
    if after is Status.PARKED:
        until, condition = line.detail.get("until"), line.detail.get("condition")
        condition = shorten(one_line(condition), _CONDITION_LIMIT) if condition else None
        words = parked_words(date.fromisoformat(until) if until else None, condition, year=year)
        return f"parked it{words.removeprefix('Parked')}"
    if after is Status.MERGED:
        return f"merged it into {idea_key(line.detail['into'])}"
    if after is Status.UNDER_REVIEW and line.before == Status.DECLINED:
        return "reopened it"
    return _BY_HAND.get(str(line.detail.get("deed")), _DID.get(after, STATUS_WORDS[after].lower()))


_BY_HAND = {
    Deed.JUST_DO_IT.value: "let its author do it",
    Deed.FINISH.value: "made it",
}
