"""The digest's charts, each below its takeaway in words, and lists that say the same where charts are not taken.

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
"""

from collections.abc import Sequence
from math import floor, log10

from slackblocks import (
    AxisConfig,
    BarChart,
    Block,
    DataPoint,
    DataSeries,
    DataVisualizationBlock,
    LineChart,
    RichTextBlock,
)

from bot.views.chart_words import (
    name_of,
    stage_line,
    stage_takeaway,
    trend_sentence,
    unique_labels,
    week_line,
)
from bot.views.rich import bold, listing, paragraph, plain
from bot.views.text import day_and_month
from db.digests import StageCount, WeekCount

TREND, TREND_WORDS = "trend", "trend_words"
BY_STAGE, BY_STAGE_WORDS = "by_stage", "by_stage_words"

_WEEKS, _STAGES = 12, 12
_LISTED_NAME = 24
_FLAT = 5
"""How many times one line may be the height of the other before that can no longer be read."""
_UNITS = {10: "tens", 100: "hundreds", 1000: "thousands"}


def trend(weeks: Sequence[WeekCount], *, with_charts: bool, is_so_far: bool = False) -> list[Block]:
    """Return the ideas and votes of up to twelve weeks, oldest first; nothing for one week, or when nothing came.

    `is_so_far`: the newest week still runs.
    """
    shown = weeks[-_WEEKS:]
    if len(shown) == 1 or not any(week.ideas or week.votes for week in shown):
        return []
    sentence = trend_sentence(shown, is_so_far=is_so_far)
    if not with_charts:
        return [paragraph(TREND_WORDS, plain(sentence)), _week_list(shown)]
    lines = _lines(shown)
    return [paragraph(TREND_WORDS, plain(sentence + _unit_note(lines))), _line_chart(shown, lines)]


def by_stage(counts: Sequence[StageCount], *, with_charts: bool, is_so_far: bool = False) -> list[Block]:
    """Return the week's ideas by stage beside those of a mean week before; nothing when none came in all that time."""
    found = [stage for stage in counts if stage.ideas or stage.before]
    if not found:
        return []
    words = paragraph(BY_STAGE_WORDS, *stage_takeaway(found, is_so_far=is_so_far))
    shown = _together(found)
    return [words, _bar_chart(shown, is_so_far=is_so_far) if with_charts else _stage_list(shown)]


def _lines(weeks: Sequence[WeekCount]) -> dict[str, tuple[list[int], int]]:
    """Return the lines by name, each with its counts and the unit in which they are drawn.

    There are a dozen votes for an idea, so that on one axis its line would lie flat at the bottom.
    """
    lines = {"Ideas": [week.ideas for week in weeks], "Votes": [week.votes for week in weeks]}
    lower = min(max(counts) for counts in lines.values())
    return {name: (counts, _unit(max(counts), lower)) for name, counts in lines.items()}


def _unit(height: int, lower: int) -> int:
    if lower == 0 or height <= _FLAT * lower:
        return 1
    # Nearest to the lower line, but never a unit that not even the best week fills.
    return int(10 ** min(round(log10(height / lower)), floor(log10(height)), len(_UNITS)))


def _unit_note(lines: dict[str, tuple[list[int], int]]) -> str:
    notes = [
        f" The chart counts {name.lower()} in {_UNITS[unit]}, so that both lines can be read."
        for name, (_, unit) in lines.items()
        if unit > 1
    ]
    return "".join(notes)


def _line_chart(weeks: Sequence[WeekCount], lines: dict[str, tuple[list[int], int]]) -> DataVisualizationBlock:
    labels = _week_labels(weeks)
    series = [
        _series(f"{name}, in {_UNITS[unit]}" if unit > 1 else name, labels, [number / unit for number in counts])
        for name, (counts, unit) in lines.items()
    ]
    chart = LineChart(series, AxisConfig(labels, x_label="Week from Monday"))
    return DataVisualizationBlock("Ideas and votes, week by week", chart, block_id=TREND)


def _week_list(weeks: Sequence[WeekCount]) -> RichTextBlock:
    lines = [f"{label}: {week_line(week)}" for label, week in zip(_week_labels(weeks), weeks, strict=True)]
    return listing(TREND, "Ideas and votes, by the week’s Monday", [[plain(line)] for line in lines])


def _week_labels(weeks: Sequence[WeekCount]) -> list[str]:
    return unique_labels(day_and_month(week.monday) for week in weeks)


def _together(counts: Sequence[StageCount]) -> list[StageCount]:
    """Return at most twelve stages in their order; of more, those with fewest ideas are summed as the last."""
    if len(counts) <= _STAGES:
        return list(counts)
    ranked = sorted(range(len(counts)), key=lambda index: (-counts[index].ideas, -counts[index].before))
    own, rest = sorted(ranked[: _STAGES - 1]), ranked[_STAGES - 1 :]
    ideas, before = sum(counts[index].ideas for index in rest), sum(counts[index].before for index in rest)
    return [*(counts[index] for index in own), StageCount("Other stages", ideas, before)]


def _bar_chart(counts: Sequence[StageCount], *, is_so_far: bool) -> DataVisualizationBlock:
    labels = unique_labels(name_of(stage) for stage in counts)
    series = [
        _series("So far this week" if is_so_far else "This week", labels, [stage.ideas for stage in counts]),
        _series("Mean of 4 before", labels, [round(stage.before, 2) for stage in counts]),
    ]
    chart = BarChart(series, AxisConfig(labels, y_label="Ideas"))
    return DataVisualizationBlock("Ideas by stage, and in a mean week before", chart, block_id=BY_STAGE)


def _stage_list(counts: Sequence[StageCount]) -> RichTextBlock:
    names = unique_labels((name_of(stage) for stage in counts), _LISTED_NAME)
    lines = {name: stage_line(stage) for name, stage in zip(names, counts, strict=True)}
    return listing(BY_STAGE, "Ideas by stage", [[bold(name), plain(f": {line}")] for name, line in lines.items()])


def _series(name: str, labels: Sequence[str], values: Sequence[float]) -> DataSeries:
    whole = [int(value) if value == int(value) else value for value in values]
    return DataSeries(name, [DataPoint(label, value) for label, value in zip(labels, whole, strict=True)])
