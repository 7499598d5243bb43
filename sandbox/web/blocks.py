"""Block Kit's blocks as HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import htpy as h

from sandbox.web.charts import data_visualization
from sandbox.web.elements import Place, element
from sandbox.web.markdown import markdown
from sandbox.web.mrkdwn import plain, text_of
from sandbox.web.richtext import rich_text, unknown
from sandbox.web.tables import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.models import View
    from sandbox.web.scene import Scene

Json = dict[str, Any]
GROUPS = {"checkboxes", "radio_buttons"}


@dataclass(frozen=True, slots=True)
class Surface:
    """A message, modal or App Home around its blocks; `key` begins the ids of its controls."""

    scene: Scene
    key: str
    view: View | None = None

    def place(self, block: Json, label: str = "") -> Place:
        """Where the elements of a block stand."""
        state = self.view.state if self.view else None
        return Place(self.scene, self.key, str(block.get("block_id", "")), label=label, state=state)


def render_blocks(items: list[Json], surface: Surface) -> h.Node:
    """All blocks in order; one that this page does not know becomes a visible error."""
    return [_block(item, surface) for item in items]


def _block(item: Json, surface: Surface) -> h.Node:
    draw = BLOCKS.get(item.get("type", ""))
    shown = draw(item, surface) if draw else unknown(item.get("type"), "block")
    kind = str(item.get("type", "")).replace("_", "-")
    return h.div({"class": f"block {kind}", "data-p-block_id": item.get("block_id")})[shown]


def _section(item: Json, surface: Surface) -> h.Node:
    text = text_of(item.get("text"), surface.scene)
    fields = [h.div(".field")[text_of(field, surface.scene)] for field in item.get("fields") or []]
    label = str((item.get("text") or {}).get("text", ""))[:80]
    accessory = item.get("accessory")
    return h.div(".section-row")[
        h.div(".section-text")[
            h.div(".text")[text] if item.get("text") else None, h.div(".fields")[fields] if fields else None
        ],
        h.div(".accessory")[element(accessory, surface.place(item, label))] if accessory else None,
    ]


def _header(item: Json, _surface: Surface) -> h.Node:
    return h.h2(".header-text")[plain(item.get("text") or {})]


def _context(item: Json, surface: Surface) -> h.Node:
    return h.div(".context-row")[
        [
            element(part, surface.place(item)) if part.get("type") == "image" else h.span[text_of(part, surface.scene)]
            for part in item.get("elements", [])
        ]
    ]


def _actions(item: Json, surface: Surface) -> h.Node:
    return h.div(".actions-row")[[element(part, surface.place(item)) for part in item.get("elements", [])]]


def _image(item: Json, surface: Surface) -> h.Node:
    """The page fetches nothing from outside, so an image is shown by its words and its host."""
    source = str(item.get("image_url") or (item.get("slack_file") or {}).get("url") or "a Slack file")
    title = text_of(item.get("title"), surface.scene)
    return h.figure[
        h.figcaption[title] if title else None,
        h.div(".picture", role="img", aria_label=str(item.get("alt_text", "")))[
            h.strong[str(item.get("alt_text", ""))], h.span["image from ", urlsplit(source).hostname or source]
        ],
    ]


def _input(item: Json, surface: Surface) -> h.Node:
    """A labelled field with its hint, and what the app found wrong with it."""
    inner = item.get("element") or {}
    block_id = str(item.get("block_id", ""))
    error = (surface.view.errors if surface.view else {}).get(block_id)
    key = f"{surface.key}-{block_id}"
    notes = [f"{key}-error"] * bool(error) + [f"{key}-hint"] * bool(item.get("hint"))
    label = str((item.get("label") or {}).get("text", ""))
    place = replace(
        surface.place(item, label), is_input=True, dispatches=bool(item.get("dispatch_action")),
        described_by=" ".join(notes) or None, is_invalid=bool(error),
    )  # fmt: skip
    return h.div({"class": "field-block invalid" if error else "field-block"})[
        _label(item, inner, place),
        element(inner, place),
        h.p(".field-error", id=f"{key}-error")[error] if error else None,
        h.p(".hint", id=f"{key}-hint")[plain(item["hint"])] if item.get("hint") else None,
    ]


def _label(item: Json, inner: Json, place: Place) -> h.Node:
    words = [plain(item.get("label") or {}), h.span(".optional")[" (optional)"] if item.get("optional") else None]
    if inner.get("type") in GROUPS:
        return h.div(".label")[words]
    return h.label(".label", for_=place.id_of(inner))[words]


BLOCKS: dict[str, Callable[[Json, Surface], h.Node]] = {
    "section": _section,
    "header": _header,
    "divider": lambda _item, _surface: h.hr,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
    "rich_text": lambda item, surface: rich_text(item, surface.scene),
    "markdown": lambda item, _surface: markdown(str(item.get("text", ""))),
    "table": lambda item, surface: table(item, surface.scene),
    "data_table": lambda item, surface: table(item, surface.scene),
    "data_visualization": lambda item, _surface: data_visualization(item),
}
