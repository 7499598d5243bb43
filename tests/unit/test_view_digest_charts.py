from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from slackblocks import Block

from bot.views.chart_words import When, mean_text, trend_sentence, unique_labels
from bot.views.digest_charts import ChartPage, by_stage, trend
from bot.views.message import checked
from db.digests import StageCount, WeekCount
from tests.unit.view_samples import words

MONDAY = date(2026, 11, 16)
IDEAS = (9, 12, 15, 8, 14, 20, 17, 11, 13, 16, 18, 23)
VOTES = (120, 180, 240, 200, 260, 310, 250, 190, 220, 270, 280, 311)
STAGES = (StageCount("Use", 6, 5.25), StageCount("Get help", 9, 4.5), StageCount("Buy", 0, 2), StageCount(None, 8, 0))


def weeks_of(ideas: Sequence[int], votes: Sequence[int]) -> list[WeekCount]:
    """Return the weeks that end with the one of MONDAY."""
    mondays = [MONDAY - timedelta(days=7 * ago) for ago in reversed(range(len(ideas)))]
    return [WeekCount(*week) for week in zip(mondays, ideas, votes, strict=True)]


def shown(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Return the blocks as Slack gets them."""
    return checked("Customer ideas", blocks).blocks


def chart_of(blocks: Sequence[Block]) -> dict[str, Any]:
    """Return what is drawn: the values of each line or group of bars, by its name, and the labels below them."""
    chart = shown(blocks)[1]["chart"]
    return {
        "labels": chart["axis_config"]["categories"],
        **{series["name"]: [point["value"] for point in series["data"]] for series in chart["series"]},
    }


def lines_of(blocks: Sequence[Block]) -> list[str]:
    """Return the lines of a list, without its title."""
    (_, items) = shown(blocks)[1]["elements"]
    return [words({"blocks": [item]}) for item in items["elements"]]


def said(blocks: Sequence[Block]) -> str:
    """Return the takeaway."""
    return words({"blocks": shown(blocks)[:1]})


def test_the_trend_has_words_and_a_line_chart() -> None:
    """Twelve weeks are two lines over the Mondays' dates, below a sentence that gives the newest week's figures."""
    weeks = weeks_of(IDEAS, [5 * ideas for ideas in IDEAS])
    blocks = trend(weeks)
    assert [(block["block_id"], block["type"]) for block in shown(blocks)] == [
        ("trend_words", "rich_text"),
        ("trend", "data_visualization"),
    ]
    drawn = chart_of(blocks)
    assert drawn["labels"][::11] == ["31 Aug", "16 Nov"]
    assert drawn["Ideas"] == list(IDEAS)
    assert drawn["Votes"] == [5 * ideas for ideas in IDEAS]
    assert "chart" not in said(blocks)


def test_of_more_weeks_the_last_twelve_are_shown() -> None:
    """A chart has twelve weeks at most, the newest ones, and the sentence is of these alone."""
    weeks = weeks_of((1000,) * 8 + IDEAS, (1000,) * 8 + VOTES)
    assert chart_of(trend(weeks))["Ideas"] == list(IDEAS)
    assert "against 14 on average in the eleven weeks before" in said(trend(weeks))


def test_a_line_that_would_be_flat_is_made_readable_and_that_is_said() -> None:
    """Where votes tower above ideas they are drawn in tens, named so in the chart and in the sentence."""
    blocks = trend(weeks_of(IDEAS, VOTES))
    assert chart_of(blocks)["Votes, in tens"][-1] == 31.1
    assert chart_of(blocks)["Ideas"][-1] == 23
    assert said(blocks).endswith("The chart shows votes in tens, so that both lines fit.")
    assert "311 votes" in said(blocks)
    assert "tens" not in said(trend(weeks_of(IDEAS, VOTES), ChartPage(with_charts=False)))


@pytest.mark.parametrize(
    ("ideas", "votes", "names"),
    [
        ((1, 2), (3, 10), ["Ideas", "Votes"]),
        ((1, 1), (6, 9), ["Ideas", "Votes"]),
        ((1, 1), (6, 40), ["Ideas", "Votes, in tens"]),
        ((1, 2), (0, 120), ["Ideas", "Votes, in hundreds"]),
        ((1, 1), (0, 90_000), ["Ideas", "Votes, in thousands"]),
        ((0, 40), (0, 2), ["Ideas, in tens", "Votes"]),
        ((0, 0), (0, 311), ["Ideas", "Votes"]),
    ],
)
def test_the_unit_of_a_line(ideas: tuple[int, int], votes: tuple[int, int], names: list[str]) -> None:
    """The higher line's unit is the nearest to the lower line, never one that its best week does not fill."""
    drawn = chart_of(trend(weeks_of(ideas, votes)))
    assert [name for name in drawn if name != "labels"] == names


@pytest.mark.parametrize(
    ("ideas", "votes", "sentence"),
    [
        (
            IDEAS,
            VOTES,
            "23 ideas this week, against 14 on average in the eleven weeks before; 311 votes, against 229.",
        ),
        (
            (4, 5, 1),
            (1, 0, 1),
            "1 idea this week, against 4.5 on average in the two weeks before; 1 vote, against 0.5.",
        ),
        ((2, 0), (30, 1_240), "No ideas this week, against 2 in the week before; 1,240 votes, against 30."),
        ((0, 0, 3), (0, 0, 0), "3 ideas this week, and none in the two weeks before; no votes at all."),
        ((0, 3), (0, 1), "3 ideas this week, and none in the week before; 1 vote, and none before."),
        ((0,) * 12, (1,) + (0,) * 11, "No ideas in these twelve weeks; no votes this week, against 0.1 on average"),
    ],
)
def test_the_trend_in_a_sentence(ideas: tuple[int, ...], votes: tuple[int, ...], sentence: str) -> None:
    """The newest week stands beside the mean of those before, right for one, for none, and for a single week before."""
    assert trend_sentence(weeks_of(ideas, votes)).startswith(sentence)


def test_a_running_week_is_said_to_be_one() -> None:
    """What has come "so far" is not set against whole weeks as if it were one."""
    assert said(trend(weeks_of((2, 3), (2, 3)), ChartPage(When(is_so_far=True)))).startswith("3 ideas so far this week")
    assert "So far this week" in chart_of(by_stage(STAGES, ChartPage(When(is_so_far=True))))
    nothing = [StageCount("Use", 0, 1)]
    assert said(by_stage(nothing, ChartPage(When(is_so_far=True), with_charts=False))).startswith(
        "No ideas so far this week, against 1"
    )


@pytest.mark.parametrize("weeks", [[], weeks_of((3,), (4,)), weeks_of((0,) * 12, (0,) * 12)])
def test_nothing_to_compare_is_not_drawn(weeks: list[WeekCount]) -> None:
    """No week, a single one, and weeks in which nothing came make no block."""
    assert trend(weeks) == trend(weeks, ChartPage(with_charts=False)) == []


def test_without_charts_the_trend_is_a_list_that_reads_well() -> None:
    """The same sentence stands above a list of the weeks, oldest first, each a short phrase."""
    blocks = trend(weeks_of((0, 1, 23), (0, 0, 311)), ChartPage(with_charts=False))
    assert (
        said(blocks)
        == "23 ideas this week, against 0.5 on average in the two weeks before; 311 votes, and none before."
    )
    assert lines_of(blocks) == ["2 Nov: nothing", "9 Nov: 1 idea, no votes", "16 Nov: 23 ideas, 311 votes"]


def test_stages_have_words_and_bars() -> None:
    """Each stage has this week's ideas beside a mean week's, in the given order, below the stage with the most."""
    blocks = by_stage(STAGES)
    assert [block["block_id"] for block in shown(blocks)] == ["by_stage_words", "by_stage"]
    assert shown(blocks)[1]["chart"]["type"] == "bar"
    assert chart_of(blocks) == {
        "labels": ["Use", "Get help", "Buy", "No stage yet"],
        "This week": [6, 9, 0, 8],
        "Average of 4 before": [5.25, 4.5, 2, 0],
    }
    assert (
        said(blocks) == "The most ideas came under Get help: 9 of 23, against 4.5 on average in the four weeks before."
    )


def test_without_charts_stages_are_a_list_that_reads_well() -> None:
    """The same sentence stands above a list of the stages."""
    blocks = by_stage(STAGES, ChartPage(with_charts=False))
    assert said(blocks) == said(by_stage(STAGES))
    assert lines_of(blocks) == [
        "Use: 6 ideas; 5.3 a week before",
        "Get help: 9 ideas; 4.5 a week before",
        "Buy: no ideas; 2 a week before",
        "No stage yet: 8 ideas; none in the weeks before",
    ]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ([("A", 1, 0), ("B", 0, 2)], "The only idea came under A."),
        ([(None, 1, 0.25)], "The only idea came under no stage, against 0.3 on average in the four weeks before."),
        ([("A", 3, 0.5)], "All 3 ideas came under A, against 0.5 on average in the four weeks before."),
        ([("A", 2, 1), ("B", 2, 1), (None, 1, 0)], "The most ideas came under A and under B: 2 each."),
        ([("A", 2, 1), (None, 2, 1), ("C", 2, 0)], "The most ideas came under A, under no stage and under C: 2 each."),
        ([(name, 1, 0) for name in "ABCD"], "No stage stands out: 1 of 4 ideas is the most that any has."),
        ([("A", 0, 1.5), ("B", 0, 2)], "No ideas this week, against 3.5 on average in the four weeks before."),
    ],
)
def test_stages_in_a_sentence(counts: list[tuple[str | None, int, float]], sentence: str) -> None:
    """The takeaway is exact for one idea, for a tie, for ideas without a stage, and for a week without any."""
    assert said(by_stage([StageCount(*each) for each in counts])) == sentence


