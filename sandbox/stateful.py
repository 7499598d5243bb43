"""Elements inside blocks: finding them, their state, and what a person may enter.

https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

import copy
from collections.abc import Iterator
from typing import Any

from sandbox.elementcheck import options_of
from sandbox.errors import ActError
from sandbox.models import Json
from sandbox.workspace import Workspace

STATELESS = {"button", "overflow", "workflow_button", "image"}
# Where the state of an element keeps its value, and which field of the element holds the first one.
VALUE_KEYS = {
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "rich_text_input": ("rich_text_value", "initial_value"),
}
DEFAULT_KEYS = ("value", "initial_value")


def with_block_ids(workspace: Workspace, blocks: list[Json]) -> list[Json]:
    """Return the blocks as Slack keeps them: each with a block_id, each element with an action_id."""
    kept = copy.deepcopy(blocks)
    for block in kept:
        block.setdefault("block_id", workspace.new_id("", 5))
    for _, element in elements_in(kept):
        if element.get("type") != "image":
            element.setdefault("action_id", workspace.new_id("", 5))
    return kept


def elements_in(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each element that a person can use, with its block."""
    for block in blocks:
        kind = block.get("type")
        if kind == "input":
            yield block, block["element"]
        elif kind == "section" and "accessory" in block:
            yield block, block["accessory"]
        elif kind in {"actions", "context_actions"}:
            for element in block["elements"]:
                yield block, element


def initial_state(blocks: list[Json], earlier: dict[str, Json] | None = None) -> dict[str, Json]:
    """Return the state of the elements as first shown; what was entered in `earlier` under the same ids stays."""
    state: dict[str, Json] = {}
    for block, element in elements_in(blocks):
        if element["type"] in STATELESS:
            continue
        kept = (earlier or {}).get(block["block_id"], {}).get(element["action_id"])
        state.setdefault(block["block_id"], {})[element["action_id"]] = kept or _first_value(element)
    return state


def _first_value(element: Json) -> Json:
    key, initial = VALUE_KEYS.get(element["type"], DEFAULT_KEYS)
    empty: Any = [] if key.endswith("s") else None
    return {"type": element["type"], key: element.get(initial, empty)}


def entered_value(element: Json, given: Any) -> Json:
    """Return the element's state after a person entered `given`: a text, an option's value, an id, or a list of them.

    Raises ActError for an option that the element does not offer.
    """
    key, _ = VALUE_KEYS.get(element["type"], DEFAULT_KEYS)
    _refuse_nonsense(element, given)
    value = given
    if key == "selected_option":
        value = _option(element, given) if given not in (None, "") else None
    elif key == "selected_options":
        value = [_option(element, item) for item in _as_list(given)]
    elif key.endswith("s"):
        value = _as_list(given)
    elif given == "":
        value = None  # Slack sends null for a field that is left empty.
    elif key == "value" and given is not None:
        value = str(given)
    return {"type": element["type"], key: value}


def _refuse_nonsense(element: Json, given: Any) -> None:
    # A rich text is an object; what is entered anywhere else is one word, or several.
    if element["type"] != "rich_text_input" and any(isinstance(item, list | dict) for item in _as_list(given)):
        raise ActError(f"{element.get('action_id')} takes a text or a list of texts.")


def _as_list(given: Any) -> list[Any]:
    if given is None:
        return []
    return list(given) if isinstance(given, list) else [given]


def _option(element: Json, value: Any) -> Json:
    for option in options_of(element):
        if option["value"] == value:
            return option
    raise ActError(f"{element.get('action_id')} does not offer {value!r}.")


def value_in(state: Json) -> Any:
    """Return the value in an element's state, whatever key it has there."""
    key, _ = VALUE_KEYS.get(state["type"], DEFAULT_KEYS)
    return state.get(key)
