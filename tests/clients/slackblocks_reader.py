"""JSON of blocks read into slackblocks' objects, which check what they are given.

`Block.from_dict` reads eight kinds of blocks; the others, with the elements inside, are built here, field by field.
"""

from collections.abc import Callable
from typing import Any

import slackblocks as sb
from slackblocks import objects
from slackblocks.errors import InvalidUsageError
from slackblocks.rich_text import elements as rich_elements
from slackblocks.rich_text import objects as rich_objects

Json = dict[str, Any]
Read = Callable[[Any], Any]
REFUSALS = (InvalidUsageError, KeyError, TypeError, ValueError, AttributeError)


class UnreadableError(Exception):
    """It is nothing that slackblocks has an object for."""


def refusal_of(block: Json) -> str | None:
    """Return why slackblocks refuses a block, or None when it accepts it; raises UnreadableError."""
    try:
        repr(read_block(block))
    except REFUSALS as error:
        return f"{type(error).__name__}: {error}"
    return None


def read_block(data: Json) -> sb.Block:
    """Return the block; raises one of REFUSALS, or UnreadableError."""
    kind = data.get("type")
    if kind == "context":
        data = data | {"elements": [read_context_element(one) for one in data["elements"]]}
        return sb.ContextBlock(**fields(data, {}))
    if kind == "section" and data.get("accessory") is not None:
        sb.Block.from_dict(without(data, "accessory"))  # It cannot read a section with its accessory.
        return sb.SectionBlock(accessory=read_element(data["accessory"]), text="Beside it")
    if kind in BLOCKS:
        block: sb.Block = build(BLOCKS[kind], data)
        return block
    return sb.Block.from_dict(data)


def build(shape: tuple[Callable[..., Any], dict[str, Read]], data: Json) -> Any:
    """Call a class with the fields of an object, read as their names say."""
    make, readers = shape
    return make(**fields(data, readers))


def fields(data: Json, readers: dict[str, Read]) -> Json:
    """Return the fields of an object but its type, those that have a reader read; absent and null are the same."""
    given = {name: value for name, value in without(data, "type").items() if value is not None}
    return {name: readers[name](value) if name in readers else value for name, value in given.items()}


def without(data: Json, key: str) -> Json:
    """Return an object without one key."""
    return {name: value for name, value in data.items() if name != key}


def each(read: Read) -> Read:
    """Return the reader of a list of what `read` reads."""
    return lambda values: [read(value) for value in values]


def read_context_element(data: Json) -> Any:
    """Return a text or an image."""
    return read_element(data) if data.get("type") == "image" else objects.Text.from_dict(data)


def read_element(data: Json) -> Any:
    """Return an element; raises TypeError for one that does not exist."""
    shape = ELEMENTS.get(str(data.get("type")))
    if shape is None:
        raise TypeError(f"no element {data.get('type')}")
    if "option_groups" in data and ("initial_option" in data or "initial_options" in data):
        raise UnreadableError("slackblocks wants a group as the initial option")
    return build(shape, data)


def read_rich_object(data: Json) -> Any:
    """Return a part of a rich_text block."""
    shape = RICH_OBJECTS.get(str(data.get("type")))
    if shape is None:
        raise TypeError(f"no part {data.get('type')}")
    return build(shape, data)


def read_rich_element(data: Json) -> Any:
    """Return what stands in a part of a rich_text block."""
    kind = data.get("type")
    if kind in {"broadcast", "date", "color"}:
        raise UnreadableError(kind)
    plain = without(data, "style") | (data.get("style") or {})
    if kind == "usergroup":
        plain["user_group_id"] = plain.pop("usergroup_id")
    return build((RICH_ELEMENTS[str(kind)], {}), plain)


def read_cell(data: Json) -> Any:
    """Return a cell of a table."""
    if data.get("type") == "raw_text":
        return build((objects.RawText, {}), data)
    if data.get("type") != "rich_text":
        raise TypeError(f"no cell {data.get('type')}")
    if len(data["elements"]) != 1:
        raise UnreadableError("slackblocks has one part in a cell")
    return read_rich_object(data["elements"][0])


def read_column(data: Json | None) -> Any:
    """Return the settings of a column; null stands for a column without any."""
    return objects.ColumnSettings(**data or {})


