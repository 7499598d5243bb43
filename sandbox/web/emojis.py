"""Slack's short names of emoji, as characters."""

from __future__ import annotations

import re
from functools import cache

import emoji
import htpy as h

from sandbox.emojinames import toned

COMMON = (
    "+1", "heart", "fire", "raised_hands", "100", "tada", "bulb", "eyes", "white_check_mark", "pray", "clap", "rocket",
    "joy", "thinking_face", "slightly_smiling_face", "-1",
)  # fmt: skip
SHORT_NAME = r"[a-z0-9_+'\-]+(?:::skin-tone-[2-6])?"
IN_TEXT = re.compile(rf":({SHORT_NAME}):")
TONES = {"2": "\U0001f3fb", "3": "\U0001f3fc", "4": "\U0001f3fd", "5": "\U0001f3fe", "6": "\U0001f3ff"}
# Slack's names that the emoji package does not know.
EXTRA = {
    "simple_smile": "\U0001f642",
    "large_green_circle": "\U0001f7e2",
    "large_yellow_circle": "\U0001f7e1",
    "large_orange_circle": "\U0001f7e0",
    "large_purple_circle": "\U0001f7e3",
    "large_brown_circle": "\U0001f7e4",
    "man-shrugging": "\U0001f937\u200d\u2642\ufe0f",
    "woman-shrugging": "\U0001f937\u200d\u2640\ufe0f",
}


@cache
def character(name: str) -> str | None:
    """The characters of a short name, with its skin tone if any; nothing for an unknown name."""
    base, _, tone = name.partition("::skin-tone-")
    code = f":{base}:"
    found = EXTRA.get(base) or emoji.emojize(code, language="alias")
    if found == code:
        return None
    return toned(found, TONES[tone]) if tone in TONES else found


def picture(name: str) -> h.Element:
    """An emoji with its name for screen readers and on hover; an unknown one stays `:name:`."""
    code = f":{name}:"
    shown = character(name)
    if shown is None:
        return h.span(".emoji-unknown")[code]
    return h.span(".emoji", role="img", aria_label=f"{name.replace('_', ' ')} emoji", title=code)[shown]


def with_pictures(text: str) -> list[h.Node]:
    """A plain text whose `:names:` are drawn."""
    parts = IN_TEXT.split(text)
    return [picture(part) if index % 2 else part for index, part in enumerate(parts)]
