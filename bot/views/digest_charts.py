"""The digest's charts, each below its takeaway in words, and lists that say the same where charts are not taken.

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
    When,
    name_of,
    stage_line,
    stage_takeaway,
    trend_sentence,
    unique_labels,
    week_line,
)
from bot.views.dates import Dates
from bot.views.rich import bold, listing, paragraph, plain
from db.digests import StageCount, WeekCount


@dataclass(frozen=True, slots=True)
class ChartPage:
    """What a digest's charts are of; `with_charts`: the workspace takes them, otherwise they are lists."""

    when: When = When()  # noqa: RUF009  # frozen
    dates: Dates = Dates()  # noqa: RUF009  # frozen
    with_charts: bool = True

    def label(self, week: WeekCount) -> str:
        """Return a week's Monday, or a month's name."""
        is_month = self.when.unit == "month"
        return self.dates.short_month(week.first_day) if is_month else self.dates.day_and_month(week.first_day)


TREND, TREND_WORDS = "trend", "trend_words"
BY_STAGE, BY_STAGE_WORDS = "by_stage", "by_stage_words"

_WEEKS, _STAGES = 12, 12
_LISTED_NAME = 24
_FLAT = 5
"""How many times one line may be the height of the other before that can no longer be read."""
_UNITS = {10: "tens", 100: "hundreds", 1000: "thousands"}


def trend(weeks: Sequence[WeekCount], page: ChartPage = ChartPage()) -> list[Block]:  # frozen
    """Return the ideas and votes of up to twelve weeks, oldest first; nothing for one week, or when nothing came."""
    shown = weeks[-_WEEKS:]
    if len(shown) == 1 or not any(week.ideas or week.votes for week in shown):
        return []
    sentence = trend_sentence(shown, page.when)
    if not page.with_charts:
        return [paragraph(TREND_WORDS, plain(sentence)), _week_list(shown, page)]
    lines = _lines(shown)
    return [paragraph(TREND_WORDS, plain(sentence + _unit_note(lines))), _line_chart(shown, lines, page)]


def by_stage(counts: Sequence[StageCount], page: ChartPage = ChartPage()) -> list[Block]:  # frozen
    """Return the week's ideas by stage beside those of a mean week before; nothing when none came in all that time."""
    found = [stage for stage in counts if stage.ideas or stage.before]
    if not found:
        return []
    words = paragraph(BY_STAGE_WORDS, *stage_takeaway(found, page.when))
    shown = _together(found)
    return [words, _bar_chart(shown, page.when) if page.with_charts else _stage_list(shown, page.when)]


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
        f" The chart shows {name.lower()} in {_UNITS[unit]}, so that both lines fit."
        for name, (_, unit) in lines.items()
        if unit > 1
    ]
    return "".join(notes)


def _line_chart(
    weeks: Sequence[WeekCount], lines: dict[str, tuple[list[int], int]], page: ChartPage
) -> DataVisualizationBlock:
    labels, unit_name = unique_labels(map(page.label, weeks)), page.when.unit
    series = [
        _series(f"{name}, in {_UNITS[unit]}" if unit > 1 else name, labels, [number / unit for number in counts])
        for name, (counts, unit) in lines.items()
    ]
    chart = LineChart(series, AxisConfig(labels, x_label="Month" if unit_name == "month" else "Week from Monday"))
    return DataVisualizationBlock(f"Ideas and votes, {unit_name} by {unit_name}", chart, block_id=TREND)


def _week_list(weeks: Sequence[WeekCount], page: ChartPage) -> RichTextBlock:
    labels = unique_labels(map(page.label, weeks))
    lines = [f"{label}: {week_line(week)}" for label, week in zip(labels, weeks, strict=True)]
    by = "month" if page.when.unit == "month" else "the week’s Monday"
    return listing(TREND, f"Ideas and votes, by {by}", [[plain(line)] for line in lines])


def _together(counts: Sequence[StageCount]) -> list[StageCount]:
    """Return at most twelve stages in their order; of more, those with fewest ideas are summed as the last."""
    if len(counts) <= _STAGES:
        return list(counts)
    ranked = sorted(range(len(counts)), key=lambda index: (-counts[index].ideas, -counts[index].before))
    own, rest = sorted(ranked[: _STAGES - 1]), ranked[_STAGES - 1 :]
    ideas, before = sum(counts[index].ideas for index in rest), sum(counts[index].before for index in rest)
    return [*(counts[index] for index in own), StageCount("Other stages", ideas, before)]


def _bar_chart(counts: Sequence[StageCount], when: When) -> DataVisualizationBlock:
    labels = unique_labels(name_of(stage) for stage in counts)
    series = [
        _series(f"{str(when)[0].upper()}{str(when)[1:]}", labels, [stage.ideas for stage in counts]),
        _series("Average of 4 before", labels, [round(stage.before, 2) for stage in counts]),
    ]
    chart = BarChart(series, AxisConfig(labels, y_label="Ideas"))
    return DataVisualizationBlock(f"Ideas by stage, and in an average {when.unit} before", chart, block_id=BY_STAGE)


def _stage_list(counts: Sequence[StageCount], when: When) -> RichTextBlock:
    names = unique_labels((name_of(stage) for stage in counts), _LISTED_NAME)
    lines = {name: stage_line(stage, when.unit) for name, stage in zip(names, counts, strict=True)}
    return listing(BY_STAGE, "Ideas by stage", [[bold(name), plain(f": {line}")] for name, line in lines.items()])


def _series(name: str, labels: Sequence[str], values: Sequence[float]) -> DataSeries:
    whole = [int(value) if value == int(value) else value for value in values]
    return DataSeries(name, [DataPoint(label, value) for label, value in zip(labels, whole, strict=True)])
