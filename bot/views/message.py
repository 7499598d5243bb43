"""The finished message or form, and the one check of what the block builder does not know."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from slackblocks import Block, HomeTabView, MessageResponse, ModalView

from bot.views.text import shorten, width

TEXT_LIMIT = 12_000
"""Characters of all blocks together; Slack has refused messages from about 13,200 on (`msg_blocks_too_long`)."""

HOME_TEXT_LIMIT = 30_000
"""Characters of App Home: Slack's limit is 250 kB for the whole view, and nobody reads so much."""

FALLBACK_LIMIT = 4_000
"""Characters of a message's `text`; `chat.update` refuses more (`msg_too_long`)."""

_CHART = "data_visualization"
_CUT_OPEN = re.compile(r"(&[a-z]*|<[^<>]*)(…?)$")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as Slack shows it; `text` is its notification and what a screen reader says."""

    text: str
    blocks: list[dict[str, Any]]

    @property
    def has_charts(self) -> bool:
        """Whether it has what not every workspace takes."""
        return any(block["type"] == _CHART for block in self.blocks)


def checked(text: str, blocks: Sequence[Block]) -> Message:
    """Return the message, its fallback text cut to fit; raises ValueError when Slack would refuse it."""
    payload = MessageResponse(text=text, blocks=list(blocks)).to_dict()
    _check(payload["blocks"])
    if not text.strip():
        raise ValueError("a message needs a fallback text")
    return Message(text=_fallback(text), blocks=payload["blocks"])


def checked_view(view: ModalView) -> dict[str, Any]:
    """Return the form; raises ValueError when Slack would refuse it."""
    payload: dict[str, Any] = view.to_dict()
    _check(payload["blocks"])
    return payload


def checked_home(blocks: Sequence[Block]) -> dict[str, Any]:
    """Return the view of App Home; raises ValueError when Slack would refuse it."""
    payload: dict[str, Any] = HomeTabView(list(blocks)).to_dict()
    _check(payload["blocks"], HOME_TEXT_LIMIT)
    return payload


def _fallback(text: str) -> str:
    if width(text) <= FALLBACK_LIMIT:
        return text
    # A cut must not leave half of an escaped sign or of a mention behind.
    return _CUT_OPEN.sub(r"\2", shorten(text, FALLBACK_LIMIT))


def _check(blocks: list[dict[str, Any]], limit: int = TEXT_LIMIT) -> None:
    texts = list(_texts(blocks))
    if not all(texts):
        raise ValueError("an empty text element")
    if (total := sum(map(width, texts))) > limit:
        raise ValueError(f"{total} characters in one message; {limit} are the limit")
    _check_unique([block["block_id"] for block in blocks], "block id")
    for block in blocks:
        _check_unique(
            [element["action_id"] for element in block.get("elements", ()) if "action_id" in element], "action"
        )


def _check_unique(ids: list[str], kind: str) -> None:
    if len(set(ids)) < len(ids):
        raise ValueError(f"the same {kind} twice: {ids}")


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"text", "initial_value"} and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)
