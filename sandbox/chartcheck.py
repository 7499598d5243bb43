"""Checks of charts.

https://docs.slack.dev/changelog/2026/06/16/block-kit-data-visualization-block
"""

from math import isfinite
from typing import Any

from sandbox.checks import Checks
from sandbox.models import Json

CHART = "data_visualization"
LABEL = 20
TITLE = 50
SERIES_MOST = 12
POINTS_MOST = 20


def check_chart_block(checks: Checks, where: str, block: Json) -> None:
    """Check a data_visualization block: a pie of segments, or bars, lines or areas over categories."""
    checks.keys(where, block, {"type", "block_id", "title", "chart"})
    checks.size(f"{where}/title", block.get("title"), TITLE, required=True)
    chart = block.get("chart")
    pointer = f"{where}/chart"
    if not isinstance(chart, dict):
        checks.add(pointer, "must provide an object")
    elif chart.get("type") == "pie":
        checks.keys(pointer, chart, {"type", "segments"})
        _check_points(checks, f"{pointer}/segments", chart.get("segments"), SERIES_MOST, above_zero=True)
    elif chart.get("type") in ("bar", "line", "area"):
        checks.keys(pointer, chart, {"type", "series", "axis_config"})
        _check_series(checks, pointer, chart)
    else:
        checks.add(f"{pointer}/type", "must be one of: area, bar, line, pie")


def refuse_charts(checks: Checks, pointer: str, value: Any) -> None:
    """Note each chart, also those inside other blocks, as a workspace does that has none yet."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            refuse_charts(checks, f"{pointer}/{index}", item)
    elif isinstance(value, dict):
        if value.get("type") == CHART:
            checks.add(f"{pointer}/type", f"unsupported type: {CHART}")
        for name, item in value.items():
            refuse_charts(checks, f"{pointer}/{name}", item)


def _check_series(checks: Checks, pointer: str, chart: Json) -> None:
    categories = _check_axis(checks, f"{pointer}/axis_config", chart.get("axis_config"))
    names: set[str] = set()
    for index, series in enumerate(checks.items(f"{pointer}/series", chart.get("series"), 1, SERIES_MOST)):
        where = f"{pointer}/series/{index}"
        if not isinstance(series, dict):
            checks.add(where, "must provide an object")
            continue
        checks.keys(where, series, {"name", "data"})
        checks.size(f"{where}/name", series.get("name"), LABEL, required=True)
        name = str(series.get("name"))
        if name in names:
            checks.add(f"{where}/name", f"name already exists: {name}")
        names.add(name)
        labels = _check_points(checks, f"{where}/data", series.get("data"), POINTS_MOST)
        if sorted(labels) != sorted(categories):
            checks.add(f"{where}/data", "must have one value for each category")


def _check_axis(checks: Checks, pointer: str, axis: Any) -> list[str]:
    if not isinstance(axis, dict):
        checks.add(pointer, "must provide an object")
        return []
    checks.keys(pointer, axis, {"categories", "x_label", "y_label"})
    for name in ("x_label", "y_label"):
        checks.size(f"{pointer}/{name}", axis.get(name), TITLE)
    categories = checks.items(f"{pointer}/categories", axis.get("categories"), 1, POINTS_MOST)
    for index, category in enumerate(categories):
        checks.size(f"{pointer}/categories/{index}", category, LABEL, required=True)
    return [str(category) for category in categories]


def _check_points(checks: Checks, pointer: str, points: Any, most: int, *, above_zero: bool = False) -> list[str]:
    labels: list[str] = []
    for index, point in enumerate(checks.items(pointer, points, 1, most)):
        where = f"{pointer}/{index}"
        if not isinstance(point, dict):
            checks.add(where, "must provide an object")
            continue
        checks.keys(where, point, {"label", "value"})
        checks.size(f"{where}/label", point.get("label"), LABEL, required=True)
        labels.append(str(point.get("label")))
        value = point.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            checks.add(f"{where}/value", "must be a number")
        elif above_zero and value <= 0:
            checks.add(f"{where}/value", "must be more than 0")
    return labels
