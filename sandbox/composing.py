"""What Slack's own composer makes of a typed text: rich text with styles, emoji, links and names.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

import re

from sandbox.emojinames import SAME, standard_names, takes_tone
from sandbox.models import Json
from sandbox.texts import ADDRESS, HELD, NAME, RESERVED, STYLED, link_of_name
from sandbox.workspace import Workspace

FENCE = re.compile(r"```\n?(.+?)\n?```", re.DOTALL)
# Found first and set aside, so that a `_` inside an address is not taken for italics.
SOLID = re.compile(
    rf"`(?P<code>[^`\n]+)`|(?P<url>{ADDRESS.pattern})|:(?P<emoji>[a-z0-9_+'-]+)(?:::skin-tone-(?P<tone>[2-6]))?:"
    rf"|{NAME.pattern}"
)
STYLES = ("bold", "italic", "strike")


def typed_blocks(workspace: Workspace, text: str, block_id: str) -> list[Json]:
    """Return the rich_text block of a typed text."""
    parts = FENCE.split(text.translate(RESERVED))
    shown = [_fenced(part) if index % 2 else _section(workspace, part) for index, part in enumerate(parts)]
    elements = [part for part in shown if part["elements"]] or [_section(workspace, "")]
    return [{"type": "rich_text", "block_id": block_id, "elements": elements}]


def _fenced(text: str) -> Json:
    return {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}], "border": 0}


def _section(workspace: Workspace, text: str) -> Json:
    held: list[Json] = []

    def hold(found: re.Match[str]) -> str:
        element = _solid(workspace, found)
        if element is None:
            return found.group()
        held.append(element)
        return f"\ue000{len(held) - 1}\ue001"

    return {"type": "rich_text_section", "elements": _styled(SOLID.sub(hold, text), held, {})}


def _styled(text: str, held: list[Json], style: Json) -> list[Json]:
    elements: list[Json] = []
    end = 0
    for found in STYLED.finditer(text):
        elements += _released(text[end : found.start()], held, style)
        number = found.lastindex or 1
        elements += _styled(found[number], held, style | {STYLES[number - 1]: True})
        end = found.end()
    return [*elements, *_released(text[end:], held, style)]


def _released(text: str, held: list[Json], style: Json) -> list[Json]:
    parts = HELD.split(text)
    elements = [held[int(part)] if index % 2 else {"type": "text", "text": part} for index, part in enumerate(parts)]
    return [_with_style(element, style) for element in elements if element.get("text") != ""]


def _with_style(element: Json, style: Json) -> Json:
    both = element.get("style", {}) | style
    return element | ({"style": both} if both else {})


def _solid(workspace: Workspace, found: re.Match[str]) -> Json | None:
    """Return the element for code, an address, an emoji or a name; None when it is just text."""
    if found["code"]:
        return {"type": "text", "text": found["code"], "style": {"code": True}}
    if found["url"]:
        return {"type": "link", "url": found["url"]}
    if found["emoji"]:
        return _emoji(workspace, found["emoji"], found["tone"])
    return _name(workspace, found)


def _emoji(workspace: Workspace, name: str, tone: str | None) -> Json | None:
    name = SAME.get(name, name)
    if name in workspace.custom_emoji and not tone:
        return {"type": "emoji", "name": name}
    if name not in standard_names() or (tone and not takes_tone(name)):
        return None
    code = "-".join(f"{ord(character):x}" for character in standard_names()[name])
    return {"type": "emoji", "name": name, "unicode": code} | ({"skin_tone": int(tone)} if tone else {})


def _name(workspace: Workspace, found: re.Match[str]) -> Json | None:
    control = link_of_name(workspace, found, "#@")
    if control == found.group():
        return None
    target = control.strip("<>").partition("|")[0]
    kinds = {"@": ("user", "user_id"), "#": ("channel", "channel_id"), "!": ("broadcast", "range")}
    kind, key = kinds[target[0]]
    return {"type": kind, key: target[1:]}
