import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from slackblocks import Block

from bot.catalog import NAME_LIMIT
from bot.views.chart_words import When
from bot.views.dates import Dates
from bot.views.digest_charts import ChartPage, by_stage, trend
from bot.views.message import checked
from bot.views.text import width
from db.digests import StageCount, WeekCount
from sandbox.limits import check_message_blocks
from tests.properties.test_view_limits import typed_texts
from tests.unit.view_samples import controls, words

CHART_JSON, SPOKEN = 3_000, 1_200
MONDAY = date(2026, 11, 16)

counts = st.integers(0, 3) | st.integers(0, 10_000)
means = st.integers(0, 40_000).map(lambda ideas: ideas / 4)
weeks = st.lists(st.tuples(counts, counts), max_size=20).map(
    lambda numbers: tuple(
        WeekCount(MONDAY + timedelta(days=7 * week), *both) for week, both in enumerate(numbers, start=-len(numbers))
    )
)
names = (
    st.none() | typed_texts | st.sampled_from(["Buy", "Other stages", "No stage yet", "\u200b", "\\" * 75, "ة" * 75])
)
stages = st.lists(st.builds(StageCount, names, counts, means), max_size=30).map(tuple)
long_names = tuple(StageCount("ش" * NAME_LIMIT, 10_000, 10_000) for _ in range(30))


def shown(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Return the blocks as Slack gets them, checked by the bot itself and as the sandbox's Slack checks them."""
    if not blocks:
        return []
    payload = checked("Customer ideas", blocks).blocks
    check_message_blocks(payload)
    assert controls({"blocks": payload}) == []
    assert all(block["block_id"] for block in payload)
    return payload


whens = st.builds(When, st.sampled_from(["week", "month"]), st.booleans())
some_dates = st.builds(Dates, st.sampled_from([None, "de", "fr", "pt_BR", "ja", "ar", "he"]))


@settings(deadline=None)
@given(weeks=weeks, stages=stages, when=whens, dates=some_dates)
@example(weeks=(), stages=long_names, when=When(), dates=Dates())
def test_any_counts_make_charts_that_slack_takes(
    *, weeks: tuple[WeekCount, ...], stages: tuple[StageCount, ...], when: When, dates: Dates
) -> None:
    """Whatever was counted and stages are called, charts and lists are accepted, short, and ping nobody."""
    for with_charts in (True, False):
        for blocks in (
            trend(weeks, ChartPage(when, dates, with_charts)),
            by_stage(stages, ChartPage(when, dates, with_charts)),
        ):
            payload = shown(blocks)
            assert all(len(json.dumps(block, ensure_ascii=False)) < CHART_JSON for block in payload)
            assert width(words({"blocks": payload})) < SPOKEN
            is_drawn = any(block["type"] == "data_visualization" for block in payload)
            assert is_drawn == (with_charts and bool(payload))


@settings(deadline=None)
@given(stages)
def test_no_idea_is_left_out_of_the_bars(stages: tuple[StageCount, ...]) -> None:
    """The bars of all stages together, the summed ones too, are all the ideas."""
    for chart in (block["chart"] for block in shown(by_stage(stages))[1:]):
        now, before = (sum(point["value"] for point in series["data"]) for series in chart["series"])
        assert now == sum(stage.ideas for stage in stages)
        assert abs(before - sum(stage.before for stage in stages)) < 0.01