def test_no_idea_in_five_weeks_is_not_drawn() -> None:
    """Without an idea in any of the five weeks there is no block, and a stage without any has no bar."""
    nothing = [StageCount("Use", 0, 0), StageCount(None, 0, 0)]
    assert by_stage(nothing) == by_stage((), ChartPage(with_charts=False)) == []
    assert chart_of(by_stage([*nothing, StageCount("Buy", 1, 0)]))["labels"] == ["Buy"]


def test_the_smallest_of_many_stages_are_summed() -> None:
    """Of more than twelve stages the eleven with the most ideas stay in their order; no idea is left out."""
    counts = [StageCount(f"Stage {number}", number, 1) for number in range(1, 16)]
    drawn = chart_of(by_stage(counts))
    assert drawn["labels"] == [*(f"Stage {number}" for number in range(5, 16)), "Other stages"]
    assert drawn["This week"] == [*range(5, 16), 1 + 2 + 3 + 4]
    assert drawn["Average of 4 before"] == [1] * 11 + [4]


def test_labels_are_short_and_differ() -> None:
    """Names that are equal, or equal as far as they fit, get numbers; breaks and control signs make no label."""
    assert unique_labels(["Buy", "Buy", " Buy\n", "Getting help in the branch", "Getting help in the shop"]) == [
        "Buy",
        "Buy 2",
        "Buy 3",
        "Getting help in…",
        "Getting help in… 2",
    ]
    assert unique_labels(["\x00\u202e", "a\n\tb", "\ud800"]) == ["…", "a b", "… 2"]


