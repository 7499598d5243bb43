"""Slack's `table` and `data_table` blocks as HTML tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import htpy as h

from sandbox.web import emojis
from sandbox.web.richtext import rich_text, unknown

if TYPE_CHECKING:
    from sandbox.web.scene import Scene

Json = dict[str, Any]
ALIGNMENTS = {"left", "center", "right"}


def table(block: Json, scene: Scene) -> h.Element:
    """A table whose first row is its head, in a frame that scrolls sideways by itself."""
    rows = block.get("rows") or [[]]
    settings = [setting or {} for setting in block.get("column_settings") or []]
    body = [h.tr[[h.td(_column(settings, i))[_cell(cell, scene)] for i, cell in enumerate(row)]] for row in rows[1:]]
    head = h.tr[[h.th(_column(settings, i), scope="col")[_cell(cell, scene)] for i, cell in enumerate(rows[0])]]
    caption = h.caption[str(block["caption"])] if block.get("caption") else None
    label = str(block.get("caption") or "Table")
    return h.div(".table-frame", tabindex="0", role="region", aria_label=label)[
        h.table[caption, h.thead[head], h.tbody[body]]
    ]


def _column(settings: list[Json], index: int) -> dict[str, str | None]:
    setting = settings[index] if index < len(settings) else {}
    align = setting.get("align")
    names = [f"to-{align}"] if align in ALIGNMENTS else []
    return {"class": " ".join([*names, *(["wrapped"] if setting.get("is_wrapped") else [])]) or None}


def _cell(cell: Json, scene: Scene) -> h.Node:
    match cell.get("type"):
        case "rich_text":
            return rich_text(cell, scene)
        case "raw_text" | "raw_number":
            return emojis.with_pictures(str(cell.get("text", cell.get("value", ""))))
        case kind:
            return unknown(kind, "table cell")
