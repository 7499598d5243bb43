"""Blocks, charts, forms and the differences that windows are sent."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import htpy as h
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.models import Channel, User, View
from sandbox.web.blocks import Surface, render_blocks
from sandbox.web.charts import BOTTOM, TOP
from sandbox.web.dialog import dialog_content
from sandbox.web.parts import Part, frame, lacking, leaf
from sandbox.web.scales import number, scale_for
from sandbox.web.scene import Scene
from tests.sandbox.samples import ALL_BLOCKS, CHARTS, TABLE, options, plain, series

SCENE = Scene(
    "U0LINDQV02",
    {"U0LINDQV02": User("U0LINDQV02", "maja", "Maja Lindqvist", "Agent")},
    {"C0CXIDEAS1": Channel("C0CXIDEAS1", "cx-ideas", 0)},
)


def drawn(*blocks: dict[str, Any], view: View | None = None) -> str:
    """The markup of blocks."""
    return str(h.fragment[render_blocks(list(blocks), Surface(SCENE, "m-1", view))])


def test_every_kind_of_block_is_drawn() -> None:
    """Of all sample blocks only the invented one is an error."""
    assert re.findall(r"cannot draw the ([^<]*)<", drawn(*ALL_BLOCKS)) == ["block “hologram”."]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "actions", "elements": [{"type": "teleporter"}]},
        {"type": "rich_text", "elements": [{"type": "rich_text_poem"}]},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "smell"}]}]},
        {"type": "data_visualization", "title": "x", "chart": {"type": "radar"}},
        {"type": "table", "rows": [[{"type": "raw_smell"}]]},
        {},
    ],
)
def test_what_is_unknown_is_a_visible_error(block: dict[str, Any]) -> None:
    """Nothing unknown disappears silently, however deep it stands."""
    assert "This page cannot draw the" in drawn(block)


def test_nothing_inline_that_the_policy_would_block() -> None:
    """No markup carries a style attribute, an event handler or a source from outside."""
    assert re.search(r'\s(style|on\w+)="|src="http', drawn(*ALL_BLOCKS)) is None


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: str(chart["title"]))
def test_charts_come_with_their_numbers(chart: dict[str, Any]) -> None:
    """Each chart is a named picture and a table of all its values."""
    markup = drawn(chart)
    assert f'aria-label="{chart["title"]},' in markup
    body = chart["chart"]
    points = body.get("segments") or [point for row in body["series"] for point in row["data"]]
    for point in points:
        assert f"<td>{point['value']}</td>" in markup


def test_a_pie_of_one_segment_is_a_circle() -> None:
    """A whole turn is drawn, not an empty arc."""
    chart = {"type": "pie", "segments": [{"label": "All", "value": 3}]}
    assert "<circle" in drawn({"type": "data_visualization", "title": "x", "chart": chart})


@given(st.lists(st.floats(-1e7, 1e7, allow_subnormal=False), min_size=1, max_size=20))
def test_axes_hold_every_value(values: list[float]) -> None:
    """All values lie between the lowest and the highest mark, and zero is among the marks' range."""
    scale = scale_for(values, 200, 10)
    assert scale.low <= min(0, *values)
    assert scale.high >= max(0, *values)
    assert 2 <= len(scale.marks()) <= 12


def test_numbers_are_short() -> None:
    """Marks read as people write them."""
    assert [number(value) for value in (0, 3.5, 1250, 12_500, 3_000_000)] == ["0", "3.5", "1,250", "12.5k", "3M"]


def test_tables_have_a_head_and_alignment() -> None:
    """The first row is the head; columns are aligned as the block says."""
    markup = drawn(TABLE)
    assert '<th class="wrapped" scope="col">Idea</th>' in markup
    assert 'class="to-right">14</td>' in markup


