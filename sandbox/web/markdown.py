"""The `markdown` block: a safe small part of Markdown as HTML. Raw HTML stays text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import htpy as h

from sandbox.web import emojis
from sandbox.web.mrkdwn import SAFE_SCHEMES, urlsplit_scheme

if TYPE_CHECKING:
    from collections.abc import Callable

FENCE = re.compile(r"^```[^\n]*\n(.*?)^```[ ]*$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<url>[^()\s]+)\)"
    r"|\*\*(?P<bold>[^*\n]+)\*\*|__(?P<strong>[^_\n]+)__"
    r"|(?<![\w*])\*(?P<italic>[^*\n]+)\*(?![\w*])|(?<!\w)_(?P<em>[^_\n]+)_(?!\w)"
    r"|~~(?P<strike>[^~\n]+)~~"
    rf"|:(?P<emoji>{emojis.SHORT_NAME}):"
)
TAGS = {"bold": h.strong, "strong": h.strong, "italic": h.em, "em": h.em, "strike": h.s}
HEADING = re.compile(r"(#{1,6})\s+(.*)")
RULE = re.compile(r"(?:-{3,}|\*{3,}|_{3,})\s*$")
BULLET = re.compile(r"\s*[-*+]\s+(.*)")
NUMBERED = re.compile(r"\s*\d+[.)]\s+(.*)")
QUOTED = re.compile(r">\s?(.*)")


def markdown(text: str) -> h.Element:
    """Headings, lists, quotes, rules, code, links and styles of a Markdown text."""
    parts = FENCE.split(text)
    return h.div(".markdown-text")[
        [h.pre(".code")[part.removesuffix("\n")] if index % 2 else _lines(part) for index, part in enumerate(parts)]
    ]


def _lines(text: str) -> list[h.Node]:
    """Neighbouring lines of one kind make one list, quote or paragraph."""
    shown: list[h.Node] = []
    run: list[str] = []
    kind = ""
    for line in text.split("\n"):
        line_kind, content = _kind(line)
        if run and (line_kind != kind or kind.startswith("h")):
            shown.append(RUNS[kind](run))
            run = []
        kind = line_kind
        run.append(content)
    return [*shown, RUNS[kind](run)]


def _kind(line: str) -> tuple[str, str]:
    if heading := HEADING.match(line):
        return f"h{len(heading[1])}", heading[2]
    if RULE.match(line):
        return "hr", ""
    for name, pattern in (("ul", BULLET), ("ol", NUMBERED), ("quote", QUOTED)):
        if found := pattern.match(line):
            return name, found[1]
    return ("p", line) if line.strip() else ("gap", "")


def _inline(text: str) -> list[h.Node]:
    shown: list[h.Node] = []
    end = 0
    for found in INLINE.finditer(text):
        shown += [text[end : found.start()], _span(found)]
        end = found.end()
    return [*shown, text[end:]]


def _span(found: re.Match[str]) -> h.Node:
    kind = found.lastgroup or ""
    if kind == "code":
        return h.code[found["code"]]
    if kind == "emoji":
        return emojis.picture(found["emoji"])
    if kind != "url":
        return TAGS[kind][_inline(found[kind])]
    if urlsplit_scheme(found["url"]) not in SAFE_SCHEMES:
        return found[0]
    return h.a(href=found["url"], target="_blank", rel="noopener noreferrer")[_inline(found["label"])]


def _broken(lines: list[str]) -> list[h.Node]:
    shown: list[h.Node] = []
    for index, line in enumerate(lines):
        shown += [h.br if index else None, *_inline(line)]
    return shown


RUNS: dict[str, Callable[[list[str]], h.Node]] = {
    "p": lambda lines: h.p[_broken(lines)],
    "gap": lambda _lines: None,
    "hr": lambda _lines: h.hr,
    "quote": lambda lines: h.blockquote[_broken(lines)],
    "ul": lambda lines: h.ul[[h.li[_inline(line)] for line in lines]],
    "ol": lambda lines: h.ol[[h.li[_inline(line)] for line in lines]],
    **{f"h{level}": lambda lines: h.h3[_broken(lines)] for level in range(1, 7)},
}
