"""Block Kit's interactive elements as HTML controls.

A control that acts at once carries `data-do="press"`; `static/live.js` sends it with the `data-p-*` values that stand
on it and on everything around it. A control of an input block carries the block's id as its name instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import htpy as h

from sandbox.web.mrkdwn import SAFE_SCHEMES, plain, text_of, urlsplit_scheme
from sandbox.web.richtext import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.web.scene import Scene

Json = dict[str, Any]
Attributes = dict[str, str | bool | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element stands: `key` makes its id unique in the page, `state` is what was filled in before.

    With `is_input` the element belongs to an input block: it is sent with the form, and not when it changes,
    unless the block says so (`dispatches`).
    """

    scene: Scene
    key: str
    block_id: str
    is_input: bool = False
    dispatches: bool = False
    label: str = ""
    described_by: str | None = None
    is_invalid: bool = False
    state: Json | None = None

    def id_of(self, element: Json) -> str:
        """The element's id in the page."""
        return f"{self.key}-{self.block_id}-{element.get('action_id', '')}"

    def attributes(self, element: Json) -> Attributes:
        """What every control carries: its id, how it is sent, and its name for a screen reader."""
        acts = not self.is_input or self.dispatches
        return {
            "id": self.id_of(element),
            "name": self.block_id if self.is_input else None,
            "data-do": "press" if acts else None,
            "data-p-action_id": element.get("action_id") if acts else None,
            "aria-label": None if self.is_input else self.label or _placeholder(element),
            "aria-describedby": self.described_by,
            "aria-invalid": "true" if self.is_invalid else None,
        }

    def filled(self, element: Json) -> Json:
        """What was chosen or typed before, in the form of Slack's view state."""
        filled: Json = ((self.state or {}).get(self.block_id) or {}).get(element.get("action_id", ""), {})
        return filled


def element(item: Json, place: Place) -> h.Node:
    """Any element, a visible error for one that this page does not know."""
    draw = ELEMENTS.get(item.get("type", ""))
    return draw(item, place) if draw else unknown(item.get("type"), "element")


def _placeholder(item: Json) -> str:
    return str((item.get("placeholder") or {}).get("text") or "Choose an option")


def _button(item: Json, place: Place) -> h.Node:
    look = {"primary": ".primary", "danger": ".danger"}.get(item.get("style", ""), "")
    attributes = place.attributes(item) | {
        "aria-label": item.get("accessibility_label"),
        "data-p-value": item.get("value"),
    }
    button = h.button(f".button{look}", {**attributes, **confirmation(item)}, type="button")[
        plain(item.get("text") or {})
    ]
    url = str(item.get("url") or "")
    if not url:
        return button
    # Slack opens the address and tells the app too, which must acknowledge it.
    target = place.scene.local_href(url) or (url if urlsplit_scheme(url) in SAFE_SCHEMES else None)
    return h.a(f".button{look}", attributes, href=target, target="_blank", rel="noopener noreferrer")[
        plain(item.get("text") or {})
    ]


def confirmation(item: Json) -> Attributes:
    """The words of a confirm dialog, for the script that asks before it sends."""
    confirm = item.get("confirm")
    if not confirm:
        return {}
    words = {name: str((confirm.get(name) or {}).get("text", "")) for name in ("title", "text", "confirm", "deny")}
    return {f"data-confirm-{name}": text or None for name, text in words.items()} | {
        "data-confirm-style": confirm.get("style")
    }


def _overflow(item: Json, place: Place) -> h.Node:
    """Three dots; the script shows the `<template>` beside them as a menu."""
    choices = [_overflow_option(option, item, place) for option in item.get("options", [])]
    return h.span(".overflow")[
        h.button(
            ".icon-button", id=place.id_of(item), type="button", data_menu="beside", aria_label="More actions",
            aria_haspopup="menu",
        )["⋯"],
        h.template[h.div(".menu", role="menu")[choices]],
    ]  # fmt: skip


def _overflow_option(option: Json, item: Json, place: Place) -> h.Element:
    attributes: Attributes = {
        "data-do": "press",
        "data-p-action_id": item.get("action_id"),
        "data-p-block_id": place.block_id,
        "data-p-value": option.get("value"),
    }
    return h.button(attributes, confirmation(item), type="button", role="menuitem")[
        text_of(option.get("text"), place.scene)
    ]


def _select(item: Json, place: Place) -> h.Node:
    chosen = _chosen(item, place)
    placeholder = h.option(
        value="", disabled=not item.get("focus_optional"), selected=not chosen, hidden=place.is_input and None
    )[_placeholder(item)]
    return h.span(".select")[
        h.select({**place.attributes(item), **confirmation(item)}, autofocus=bool(item.get("focus_on_load")))[
            placeholder, _options(item, place, chosen)
        ]
    ]


def _options(item: Json, place: Place, chosen: list[str]) -> h.Node:
    if item.get("option_groups"):
        return [
            h.optgroup(label=str((group.get("label") or {}).get("text", "")))[
                [_option(value, text, chosen) for value, text in _static(group)]
            ]
            for group in item["option_groups"]
        ]
    return [_option(value, text, chosen) for value, text in _choices(item, place)]


def _option(value: str, text: str, chosen: list[str]) -> h.Element:
    return h.option(value=value, selected=value in chosen)[text]


