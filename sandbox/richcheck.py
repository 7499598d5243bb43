"""Checks of rich text, and of tables, whose cells may have some.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
https://docs.slack.dev/reference/block-kit/blocks/table-block
"""

from typing import Any

from sandbox.checks import Checks
from sandbox.models import Json

ROWS = 100
COLUMNS = 20
TABLE_CHARACTERS = 10_000
PARTS = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}
# What each element must have, as text that is not empty.
ELEMENTS = {
    "text": "text",
    "emoji": "name",
    "link": "url",
    "user": "user_id",
    "channel": "channel_id",
    "usergroup": "usergroup_id",
    "broadcast": "range",
    "color": "value",
    "date": "format",
}
STYLES = {"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"}
# What some elements may have besides.
MORE_KEYS = {
    "emoji": {"unicode", "skin_tone", "url"},
    "link": {"text", "unsafe"},
    "date": {"timestamp", "url", "fallback"},
}
LIST_KEYS = {"style", "indent", "offset"}


def check_rich_text(checks: Checks, where: str, block: Json) -> None:
    """Check a rich_text block."""
    checks.keys(where, block, {"type", "block_id", "elements"})
    for index, part in enumerate(checks.items(f"{where}/elements", block.get("elements"), 1, 3000)):
        _check_part(checks, f"{where}/elements/{index}", part)


def _check_part(checks: Checks, where: str, part: Any) -> None:
    if not isinstance(part, dict):
        checks.add(where, "must provide an object")
        return
    kind = part.get("type")
    checks.one_of(f"{where}/type", kind, PARTS)
    checks.keys(where, part, {"type", "elements", "border"} | (LIST_KEYS if kind == "rich_text_list" else set()))
    if kind == "rich_text_list":
        checks.one_of(f"{where}/style", part.get("style"), {"bullet", "ordered"})
        checks.number(f"{where}/indent", part.get("indent"), 0, 8)
        checks.number(f"{where}/offset", part.get("offset"), 0)
    checks.number(f"{where}/border", part.get("border"), 0, 1)
    for index, element in enumerate(checks.items(f"{where}/elements", part.get("elements"), 1, 3000)):
        pointer = f"{where}/elements/{index}"
        if kind == "rich_text_list":
            _check_item(checks, pointer, element)
        elif kind == "rich_text_preformatted" and not _is_code(element):
            checks.add(pointer, "must be a text or a link")
        else:
            _check_element(checks, pointer, element)


def _is_code(element: Any) -> bool:
    return isinstance(element, dict) and element.get("type") in ("text", "link")


def _check_item(checks: Checks, where: str, item: Any) -> None:
    if isinstance(item, dict) and item.get("type") == "rich_text_section":
        _check_part(checks, where, item)
    else:
        checks.add(where, "must be a rich_text_section")


def _check_element(checks: Checks, where: str, element: Any) -> None:
    kind = element.get("type") if isinstance(element, dict) else None
    if not isinstance(kind, str) or kind not in ELEMENTS:
        checks.add(f"{where}/type", f"unsupported type: {kind}")
        return
    needed = ELEMENTS[kind]
    checks.size(f"{where}/{needed}", element.get(needed), 1_000_000, required=True)
    checks.keys(where, element, {"type", "style", needed} | MORE_KEYS.get(kind, set()))
    style = element.get("style")
    if isinstance(style, dict):
        checks.keys(f"{where}/style", style, STYLES)
        checks.booleans(f"{where}/style", style, STYLES)
    elif style is not None:
        checks.add(f"{where}/style", "must provide an object")


def check_table(checks: Checks, where: str, block: Json) -> None:
    """Check a table block."""
    checks.keys(where, block, {"type", "block_id", "rows", "column_settings"})
    found = len(checks.problems)
    for index, row in enumerate(checks.items(f"{where}/rows", block.get("rows"), 1, ROWS)):
        for number, cell in enumerate(checks.items(f"{where}/rows/{index}", row, 1, COLUMNS)):
            _check_cell(checks, f"{where}/rows/{index}/{number}", cell)
    settings = block.get("column_settings")
    if settings is not None:
        for index, column in enumerate(checks.items(f"{where}/column_settings", settings, 0, COLUMNS)):
            _check_column(checks, f"{where}/column_settings/{index}", column)
    if len(checks.problems) == found and _characters(block["rows"]) > TABLE_CHARACTERS:
        checks.add(f"{where}/rows", f"cells must be less than {TABLE_CHARACTERS + 1} characters together")


def _check_cell(checks: Checks, where: str, cell: Any) -> None:
    if not isinstance(cell, dict):
        checks.add(where, "must provide an object")
    elif cell.get("type") == "rich_text":
        check_rich_text(checks, where, cell)
    else:
        checks.one_of(f"{where}/type", cell.get("type"), {"raw_text"})
        checks.keys(where, cell, {"type", "text", "emoji"})
        checks.booleans(where, cell, {"emoji"})
        checks.size(f"{where}/text", cell.get("text"), TABLE_CHARACTERS, required=True)


def _check_column(checks: Checks, where: str, column: Any) -> None:
    if column is None:
        return  # A column without settings of its own, before one that has some.
    if not isinstance(column, dict):
        checks.add(where, "must provide an object")
        return
    checks.keys(where, column, {"align", "is_wrapped"})
    checks.booleans(where, column, {"is_wrapped"})
    if "align" in column:
        checks.one_of(f"{where}/align", column["align"], {"left", "center", "right"})


def _characters(value: Any) -> int:
    if isinstance(value, list):
        return sum(map(_characters, value))
    if not isinstance(value, dict):
        return 0
    own = value.get("text")
    return (len(own) if isinstance(own, str) else 0) + _characters(value.get("elements"))
