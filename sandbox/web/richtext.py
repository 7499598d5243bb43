"""Slack's `rich_text` blocks as HTML: nothing inside their texts is parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import htpy as h

from sandbox.web import emojis
from sandbox.web.dates import slack_date
from sandbox.web.mrkdwn import broadcast, channel_mention, group_mention, link, user_mention

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.web.scene import Scene

Json = dict[str, Any]
STYLES = (("code", h.code), ("bold", h.strong), ("italic", h.em), ("strike", h.s), ("underline", h.u))


def rich_text(block: Json, scene: Scene) -> h.Element:
    """A whole `rich_text` block."""
    return h.div(".rich-text")[[_part(part, scene) for part in block.get("elements", [])]]


def unknown(kind: object, what: str) -> h.Element:
    """A visible error in the place of something that cannot be drawn."""
    return h.span(".unknown", role="note")[f"This page cannot draw the {what} “{kind}”."]


def _part(part: Json, scene: Scene) -> h.Node:
    draw = PARTS.get(part.get("type", ""))
    return draw(part, scene) if draw else unknown(part.get("type"), "rich text part")


def _inline(part: Json, scene: Scene) -> list[h.Node]:
    return [_element(element, scene) for element in part.get("elements", [])]


def _element(element: Json, scene: Scene) -> h.Node:
    draw = ELEMENTS.get(element.get("type", ""))
    if draw is None:
        return unknown(element.get("type"), "rich text element")
    return _with_style(draw(element, scene), element.get("style") or {})


def _with_style(node: h.Node, style: Json) -> h.Node:
    for name, tag in STYLES:
        if style.get(name):
            node = tag[node]
    return h.mark[node] if style.get("highlight") or style.get("client_highlight") else node


def _section(part: Json, scene: Scene) -> h.Node:
    return h.div(".rt-section")[_inline(part, scene)]


def _list(part: Json, scene: Scene) -> h.Node:
    """Slack sends nested lists flat, each with its indent; `offset` continues a numbering."""
    indent = f".indent-{min(int(part.get('indent') or 0), 8)}"
    border = ".bordered" if part.get("border") else ""
    items = [h.li[_inline(item, scene)] for item in part.get("elements", [])]
    if part.get("style") == "ordered":
        return h.ol(f".rt-list{indent}{border}", start=str(int(part.get("offset") or 0) + 1))[items]
    return h.ul(f".rt-list{indent}{border}")[items]


def _emoji(element: Json, _scene: Scene) -> h.Node:
    tone = element.get("skin_tone")
    return emojis.picture(f"{element.get('name', '')}{f'::skin-tone-{tone}' if tone else ''}")


def _link(element: Json, scene: Scene) -> h.Node:
    return link(str(element.get("url", "")), element.get("text") or element.get("url"), scene)


def _date(element: Json, scene: Scene) -> h.Node:
    words = slack_date(float(element.get("timestamp", 0)), str(element.get("format", "{date}")), scene)
    shown = h.time(title=element.get("fallback"))[words]
    return link(str(element["url"]), shown, scene) if element.get("url") else shown


def _color(element: Json, _scene: Scene) -> h.Node:
    value = str(element.get("value", ""))
    fill = h.svg(".swatch", viewBox="0 0 10 10", aria_hidden="true")[h.rect(width="10", height="10", fill=value)]
    return h.span[value, fill]


PARTS: dict[str, Callable[[Json, Scene], h.Node]] = {
    "rich_text_section": _section,
    "rich_text_list": _list,
    "rich_text_quote": lambda part, scene: h.blockquote[_inline(part, scene)],
    "rich_text_preformatted": lambda part, scene: h.pre(".code")[_inline(part, scene)],
}
ELEMENTS: dict[str, Callable[[Json, Scene], h.Node]] = {
    "text": lambda element, _: str(element.get("text", "")),
    "user": lambda element, scene: user_mention(str(element.get("user_id", "")), scene),
    "usergroup": lambda element, scene: group_mention(str(element.get("usergroup_id", "")), scene),
    "channel": lambda element, scene: channel_mention(str(element.get("channel_id", "")), scene),
    "broadcast": lambda element, _: broadcast(str(element.get("range", ""))),
    "emoji": _emoji,
    "link": _link,
    "date": _date,
    "color": _color,
}