def _static(holder: Json) -> list[tuple[str, str]]:
    return [(str(o.get("value", "")), str((o.get("text") or {}).get("text", ""))) for o in holder.get("options") or []]


def _choices(item: Json, place: Place) -> list[tuple[str, str]]:
    """The values and texts that a select offers: its own options, people, or channels."""
    scene, kind = place.scene, str(item.get("type"))
    people = [(user.id, f"{user.real_name} · {user.title}") for user in scene.users.values() if not user.deleted]
    channels = [(channel.id, f"#{channel.name}") for channel in scene.channels.values() if not channel.is_im]
    if "users" in kind:
        return people
    if "channels" in kind:
        return channels
    return [*channels, *people] if "conversations" in kind else _static(item)


def _chosen(item: Json, place: Place) -> list[str]:
    """The values chosen before, else the ones that the app set as initial."""
    filled = place.filled(item)
    if filled:
        found = [filled[key] for key in filled if key.startswith("selected_")]
    else:
        found = [item[key] for key in item if key.startswith("initial_")]
    flat = [one for value in found for one in (value if isinstance(value, list) else [value])]
    return [str(one.get("value", "")) if isinstance(one, dict) else str(one) for one in flat if one]


def _multi_select(item: Json, place: Place) -> h.Node:
    """A list of boxes that opens; the native multiple select asks for a modifier key."""
    chosen = _chosen(item, place)
    values = _choices(item, place) or [pair for group in item.get("option_groups") or [] for pair in _static(group)]
    count = f"{len(chosen)} chosen" if chosen else _placeholder(item)
    return h.details(".multi")[h.summary(id=place.id_of(item))[count], _boxes(item, place, values, chosen, "checkbox")]


def _box_group(item: Json, place: Place) -> h.Node:
    kind = "radio" if item.get("type") == "radio_buttons" else "checkbox"
    chosen = _chosen(item, place)
    options = [
        (str(option.get("value", "")), [text_of(option.get("text"), place.scene), _description(option, place.scene)])
        for option in item.get("options", [])
    ]
    return _boxes(item, place, options, chosen, kind)


def _description(option: Json, scene: Scene) -> h.Node:
    return h.span(".hint")[text_of(option["description"], scene)] if option.get("description") else None


def _boxes(item: Json, place: Place, options: Iterable[tuple[str, h.Node]], chosen: list[str], kind: str) -> h.Element:
    attributes = place.attributes(item)
    group = {key: attributes[key] for key in ("data-do", "data-p-action_id", "aria-describedby")}
    label = place.label or "Options"
    return h.fieldset(".boxes", group, id=f"{place.id_of(item)}-group", data_kind=kind, aria_label=label)[
        [
            h.label[
                h.input(
                    type=kind, id=f"{place.id_of(item)}-{index}", value=value, checked=value in chosen,
                    name=place.block_id if place.is_input else place.id_of(item),
                ),
                h.span[text],
            ]
            for index, (value, text) in enumerate(options)
        ]
    ]  # fmt: skip


def _text_input(item: Json, place: Place) -> h.Node:
    value = str(place.filled(item).get("value") or item.get("initial_value") or "")
    limit = item.get("max_length")
    attributes: Attributes = place.attributes(item) | {
        "placeholder": (item.get("placeholder") or {}).get("text"),
        "data-max": str(limit) if limit else None,
        "autocomplete": "off",
        "autofocus": bool(item.get("focus_on_load")),
    }
    if place.dispatches:
        attributes["data-on"] = " ".join(
            (item.get("dispatch_action_config") or {}).get("trigger_actions_on") or ["on_enter_pressed"]
        )
    counter = (
        h.output(".counter", id=f"{place.id_of(item)}-count", for_=place.id_of(item))[f"{len(value)}/{limit}"]
        if limit
        else None
    )
    if item.get("multiline"):
        return h.div(".text-input")[h.textarea(attributes, rows="5")[value], counter]
    return h.div(".text-input")[h.input(attributes, type=INPUT_TYPES[item["type"]], value=value), counter]


def _picker(item: Json, place: Place) -> h.Node:
    value = next(iter(_chosen(item, place)), "")
    kind = {"datepicker": "date", "timepicker": "time"}[item["type"]]
    return h.input(".picker", {**place.attributes(item), **confirmation(item)}, type=kind, value=value)


def image(item: Json, _place: Place) -> h.Node:
    """A small picture's stand-in: the page fetches nothing from outside."""
    return h.span(".picture.small", role="img", aria_label=str(item.get("alt_text", "")))["🖼"]


INPUT_TYPES = {
    "plain_text_input": "text",
    "email_text_input": "email",
    "url_text_input": "url",
    "number_input": "text",
}
ELEMENTS: dict[str, Callable[[Json, Place], h.Node]] = {
    "button": _button,
    "overflow": _overflow,
    "image": image,
    "radio_buttons": _box_group,
    "checkboxes": _box_group,
    "datepicker": _picker,
    "timepicker": _picker,
    **dict.fromkeys(INPUT_TYPES, _text_input),
    **dict.fromkeys(("static_select", "users_select", "conversations_select", "channels_select"), _select),
    **dict.fromkeys(
        ("multi_static_select", "multi_users_select", "multi_conversations_select", "multi_channels_select"),
        _multi_select,
    ),
}