def test_a_name_of_ours_may_be_a_stage_too() -> None:
    """A stage that is called like the sum of the others, or like having none, keeps its own bar."""
    counts = [StageCount(name, 2, 0) for name in ("Other stages", "No stage yet", *"ABCDEFGHIJ")]
    labels = chart_of(by_stage([StageCount(None, 3, 0), *counts]))["labels"]
    assert labels[:3] == ["No stage yet", "Other stages", "No stage yet 2"]
    assert labels[-1] == "Other stages 2"


def test_a_name_that_runs_from_right_to_left_stays_in_its_place() -> None:
    """In a sentence and in a list such a name is isolated, so that figures beside it are not reordered."""
    counts = [StageCount("شراء", 2, 1)]
    for blocks in (by_stage(counts)[:1], by_stage(counts, ChartPage(with_charts=False))):
        assert all("\u2068شراء\u2069" in words({"blocks": [block]}) for block in shown(blocks))


@pytest.mark.parametrize(
    ("mean", "text"),
    [
        (0, "0"),
        (0.04, "under 0.1"),
        (0.25, "0.3"),
        (4.5, "4.5"),
        (2.0, "2"),
        (9.96, "10"),
        (13.9, "14"),
        (1234.5, "1,235"),
    ],
)
def test_a_mean_is_said_as_people_say_it(mean: float, text: str) -> None:
    """A mean has one digit behind the point below ten and none above, and little is never said to be nothing."""
    assert mean_text(mean) == text
