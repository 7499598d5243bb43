"""Checks of interactive elements and the objects inside them.

https://docs.slack.dev/reference/block-kit/block-elements
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from sandbox.checks import Checks

SELECT_SOURCES = ("static", "external", "users", "conversations", "channels")
SELECTS = {f"{source}_select" for source in SELECT_SOURCES}
MULTI_SELECTS = {f"multi_{name}" for name in SELECTS}
PICKERS = {"datepicker", "timepicker", "datetimepicker"}
INITIAL_LISTS = {"initial_users", "initial_channels", "initial_conversations"}
DISPATCH_MOMENTS = {"on_enter_pressed", "on_character_entered"}
CONVERSATIONS = {"im", "mpim", "private", "public"}
CHOICES = {"checkboxes", "radio_buttons"}
TEXT_INPUTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
ALLOWED = {
    "actions": SELECTS | MULTI_SELECTS | PICKERS | CHOICES | {"button", "overflow", "workflow_button"},
    "accessory": SELECTS | MULTI_SELECTS | PICKERS | CHOICES | {"button", "overflow", "workflow_button", "image"},
    "input": SELECTS | MULTI_SELECTS | PICKERS | CHOICES | TEXT_INPUTS | {"file_input"},
}
OPTIONS_MOST = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}
COMMON = {"type", "action_id", "confirm", "focus_on_load"}
KEYS = {
    "button": {"text", "value", "url", "style", "accessibility_label"},
    "plain_text_input": {
        "placeholder", "initial_value", "multiline", "min_length", "max_length", "dispatch_action_config",
    },
    "static_select": {"placeholder", "options", "option_groups", "initial_option"},
    "multi_static_select": {"placeholder", "options", "option_groups", "initial_options", "max_selected_items"},
    "overflow": {"options"},
    "checkboxes": {"options", "initial_options"},
    "radio_buttons": {"options", "initial_option"},
    "users_select": {"placeholder", "initial_user"},
    "multi_users_select": {"placeholder", "initial_users", "max_selected_items"},
    "channels_select": {"placeholder", "initial_channel", "response_url_enabled"},
    "multi_channels_select": {"placeholder", "initial_channels", "max_selected_items"},
    "conversations_select": {
        "placeholder", "initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter",
    },
    "multi_conversations_select": {
        "placeholder", "initial_conversations", "default_to_current_conversation", "max_selected_items", "filter",
    },
    "datepicker": {"placeholder", "initial_date"},
    "timepicker": {"placeholder", "initial_time", "timezone"},
    "external_select": {"placeholder", "initial_option", "min_query_length"},
    "multi_external_select": {"placeholder", "initial_options", "min_query_length", "max_selected_items"},
    "datetimepicker": {"initial_date_time"},
    "email_text_input": {"placeholder", "initial_value", "dispatch_action_config"},
    "url_text_input": {"placeholder", "initial_value", "dispatch_action_config"},
    "number_input": {
        "placeholder", "initial_value", "dispatch_action_config", "is_decimal_allowed", "min_value", "max_value",
    },
    "rich_text_input": {"placeholder", "initial_value", "dispatch_action_config"},
    "file_input": {"filetypes", "max_files"},
    "image": {"image_url", "alt_text", "slack_file"},
}  # fmt: skip
FLAGS = ("focus_on_load", "multiline", "default_to_current_conversation", "response_url_enabled", "is_decimal_allowed")
TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def check_element(checks: Checks, pointer: str, element: Any, place: str) -> None:
    """Check one element in an `actions` block, as an `accessory` or in an `input` block."""
    kind = element.get("type") if isinstance(element, dict) else None
    if not isinstance(kind, str) or kind not in ALLOWED[place]:
        checks.add(f"{pointer}/type", f"unsupported type: {kind}")
        return
    if kind in KEYS:
        checks.keys(pointer, element, KEYS[kind] | COMMON)
    checks.booleans(pointer, element, FLAGS)
    checks.size(f"{pointer}/action_id", element.get("action_id"), 255)
    checks.text(f"{pointer}/placeholder", element.get("placeholder"), 150, plain=True)
    _check_confirm(checks, f"{pointer}/confirm", element.get("confirm"))
    _check_chosen(checks, pointer, element)
    if kind == "button":
        _check_button(checks, pointer, element)
    elif kind == "plain_text_input":
        _check_text_input(checks, pointer, element)
    elif kind == "image":
        check_image(checks, pointer, element)
    elif kind in {*OPTIONS_MOST, "static_select", "multi_static_select"}:
        _check_options(checks, pointer, element)


def check_image(checks: Checks, pointer: str, image: dict[str, Any]) -> None:
    """Check what image blocks and image elements share."""
    checks.size(f"{pointer}/alt_text", image.get("alt_text"), 2000, required=True)
    if "slack_file" not in image:
        checks.address(f"{pointer}/image_url", image.get("image_url"), 3000, required=True)
    elif image.get("image_url"):
        checks.add(pointer, "must have either image_url or slack_file")


def _check_chosen(checks: Checks, pointer: str, element: dict[str, Any]) -> None:
    """Check what may be chosen, and what is at first."""
    checks.number(f"{pointer}/max_selected_items", element.get("max_selected_items"), 1)
    for name in INITIAL_LISTS & element.keys():
        for index, item in enumerate(checks.items(f"{pointer}/{name}", element[name], 0, 1000)):
            checks.size(f"{pointer}/{name}/{index}", item, 255, required=True)
    for name, (is_right, words) in MOMENTS.items():
        if element.get(name) is not None and not is_right(element[name]):
            checks.add(f"{pointer}/{name}", f"must be {words}")
    if element.get("filter") is not None:
        _check_filter(checks, f"{pointer}/filter", element["filter"])


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and TIME.fullmatch(value) is not None


def _is_moment(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and len(str(value)) == len("1764000000") and value > 0


MOMENTS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "initial_date": (_is_date, "a date like 2026-11-23"),
    "initial_time": (_is_time, "a time like 09:30"),
    "initial_date_time": (_is_moment, "ten digits of seconds since 1970"),
}


def _check_filter(checks: Checks, pointer: str, wanted: Any) -> None:
    if not isinstance(wanted, dict):
        checks.add(pointer, "must provide an object")
        return
    checks.keys(pointer, wanted, {"include", "exclude_bot_users", "exclude_external_shared_channels"})
    checks.booleans(pointer, wanted, {"exclude_bot_users", "exclude_external_shared_channels"})
    if not wanted:
        checks.add(pointer, "must have at least one field")
    if "include" in wanted:
        for index, kind in enumerate(checks.items(f"{pointer}/include", wanted["include"], 1, 4)):
            checks.one_of(f"{pointer}/include/{index}", kind, CONVERSATIONS)


def _check_button(checks: Checks, pointer: str, button: dict[str, Any]) -> None:
    checks.text(f"{pointer}/text", button.get("text"), 75, plain=True, required=True)
    checks.size(f"{pointer}/value", button.get("value"), 2000)
    checks.address(f"{pointer}/url", button.get("url"), 3000)
    checks.size(f"{pointer}/accessibility_label", button.get("accessibility_label"), 75)
    if "style" in button:
        checks.one_of(f"{pointer}/style", button["style"], {"primary", "danger"})


def _check_text_input(checks: Checks, pointer: str, element: dict[str, Any]) -> None:
    most = element.get("max_length", 3000)
    if not isinstance(most, int) or not 1 <= most <= 3000:  # noqa: PLR2004 - Slack's figure
        checks.add(f"{pointer}/max_length", "must be between 1 and 3000")
        most = 3000
    least = element.get("min_length", 0)
    if not isinstance(least, int) or not 0 <= least <= most:
        checks.add(f"{pointer}/min_length", "must be between 0 and max_length")
    checks.size(f"{pointer}/initial_value", element.get("initial_value"), most, least=0)
    config = element.get("dispatch_action_config")
    if isinstance(config, dict):
        where = f"{pointer}/dispatch_action_config"
        checks.keys(where, config, {"trigger_actions_on"})
        for index, moment in enumerate(
            checks.items(f"{where}/trigger_actions_on", config.get("trigger_actions_on"), 1, 2)
        ):
            checks.one_of(f"{where}/trigger_actions_on/{index}", moment, DISPATCH_MOMENTS)
    elif config is not None:
        checks.add(f"{pointer}/dispatch_action_config", "must provide an object")


def _check_confirm(checks: Checks, pointer: str, confirm: Any) -> None:
    if confirm is None:
        return
    if not isinstance(confirm, dict):
        checks.add(pointer, "must provide an object")
        return
    checks.keys(pointer, confirm, {"title", "text", "confirm", "deny", "style"})
    for name, most, plain in (("title", 100, True), ("text", 300, False), ("confirm", 30, True), ("deny", 30, True)):
        checks.text(f"{pointer}/{name}", confirm.get(name), most, plain=plain, required=True)
    if "style" in confirm:
        checks.one_of(f"{pointer}/style", confirm["style"], {"primary", "danger"})


def _check_options(checks: Checks, pointer: str, element: dict[str, Any]) -> None:
    kind = element["type"]
    found = len(checks.problems)
    if element.get("options") and element.get("option_groups"):
        checks.add(pointer, "must have either options or option_groups")
    if "option_groups" in element:
        groups = checks.items(f"{pointer}/option_groups", element["option_groups"], 1, 100)
        for index, group in enumerate(groups):
            where = f"{pointer}/option_groups/{index}"
            if not isinstance(group, dict):
                checks.add(where, "must provide an object")
                continue
            checks.keys(where, group, {"label", "options"})
            checks.text(f"{where}/label", group.get("label"), 75, plain=True, required=True)
            _check_option_list(checks, f"{where}/options", group.get("options"), kind)
    else:
        _check_option_list(checks, f"{pointer}/options", element.get("options"), kind)
    several = element.get("initial_options")
    if several is not None:
        checks.items(f"{pointer}/initial_options", several, 1, 100)
    if len(checks.problems) > found:
        return
    known = list(options_of(element))
    if any(initial not in known for initial in _initial_options(element)):
        checks.add(pointer, "initial option is not one of the options")


def _check_option_list(checks: Checks, pointer: str, options: Any, kind: str) -> None:
    allowed = {"text", "value", "description", "url"} if kind == "overflow" else {"text", "value", "description"}
    seen: set[str] = set()
    for index, option in enumerate(checks.items(pointer, options, 1, OPTIONS_MOST.get(kind, 100))):
        where = f"{pointer}/{index}"
        if not isinstance(option, dict):
            checks.add(where, "must provide an object")
            continue
        checks.keys(where, option, allowed)
        checks.text(f"{where}/text", option.get("text"), 75, plain=kind not in CHOICES, required=True)
        checks.text(f"{where}/description", option.get("description"), 75, plain=kind not in CHOICES)
        checks.size(f"{where}/value", option.get("value"), 150, required=True)
        checks.address(f"{where}/url", option.get("url"), 3000)
        value = str(option.get("value"))
        if value in seen:
            checks.add(f"{where}/value", f"value already exists: {value}")
        seen.add(value)


def options_of(element: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an element's options, those in groups too."""
    lists = [element.get("options"), *(g.get("options") for g in element.get("option_groups") or ())]
    for options in lists:
        yield from (option for option in options or () if isinstance(option, dict))


def _initial_options(element: dict[str, Any]) -> list[Any]:
    single = element.get("initial_option")
    return [*(element.get("initial_options") or ()), *([single] if single is not None else ())]