def form(**changes: Any) -> View:
    """A modal with three fields."""
    blocks = [
        {
            "type": "input",
            "block_id": "title",
            "label": plain("Title"),
            "hint": plain("In a line"),
            "element": {"type": "plain_text_input", "action_id": "a", "max_length": 120, "initial_value": "first"},
        },
        {
            "type": "input",
            "block_id": "stage",
            "label": plain("Stage"),
            "optional": True,
            "element": {"type": "static_select", "action_id": "b", "options": options("Use", "Buy")},
        },
    ]
    definition = {"title": plain("Share"), "submit": plain("Send it"), "blocks": blocks}
    return replace(View("V1", "U0LINDQV02", definition, "h", "V1"), **changes)


def test_fields_have_labels_hints_and_counters() -> None:
    """A control's label, hint and limit belong to it by id."""
    markup = str(dialog_content(form(), "UBOT", SCENE))
    assert '<label class="label" for="V1-title-a">Title</label>' in markup
    assert 'aria-describedby="V1-title-hint"' in markup
    assert ">5/120</output>" in markup
    assert "(optional)" in markup
    assert ">Send it</button>" in markup


def test_errors_stand_at_their_field_and_entered_values_stay() -> None:
    """After a refusal the field is marked, its error is announced with it, and what was entered is still there."""
    state = {
        "title": {"a": {"type": "plain_text_input", "value": "mine"}},
        "stage": {"b": {"type": "static_select", "selected_option": {"text": plain("Buy"), "value": "buy"}}},
    }
    markup = str(dialog_content(form(errors={"title": "Too long."}, state=state), "UBOT", SCENE))
    assert 'aria-invalid="true"' in markup
    assert 'aria-describedby="V1-title-error V1-title-hint"' in markup
    assert 'value="mine"' in markup
    assert '<option value="buy" selected>Buy</option>' in markup


def page(*texts: str, version: str = "1") -> list[Part]:
    """A column with a list of messages."""
    rows = [leaf(h.li(id=f"m{text[0]}")[text], into="log") for text in texts]
    return [frame("main", lambda: h.main("#main")[h.ol("#log")[rows]], version, rows)]


def ids(known: dict[str, str], parts: list[Part]) -> list[tuple[str, str, str]]:
    """The operations without their markup: kind, id and the id before."""
    return [(kind, part_id, after) for kind, part_id, _, _, after in lacking(known, parts)]


def test_a_new_window_gets_everything_and_then_only_what_changed() -> None:
    """A whole frame first, then one operation for each new, changed or gone part, in its place."""
    known: dict[str, str] = {}
    assert ids(known, page("a", "c")) == [("set", "main", "")]
    assert ids(known, page("a", "c")) == []
    assert ids(known, page("a", "b", "c!")) == [("add", "mb", "ma"), ("set", "mc", "mb")]
    assert ids(known, page("b", "c!")) == [("del", "ma", "")]
    assert ids(known, page("b", version="2")) == [("set", "main", ""), ("del", "mc", "")]


def test_parts_carry_their_version_into_the_page() -> None:
    """The markup says which version it is, so that a reconnecting window can say so too."""
    part = leaf(h.li(id="m1")["<b>"])
    assert f'data-v="{part.version}" id="m1"' in part.html
    assert "&lt;b&gt;" in part.html


def test_a_stacked_area_stays_inside_its_axis() -> None:
    """Where values of both signs are stacked, every edge on the way is drawn between the axis's ends."""
    rows = [series("Up", Mon=30, Tue=30), series("Down", Mon=-50, Tue=-20), series("Again", Mon=40, Tue=5)]
    chart = {"type": "area", "series": rows, "axis_config": {"categories": ["Mon", "Tue"]}}
    markup = drawn({"type": "data_visualization", "title": "x", "chart": chart})
    edges = [float(point.split(",")[1]) for line in re.findall(r'points="([^"]*)"', markup) for point in line.split()]
    assert len(edges) == 12
    assert min(edges) >= TOP - 0.1
    assert max(edges) <= BOTTOM + 0.1
