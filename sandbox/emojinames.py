"""Which names of emoji a workspace knows."""

import re
from functools import cache

from emoji import EMOJI_DATA

from sandbox.errors import SlackError
from sandbox.workspace import Workspace

# Slack reports these under the second name. https://docs.slack.dev/reference/methods/reactions.add
SAME = {"thumbsup": "+1", "thumbsdown": "-1", "poop": "hankey", "satisfied": "laughing", "raised_hand": "hand"}
LIGHT = "\U0001f3fb"
SKIN_TONE = re.compile(r"::skin-tone-[2-6]$")


@cache
def standard_names() -> dict[str, str]:
    """Return each standard name without colons, and the character it stands for."""
    names: dict[str, str] = {}
    for character, data in EMOJI_DATA.items():
        for name in (*data.get("alias", ()), data["en"]):
            names.setdefault(name.strip(":"), character)
    return names


@cache
def takes_tone(name: str) -> bool:
    """Tell whether a standard emoji has skin tones."""
    character = standard_names().get(name, "")
    return bool(character) and toned(character, LIGHT) in EMOJI_DATA


def toned(character: str, tone: str) -> str:
    """Return an emoji with a skin tone, which stands behind its first sign."""
    return character[0] + tone + character[1:].removeprefix("\ufe0f")


def canonical_name(workspace: Workspace, name: str) -> str:
    """Return a reaction's name as Slack reports it; raises invalid_name for one that nobody knows."""
    name = name.strip(":")
    tone = SKIN_TONE.search(name)
    base = name[: tone.start()] if tone else name
    base = SAME.get(base, base)
    if base not in standard_names() and base not in workspace.custom_emoji:
        raise SlackError("invalid_name")
    if tone and not takes_tone(base):
        raise SlackError("invalid_name")
    return base + (tone.group() if tone else "")
