"""Slack's mrkdwn as HTML. Everything that is not markup stays text: htpy escapes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import htpy as h

from sandbox.texts import HELD, RESERVED, STYLED
from sandbox.web import emojis
from sandbox.web.dates import slack_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.web.scene import Scene

FENCE = re.compile(r"```\n?(.+?)```", re.DOTALL)
QUOTED = re.compile(r"(?:&gt;|>) ?")
# Found first and set aside, so that a `_` inside an address is not taken for italics.
SOLID = re.compile(rf"`([^`\n]+)`|<([^<>\n]+)>|(https?://[^\s<>|\ue000\ue001]+[\w/#=])|:({emojis.SHORT_NAME}):")
SAFE_SCHEMES = {"http", "https", "mailto", "tel"}


def mrkdwn(text: str, scene: Scene) -> h.Node:
    """A mrkdwn text with its links, mentions, emoji, code, quotes and styles."""
    parts = FENCE.split(text.translate(RESERVED))
    return [_fenced(part, scene) if index % 2 else _lines(part, scene) for index, part in enumerate(parts)]


def plain(text_object: dict[str, object]) -> h.Node:
    """A `plain_text` object: nothing is parsed but emoji names."""
    text = str(text_object.get("text", ""))
    return text if text_object.get("emoji") is False else emojis.with_pictures(text)


def text_of(text_object: dict[str, object] | None, scene: Scene) -> h.Node:
    """A text object of either kind."""
    if not text_object:
        return None
    if text_object.get("type") == "mrkdwn":
        return mrkdwn(str(text_object.get("text", "")), scene)
    return plain(text_object)


def unescape(text: str) -> str:
    """The three entities that Slack knows, as characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def link(url: str, label: h.Node, scene: Scene, class_: str = "") -> h.Node:
    """A link that is safe to follow; other addresses stay text. Permalinks stay in the page."""
    local = scene.local_href(url)
    if local:
        return h.a({"href": local, "class": class_ or None})[label]
    if urlsplit_scheme(url) not in SAFE_SCHEMES:
        return h.span({"class": class_ or None})[label]
    return h.a({"href": url, "target": "_blank", "rel": "noopener noreferrer", "class": class_ or None})[label]


def urlsplit_scheme(url: str) -> str:
    """An address's scheme in small letters, empty when it cannot be read."""
    try:
        return urlsplit(url.strip()).scheme.lower()
    except ValueError:
        return ""


def user_mention(user_id: str, scene: Scene) -> h.Element:
    """`@name`, marked when it is the viewer."""
    mine = ".me" if user_id == scene.viewer_id else ""
    return h.span(f".mention{mine}")["@", scene.user_name(user_id)]


def channel_mention(channel_id: str, scene: Scene, name: str = "") -> h.Element:
    """`#name`, a link where the viewer may go."""
    if channel_id not in scene.channels:
        return h.span(".mention")["#", name or channel_id]
    return h.a(".mention", href=scene.href(f"/c/{channel_id}"))["#", scene.channel_name(channel_id)]


def group_mention(group_id: str, scene: Scene, label: str = "") -> h.Element:
    """A user group's `@handle`."""
    return h.span(".mention")["@", (label or scene.groups.get(group_id) or group_id).removeprefix("@")]


def broadcast(name: str) -> h.Element:
    """`@here`, `@channel` or `@everyone`."""
    return h.span(".mention.me")["@", name]


def _fenced(text: str, scene: Scene) -> h.Node:
    return h.pre(".code")[_code(text.removesuffix("\n"), scene)]


def _code(text: str, scene: Scene) -> list[h.Node]:
    """Inside code only `<...>` is read; its other characters stand for themselves."""
    parts = re.split(r"<([^<>\n]+)>", text)
    return [_angled(part, scene) if index % 2 else unescape(part) for index, part in enumerate(parts)]


def _lines(text: str, scene: Scene) -> list[h.Node]:
    """Neighbouring lines that begin with `>` become one quote."""
    shown: list[h.Node] = []
    run: list[str] = []
    lines = text.split("\n")
    for index, line in enumerate(lines):
        run.append(line)
        is_last = index + 1 == len(lines)
        if is_last or bool(QUOTED.match(lines[index + 1])) != bool(QUOTED.match(line)):
            shown.append(_run(run, scene))
            run = []
    return shown


def _run(lines: list[str], scene: Scene) -> h.Node:
    if QUOTED.match(lines[0]):
        return h.blockquote[_broken([QUOTED.sub("", line, count=1) for line in lines], scene)]
    return _broken(lines, scene)


def _broken(lines: list[str], scene: Scene) -> list[h.Node]:
    shown: list[h.Node] = []
    for index, line in enumerate(lines):
        shown += [h.br if index else None, inline(line, scene)]
    return shown


def inline(line: str, scene: Scene) -> h.Node:
    """One line's markup."""
    held: list[h.Node] = []

    def hold(found: re.Match[str]) -> str:
        node = _solid(found, scene)
        if node is None:
            return found[0]
        held.append(node)
        return f"\ue000{len(held) - 1}\ue001"

    return _styled(SOLID.sub(hold, line), held)


def _solid(found: re.Match[str], scene: Scene) -> h.Node:
    code, angled, url, emoji_name = found.groups()
    if code:
        return h.code[_code(code, scene)]
    if angled:
        return _angled(angled, scene)
    if url:
        return link(unescape(url), unescape(url), scene)
    return emojis.picture(emoji_name) if emojis.character(emoji_name) else None


def _styled(text: str, held: list[h.Node]) -> list[h.Node]:
    shown: list[h.Node] = []
    end = 0
    for found in STYLED.finditer(text):
        shown += _released(text[end : found.start()], held)
        tag = (h.strong, h.em, h.s)[(found.lastindex or 1) - 1]
        shown.append(tag[_styled(found[found.lastindex or 1], held)])
        end = found.end()
    return [*shown, *_released(text[end:], held)]


def _released(text: str, held: list[h.Node]) -> list[h.Node]:
    parts = HELD.split(text)
    return [held[int(part)] if index % 2 else unescape(part) for index, part in enumerate(parts)]


def _angled(inner: str, scene: Scene) -> h.Node:
    """What stands between `<` and `>`: a mention, a date or a link with `|label`."""
    target, _, label = inner.partition("|")
    if (special := SPECIAL.get(target[0])) is not None:
        return special(target[1:], unescape(label), scene)
    url = unescape(target)
    return link(url, emojis.with_pictures(unescape(label)) if label else url.removeprefix("mailto:"), scene)


def _command(target: str, label: str, scene: Scene) -> h.Node:
    name, *rest = target.split("^")
    if name == "date" and len(rest) > 1:
        return _date(rest, label, scene)
    if name == "subteam" and rest:
        return group_mention(rest[0], scene, label)
    return broadcast(name) if name in {"here", "channel", "everyone"} else f"<{label or target}>"


def _date(rest: list[str], label: str, scene: Scene) -> h.Node:
    seconds, template, *url = rest
    if not seconds.isdigit():
        return label
    words = h.time(title=label or None)[slack_date(float(seconds), unescape(template), scene)]
    return link(unescape(url[0]), words, scene) if url else words


SPECIAL: dict[str, Callable[[str, str, Scene], h.Node]] = {
    "@": lambda target, _label, scene: user_mention(target, scene),
    "#": lambda target, label, scene: channel_mention(target, scene, label),
    "!": _command,
}