def read_chart(data: Json) -> Any:
    """Return a chart."""
    return build(CHARTS[data["type"]], data)


text: Read = objects.Text.from_dict
confirm: Read = objects.Confirm.from_dict
options: Read = each(objects.Option.from_dict)
COMMON: dict[str, Read] = {"confirm": confirm, "placeholder": text}
OPTIONS: dict[str, Read] = {
    "options": options,
    "option_groups": each(objects.OptionGroup.from_dict),
    "initial_option": objects.Option.from_dict,
    "initial_options": options,
}
FILTER: dict[str, Read] = {"filter": objects.ConversationFilter.from_dict}
DISPATCH: dict[str, Read] = {"dispatch_action_config": objects.DispatchActionConfiguration.from_dict}
ELEMENTS: dict[str, tuple[Callable[..., Any], dict[str, Read]]] = {
    "button": (sb.Button, COMMON | {"text": text}),
    "image": (sb.Image, {"slack_file": objects.SlackFile.from_dict}),
    "overflow": (sb.OverflowMenu, COMMON | OPTIONS),
    "static_select": (sb.StaticSelectMenu, COMMON | OPTIONS),
    "multi_static_select": (sb.StaticMultiSelectMenu, {"options": options} | COMMON | OPTIONS),
    "users_select": (sb.UserSelectMenu, COMMON),
    "multi_users_select": (sb.UserMultiSelectMenu, COMMON),
    "conversations_select": (sb.ConversationSelectMenu, COMMON | FILTER),
    "multi_conversations_select": (sb.ConversationMultiSelectMenu, COMMON | FILTER),
    "checkboxes": (sb.CheckboxGroup, COMMON | OPTIONS),
    "radio_buttons": (sb.RadioButtonGroup, COMMON | OPTIONS),
    "plain_text_input": (sb.PlainTextInput, COMMON | DISPATCH),
    "datepicker": (sb.DatePicker, COMMON),
}
RICH_ELEMENTS: dict[str, Callable[..., Any]] = {
    "text": rich_elements.RichText,
    "channel": rich_elements.RichTextChannel,
    "emoji": rich_elements.RichTextEmoji,
    "link": rich_elements.RichTextLink,
    "user": rich_elements.RichTextUser,
    "usergroup": rich_elements.RichTextUserGroup,
}
IN_RICH_TEXT: dict[str, Read] = {"elements": each(read_rich_element)}
RICH_OBJECTS: dict[str, tuple[Callable[..., Any], dict[str, Read]]] = {
    "rich_text_section": (rich_objects.RichTextSection, IN_RICH_TEXT),
    "rich_text_quote": (rich_objects.RichTextQuote, IN_RICH_TEXT),
    "rich_text_preformatted": (rich_objects.RichTextCodeBlock, IN_RICH_TEXT),
    "rich_text_list": (rich_objects.RichTextList, {"elements": each(read_rich_object)}),
}


def read_points(data: list[Json]) -> list[Any]:
    """Return the points of a series."""
    return [objects.DataPoint(**point) for point in data]


def read_series(data: list[Json]) -> list[Any]:
    """Return the series of a chart."""
    return [objects.DataSeries(**one | {"data": read_points(one["data"])}) for one in data]


IN_CHART: dict[str, Read] = {"series": read_series, "axis_config": lambda data: objects.AxisConfig(**data)}
CHARTS: dict[str, tuple[Callable[..., Any], dict[str, Read]]] = {
    "pie": (objects.PieChart, {"segments": each(lambda data: objects.ChartSegment(**data))}),
    "bar": (objects.BarChart, IN_CHART),
    "line": (objects.LineChart, IN_CHART),
    "area": (objects.AreaChart, IN_CHART),
}
BLOCKS: dict[Any, tuple[Callable[..., Any], dict[str, Read]]] = {
    "actions": (sb.ActionsBlock, {"elements": each(read_element)}),
    "input": (sb.InputBlock, {"label": text, "hint": text, "element": read_element}),
    "rich_text": (sb.RichTextBlock, {"elements": each(read_rich_object)}),
    "table": (sb.TableBlock, {"rows": each(each(read_cell)), "column_settings": each(read_column)}),
    "data_visualization": (sb.DataVisualizationBlock, {"chart": read_chart}),
}
