"""What charts show, in words: exact, short, and honest about small numbers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import count

from slackblocks import RichTextElement

from bot.views.rich import bold, plain
from bot.views.text import ELLIPSIS, count_text, one_line, shorten
from bot.views.words import entry_name
from db.digests import StageCount, WeekCount

LABEL_LIMIT = 20
"""Characters of a label in a chart, https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block."""

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_EXACT_BELOW = 10
_NAMED_TOGETHER = 3


@dataclass(frozen=True, slots=True)
class When:
    """The newest week or month of those that a chart shows; `is_so_far`: it still runs."""

    unit: str = "week"
    is_so_far: bool = False

    def __str__(self) -> str:
        return f"{'so far ' if self.is_so_far else ''}this {self.unit}"


def mean_text(mean: float) -> str:
    """Return a mean as people say it: `14` or, below ten, `4.5`."""
    step = Decimal(1) if mean >= _EXACT_BELOW else Decimal("0.1")
    rounded = Decimal(str(mean)).quantize(step, ROUND_HALF_UP)
    return f"{rounded.normalize():,f}" if rounded or not mean else "under 0.1"


def trend_sentence(weeks: Sequence[WeekCount], when: When = When()) -> str:  # frozen
    """Return the newest week's ideas and votes beside those of a mean week before it; of two weeks or more."""
    ideas, votes = [week.ideas for week in weeks], [week.votes for week in weeks]
    first = _clause("idea", ideas, when)
    second = _short_clause("vote", votes) if any(ideas) else _clause("vote", votes, when)
    return f"{first[0].upper()}{first[1:]}; {second}."


def _clause(noun: str, counts: Sequence[int], when: When) -> str:
    now, before, unit = counts[-1], counts[:-1], when.unit
    if not any(counts):
        return f"no {noun}s in these {_NUMBERS[len(counts)]} {unit}s"
    if not any(before):
        units = f"the {unit}" if len(before) == 1 else f"the {_NUMBERS[len(before)]} {unit}s"
        return f"{_some(now, noun)} {when}, and none in {units} before"
    span = f"in the {unit}" if len(before) == 1 else f"on average in the {_NUMBERS[len(before)]} {unit}s"
    return f"{_some(now, noun)} {when}, against {_mean_of(before)} {span} before"


def _short_clause(noun: str, counts: Sequence[int]) -> str:
    """Return a clause after one that says of which weeks it is."""
    if not any(counts):
        return f"no {noun}s at all"
    before = counts[:-1]
    return f"{_some(counts[-1], noun)}, {f'against {_mean_of(before)}' if any(before) else 'and none before'}"


def _mean_of(counts: Sequence[int]) -> str:
    return mean_text(sum(counts) / len(counts))


def _some(number: int, noun: str) -> str:
    return count_text(number, noun) if number else f"no {noun}s"


def week_line(week: WeekCount) -> str:
    """Return a week's counts, like `23 ideas, 311 votes`."""
    if not week.ideas and not week.votes:
        return "nothing"
    return f"{_some(week.ideas, 'idea')}, {_some(week.votes, 'vote')}"


def stage_line(stage: StageCount, unit: str = "week") -> str:
    """Return a stage's counts, like `9 ideas; 4.5 a week before`."""
    before = f"{mean_text(stage.before)} a {unit} before" if stage.before else f"none in the {unit}s before"
    return f"{_some(stage.ideas, 'idea')}; {before}"


def stage_takeaway(counts: Sequence[StageCount], when: When = When()) -> list[RichTextElement]:  # frozen
    """Return under which stage the most ideas came, in a sentence."""
    total = sum(stage.ideas for stage in counts)
    if total == 0:
        return [plain(f"No ideas {when}{_compared(sum(stage.before for stage in counts), when)}.")]
    most = max(stage.ideas for stage in counts)
    leaders = [stage for stage in counts if stage.ideas == most]
    if len(leaders) > _NAMED_TOGETHER:
        return [plain(f"No stage stands out: {most:,} of {total:,} ideas is the most that any has.")]
    if len(leaders) > 1:
        return [plain("The most ideas came "), *_under(leaders), plain(f": {most:,} each.")]
    return _leading(leaders[0], total, when)


def _leading(leader: StageCount, total: int, when: When) -> list[RichTextElement]:
    compared = _compared(leader.before, when)
    if total == 1:
        return [plain("The only idea came "), *_under([leader]), plain(f"{compared}.")]
    if leader.ideas == total:
        return [plain(f"All {total:,} ideas came "), *_under([leader]), plain(f"{compared}.")]
    return [plain("The most ideas came "), *_under([leader]), plain(f": {leader.ideas:,} of {total:,}{compared}.")]


def _compared(before: float, when: When) -> str:
    return f", against {mean_text(before)} on average in the four {when.unit}s before" if before else ""


def _under(stages: Sequence[StageCount]) -> Iterator[RichTextElement]:
    for position, stage in enumerate(stages):
        if position:
            yield plain(" and " if position == len(stages) - 1 else ", ")
        # A name has an element of its own, so that it is isolated where it runs from right to left.
        yield from [plain("under no stage")] if stage.stage is None else [plain("under "), bold(name_of(stage))]


def name_of(stage: StageCount) -> str:
    """Return a stage's name as people read it."""
    return "No stage yet" if stage.stage is None else entry_name(stage.stage) or ELLIPSIS


def unique_labels(names: Iterable[str], limit: int = LABEL_LIMIT) -> list[str]:
    """Return the names on one line each, cut to the limit; those that are the same then get a number."""
    labels: list[str] = []
    for name in names:
        labels.append(next(label for label in _candidates(name, limit) if label not in labels))
    return labels


def _candidates(name: str, limit: int) -> Iterator[str]:
    words = " ".join(one_line(name).split()) or ELLIPSIS
    yield shorten(words, limit)
    for number in count(2):
        yield f"{shorten(words, limit - len(f' {number}'))} {number}"
