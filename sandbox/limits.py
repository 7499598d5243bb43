"""The limits of messages and views, checked as Slack checks them.

https://docs.slack.dev/reference/block-kit/blocks
"""

import json
from typing import Any

from sandbox.blockcheck import check_blocks
from sandbox.chartcheck import refuse_charts
from sandbox.checks import Checks
from sandbox.errors import SlackError
from sandbox.models import Json
from sandbox.stateful import elements_in

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_ATTACHMENTS = 100
# Not documented; seen at about this many characters over all blocks together.
MESSAGE_CHARACTERS = 13_200
VIEW_BYTES = 250_000
METADATA_BYTES = 16_000
HOME_KEYS = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
MODAL_FLAGS = {"clear_on_close", "notify_on_close", "submit_disabled"}
VIEW_KEYS = {"home": HOME_KEYS, "modal": HOME_KEYS | MODAL_FLAGS | {"title", "close", "submit"}}
SCALARS = (str, int, float, bool)


def check_attachments(attachments: Any) -> None:
    """Raise too_many_attachments, or say that this workspace shows none: better than losing them in silence."""
    if not attachments:
        return
    if isinstance(attachments, list) and len(attachments) > MESSAGE_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    words = "[ERROR] attachments are not supported by this sandbox: send blocks [json-pointer:/attachments]"
    raise SlackError("invalid_arguments", response_metadata={"messages": [words]})


def check_message_blocks(blocks: Any, *, takes_charts: bool = True) -> None:
    """Raise invalid_blocks with a pointer to each fault, or msg_blocks_too_long."""
    checks = Checks()
    check_blocks(checks, "/blocks", blocks, "message", MESSAGE_BLOCKS)
    if not takes_charts:
        refuse_charts(checks, "/blocks", blocks)
    if checks.problems:
        raise SlackError("invalid_blocks", errors=checks.plain(), response_metadata={"messages": checks.marked()})
    if _characters(blocks) > MESSAGE_CHARACTERS:
        raise SlackError("msg_blocks_too_long")


def _characters(value: Any) -> int:
    """Return how much text stands in blocks: every `text` and `raw_text` that is a string."""
    if isinstance(value, list):
        return sum(map(_characters, value))
    if not isinstance(value, dict):
        return 0
    own = value.get("text")
    inner = sum(_characters(item) for item in value.values())
    return inner + (len(own) if isinstance(own, str) else 0)


def check_metadata(metadata: Any) -> None:
    """Raise what Slack says of message metadata that it cannot keep.

    https://docs.slack.dev/messaging/message-metadata
    """
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    payload = metadata.get("event_payload")
    event_type = metadata.get("event_type")
    if not isinstance(event_type, str) or not event_type or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_schema")
    if not all(isinstance(value, SCALARS) or _is_flat(value) for value in payload.values()):
        raise SlackError("invalid_metadata_schema")
    if _bytes(metadata) > METADATA_BYTES:
        raise SlackError("metadata_too_large")


def _is_flat(value: Any) -> bool:
    """Tell whether a list or object holds only texts, numbers and booleans."""
    inner = list(value.values()) if isinstance(value, dict) else value
    return isinstance(inner, list) and all(isinstance(item, SCALARS) for item in inner)


def _bytes(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def check_view(view: Any, kind: str, *, takes_charts: bool = True) -> Json:
    """Return the view; raises invalid_arguments with a pointer to each fault, or view_too_large.

    https://docs.slack.dev/reference/views
    """
    checks = Checks()
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: view"]})
    if _bytes(view) > VIEW_BYTES:
        raise SlackError("view_too_large")
    _check_frame(checks, view, kind)
    check_blocks(checks, "/view/blocks", view.get("blocks"), kind, VIEW_BLOCKS)
    _check_focus(checks, view.get("blocks"))
    if not takes_charts:
        refuse_charts(checks, "/view/blocks", view.get("blocks"))
    if checks.problems:
        raise SlackError("invalid_arguments", response_metadata={"messages": checks.marked()})
    return view


def _check_frame(checks: Checks, view: Json, kind: str) -> None:
    if view.get("type") != kind:
        checks.add("/view/type", f"must be equal to `{kind}`")
    for key in view.keys() - VIEW_KEYS[kind]:
        checks.add("/view", f"additional property: {key}")
    checks.size("/view/callback_id", view.get("callback_id"), 255, least=0)
    checks.size("/view/external_id", view.get("external_id"), 255, least=0)
    checks.size("/view/private_metadata", view.get("private_metadata"), 3000, least=0)
    checks.booleans("/view", view, MODAL_FLAGS)
    if kind != "modal":
        return
    checks.text("/view/title", view.get("title"), 24, plain=True, required=True)
    for name in ("submit", "close"):
        checks.text(f"/view/{name}", view.get(name), 24, plain=True)
    blocks = view.get("blocks")
    has_input = isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
    if has_input and not view.get("submit"):
        checks.add("/view", "missing required field: submit")


def _check_focus(checks: Checks, blocks: Any) -> None:
    if not checks.problems and sum(element.get("focus_on_load") is True for _, element in elements_in(blocks)) > 1:
        checks.add("/view/blocks", "only one element can have focus_on_load")
