"""Slack's `data_visualization` blocks as SVG, each with a table for those who cannot see it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import htpy as h

from sandbox.web.richtext import unknown
from sandbox.web.scales import Scale, number, scale_for

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
WIDTH, LEFT, RIGHT, TOP, BOTTOM = 560, 44, 548, 14, 196
PIE_CENTRE, PIE_RADIUS = 100, 92
LABELS_THAT_FIT = 8


@dataclass(frozen=True, slots=True)
class Series:
    """One named row of values, in the order of the categories."""

    name: str
    values: list[float]


@dataclass(frozen=True, slots=True)
class Plot:
    """What an axis chart draws."""

    categories: list[str]
    series: list[Series]
    scale: Scale

    def centre(self, index: int) -> float:
        """The horizontal middle of a category."""
        return LEFT + (RIGHT - LEFT) * (index + 0.5) / len(self.categories)


def data_visualization(block: Json) -> h.Element:
    """A titled chart with its legend and its table."""
    chart = block.get("chart") or {}
    title = str(block.get("title", ""))
    if chart.get("type") == "pie":
        return _figure(title, *_pie(chart, title))
    draw = DRAWERS.get(chart.get("type", ""))
    if draw is None:
        return unknown(chart.get("type"), "chart")
    return _figure(title, *_axis_chart(chart, title, draw))


def _figure(title: str, picture: h.Node, legend: h.Node, table: h.Node) -> h.Element:
    return h.figure(".chart")[h.figcaption[title], picture, legend, h.div(".visually-hidden")[table]]


def _axis_chart(chart: Json, title: str, draw: Callable[[Plot], h.Node]) -> tuple[h.Node, h.Node, h.Node]:
    config = chart.get("axis_config") or {}
    rows = chart.get("series") or []
    categories = [str(name) for name in config.get("categories") or [p["label"] for p in rows[0]["data"]]]
    series = [_series(row, categories) for row in rows]
    plot = Plot(categories, series, scale_for(_extent(series, chart["type"]), BOTTOM, TOP))
    picture = h.svg(viewBox=f"0 0 {WIDTH} 226", role="img", aria_label=f"{title}, {chart['type']} chart")[
        _grid(plot), draw(plot), _category_labels(plot)
    ]
    names = [config.get("y_label"), config.get("x_label")]
    axes = h.p(".axes")[" by ".join(str(name) for name in names if name)] if any(names) else None
    return picture, [axes, _legend([row.name for row in series])], _table(title, categories, series)


def _series(row: Json, categories: list[str]) -> Series:
    by_label = {str(point["label"]): float(point["value"]) for point in row.get("data", [])}
    return Series(str(row.get("name", "")), [by_label.get(name, 0.0) for name in categories])


def _extent(series: list[Series], kind: str) -> list[float]:
    """Areas are stacked, so their axis holds every edge on the way to the sums, which negative values take down."""
    if kind == "area":
        return [
            0.0,
            *(edge for column in zip(*(row.values for row in series), strict=True) for edge in accumulate(column)),
        ]
    return [0.0, *(value for row in series for value in row.values)]


def _grid(plot: Plot) -> list[h.Node]:
    lines: list[h.Node] = []
    for mark in plot.scale.marks():
        y = f"{plot.scale.at(mark):.1f}"
        zero = ".zero" if mark == 0 else ""
        lines.append(h.line(f".grid{zero}", x1=str(LEFT), x2=str(RIGHT), y1=y, y2=y))
        lines.append(h.text(".tick", x=str(LEFT - 8), y=y, dy="4", text_anchor="end")[number(mark)])
    return lines


def _category_labels(plot: Plot) -> list[h.Node]:
    every = math.ceil(len(plot.categories) / LABELS_THAT_FIT)
    room = max(6, int(84 * every / len(plot.categories)))
    return [
        h.text(".tick", x=f"{plot.centre(index):.1f}", y=str(BOTTOM + 20), text_anchor="middle")[
            h.title[name], name if len(name) <= room else f"{name[: room - 1]}…"
        ]
        for index, name in enumerate(plot.categories)
        if index % every == 0
    ]


def _lines(plot: Plot) -> h.Node:
    return [
        h.g(f".s{number_ % 12}")[
            h.polyline(".line", points=_points(plot, row.values)),
            [
                h.circle(cx=f"{plot.centre(i):.1f}", cy=f"{plot.scale.at(value):.1f}", r="3.5")[
                    _tip(row, plot.categories[i], value)
                ]
                for i, value in enumerate(row.values)
            ],
        ]
        for number_, row in enumerate(plot.series)
    ]


def _bars(plot: Plot) -> h.Node:
    slot = (RIGHT - LEFT) / len(plot.categories)
    width = min(slot * 0.72 / len(plot.series), 48)
    return [
        h.g(f".s{index % 12}")[
            [
                _bar(plot, column, width * (index - len(plot.series) / 2), width, row)
                for column in range(len(plot.categories))
            ]
        ]
        for index, row in enumerate(plot.series)
    ]


def _bar(plot: Plot, column: int, shift: float, width: float, row: Series) -> h.Element:
    value = row.values[column]
    top, zero = plot.scale.at(max(value, 0)), plot.scale.at(min(value, 0))
    return h.rect(
        x=f"{plot.centre(column) + shift:.1f}",
        y=f"{top:.1f}",
        width=f"{width - 1:.1f}",
        height=f"{zero - top:.1f}",
        rx="2",
    )[_tip(row, plot.categories[column], value)]


def _areas(plot: Plot) -> h.Node:
    floor = [0.0] * len(plot.categories)
    shapes: list[h.Node] = []
    for index, row in enumerate(plot.series):
        ceiling = [below + value for below, value in zip(floor, row.values, strict=True)]
        back = " ".join(reversed(_points(plot, floor).split()))
        shapes.append(
            h.g(f".s{index % 12}")[h.polygon(".area", points=f"{_points(plot, ceiling)} {back}")[h.title[row.name]]]
        )
        floor = ceiling
    return shapes


def _points(plot: Plot, values: list[float]) -> str:
    return " ".join(f"{plot.centre(index):.1f},{plot.scale.at(value):.1f}" for index, value in enumerate(values))


def _tip(row: Series, category: str, value: float) -> h.Element:
    return h.title[f"{row.name}, {category}: {number(value)}"]


def _pie(chart: Json, title: str) -> tuple[h.Node, h.Node, h.Node]:
    segments = [(str(part["label"]), float(part["value"])) for part in chart.get("segments") or []]
    total = sum(value for _, value in segments) or 1
    turned, slices = 0.0, []
    for index, (label, value) in enumerate(segments):
        share = value / total
        slices.append(h.g(f".s{index % 12}")[_slice(turned, share)[h.title[f"{label}: {number(value)} ({share:.0%})"]]])
        turned += share
    picture = h.svg(".pie", viewBox="0 0 200 200", role="img", aria_label=f"{title}, pie chart")[slices]
    legend = _legend([f"{label} {value / total:.0%}" for label, value in segments], always=True)
    return picture, legend, _table(title, [label for label, _ in segments], [Series("Value", [v for _, v in segments])])


def _slice(start: float, share: float) -> h.Element:
    if share > 0.9999:  # noqa: PLR2004 - an arc from a point to itself would be empty
        return h.circle(cx=str(PIE_CENTRE), cy=str(PIE_CENTRE), r=str(PIE_RADIUS))
    from_x, from_y = _on_circle(start)
    to_x, to_y = _on_circle(start + share)
    large = int(share > 0.5)  # noqa: PLR2004 - half a turn
    arc = f"A{PIE_RADIUS} {PIE_RADIUS} 0 {large} 1 {to_x:.2f} {to_y:.2f}"
    return h.path(".slice", d=f"M{PIE_CENTRE} {PIE_CENTRE} L{from_x:.2f} {from_y:.2f} {arc} Z")


def _on_circle(turn: float) -> tuple[float, float]:
    angle = math.tau * turn - math.pi / 2
    return PIE_CENTRE + PIE_RADIUS * math.cos(angle), PIE_CENTRE + PIE_RADIUS * math.sin(angle)


def _legend(names: list[str], *, always: bool = False) -> h.Node:
    if len(names) < 2 and not always:  # noqa: PLR2004 - a single series is named by the title
        return None
    return h.ul(".legend", aria_hidden="true")[
        [
            h.li(f".s{index % 12}")[h.svg(".key", viewBox="0 0 10 10")[h.rect(width="10", height="10", rx="2")], name]
            for index, name in enumerate(names)
        ]
    ]


def _table(title: str, categories: list[str], series: list[Series]) -> h.Element:
    head = h.tr[h.th(scope="col")["Category"], [h.th(scope="col")[row.name] for row in series]]
    rows = [
        h.tr[h.th(scope="row")[name], [h.td[number(row.values[index])] for row in series]]
        for index, name in enumerate(categories)
    ]
    return h.table[h.caption[title], h.thead[head], h.tbody[rows]]


DRAWERS: dict[str, Callable[[Plot], h.Node]] = {"line": _lines, "bar": _bars, "area": _areas}
