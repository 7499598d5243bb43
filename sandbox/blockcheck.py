"""Checks of blocks: their surface, their parts, their limits.

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Callable
from typing import Any

from slackblocks import Block
from slackblocks.errors import InvalidUsageError

from sandbox.chartcheck import check_chart_block
from sandbox.checks import Checks
from sandbox.elementcheck import KEYS, check_element, check_image
from sandbox.models import Json
from sandbox.richcheck import check_rich_text, check_table

EVERYWHERE = {"message", "modal", "home"}
NO_MODAL = {"message", "home"}
MESSAGE = {"message"}
SURFACES = {
    **dict.fromkeys(("actions", "context", "divider", "header", "image", "input"), EVERYWHERE),
    **dict.fromkeys(("rich_text", "section", "video", "card"), EVERYWHERE),
    **dict.fromkeys(("carousel", "container", "data_table", "data_visualization", "table"), NO_MODAL),
    **dict.fromkeys(("markdown", "context_actions", "file", "plan", "task_card"), MESSAGE),
    "alert": {"modal"},
}
MOST_OF = {"table": 1, "data_visualization": 2}
MARKDOWN_CHARACTERS = 12_000


def check_blocks(checks: Checks, pointer: str, blocks: Any, surface: str, most: int) -> None:
    """Check a list of blocks for a message, a modal or a home."""
    listed = checks.items(pointer, blocks, 0, most)
    seen: set[str] = set()
    for index, block in enumerate(listed):
        where = f"{pointer}/{index}"
        if not isinstance(block, dict):
            checks.add(where, "must provide an object")
            continue
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id in seen:
            checks.add(f"{where}/block_id", f"block_id already exists: {block_id}")
        seen.add(str(block_id))
        _check_block(checks, where, block, surface)
    _check_sums(checks, pointer, [block for block in listed if isinstance(block, dict)])


def _check_block(checks: Checks, where: str, block: Json, surface: str) -> None:
    kind = block.get("type")
    if surface not in SURFACES.get(str(kind), ()):
        checks.add(f"{where}/type", f"unsupported type: {kind}")
        return
    checks.size(f"{where}/block_id", block.get("block_id"), 255)
    found = len(checks.problems)
    check = CHECKS.get(str(kind))
    if check:
        check(checks, where, block)
    if len(checks.problems) == found:
        _ask_slackblocks(checks, where, block)


def _ask_slackblocks(checks: Checks, where: str, block: Json) -> None:
    """Let the library judge what is not checked here: the newer blocks."""
    part = {name: value for name, value in block.items() if name != "accessory"}
    try:
        Block.from_dict(part)
    except NotImplementedError:
        return  # It cannot read blocks with elements yet; those are checked here.
    except (InvalidUsageError, KeyError, TypeError, ValueError, AttributeError) as error:
        checks.add(where, f"failed to match all allowed schemas: {error}")


def _check_sums(checks: Checks, pointer: str, blocks: list[Json]) -> None:
    for kind, most in MOST_OF.items():
        if sum(block.get("type") == kind for block in blocks) > most:
            checks.add(pointer, f"no more than {most} {kind} blocks allowed")
    texts = [block.get("text") for block in blocks if block.get("type") == "markdown"]
    if sum(len(text) for text in texts if isinstance(text, str)) > MARKDOWN_CHARACTERS:
        checks.add(pointer, f"markdown blocks must be less than {MARKDOWN_CHARACTERS + 1} characters together")


def _check_section(checks: Checks, where: str, block: Json) -> None:
    checks.keys(where, block, {"type", "block_id", "text", "fields", "accessory", "expand"})
    checks.booleans(where, block, {"expand"})
    if "fields" not in block:
        checks.text(f"{where}/text", block.get("text"), 3000, required=True)
    else:
        checks.text(f"{where}/text", block.get("text"), 3000)
        for index, field in enumerate(checks.items(f"{where}/fields", block["fields"], 1, 10)):
            checks.text(f"{where}/fields/{index}", field, 2000, required=True)
    if "accessory" in block:
        check_element(checks, f"{where}/accessory", block["accessory"], "accessory")


def _check_header(checks: Checks, where: str, block: Json) -> None:
    checks.keys(where, block, {"type", "block_id", "text", "level"})
    checks.text(f"{where}/text", block.get("text"), 150, plain=True, required=True)


def _check_context(checks: Checks, where: str, block: Json) -> None:
    checks.keys(where, block, {"type", "block_id", "elements"})
    for index, element in enumerate(checks.items(f"{where}/elements", block.get("elements"), 1, 10)):
        pointer = f"{where}/elements/{index}"
        if isinstance(element, dict) and element.get("type") == "image":
            checks.keys(pointer, element, {"type", *KEYS["image"]})
            check_image(checks, pointer, element)
        else:
            checks.text(pointer, element, 3000, required=True)


def _check_actions(checks: Checks, where: str, block: Json) -> None:
    checks.keys(where, block, {"type", "block_id", "elements"})
    seen: set[str] = set()
    for index, element in enumerate(checks.items(f"{where}/elements", block.get("elements"), 1, 25)):
        pointer = f"{where}/elements/{index}"
        check_element(checks, pointer, element, "actions")
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(action_id, str) and action_id in seen:
            checks.add(f"{pointer}/action_id", f"action_id already exists: {action_id}")
        seen.add(str(action_id))


def _check_input(checks: Checks, where: str, block: Json) -> None:
    checks.keys(where, block, {"type", "block_id", "label", "element", "hint", "optional", "dispatch_action"})
    checks.booleans(where, block, {"optional", "dispatch_action"})
    checks.text(f"{where}/label", block.get("label"), 2000, plain=True, required=True)
    checks.text(f"{where}/hint", block.get("hint"), 2000, plain=True)
    check_element(checks, f"{where}/element", block.get("element"), "input")


def _check_image_block(checks: Checks, where: str, block: Json) -> None:
    checks.keys(where, block, {"type", "block_id", "image_url", "alt_text", "title", "slack_file"})
    check_image(checks, where, block)
    checks.text(f"{where}/title", block.get("title"), 2000, plain=True)


def _check_divider(checks: Checks, where: str, block: Json) -> None:
    checks.keys(where, block, {"type", "block_id"})


def _check_markdown(checks: Checks, where: str, block: Json) -> None:
    checks.keys(where, block, {"type", "block_id", "text"})


CHECKS: dict[str, Callable[[Checks, str, Json], None]] = {
    "section": _check_section,
    "header": _check_header,
    "divider": _check_divider,
    "markdown": _check_markdown,
    "context": _check_context,
    "actions": _check_actions,
    "input": _check_input,
    "image": _check_image_block,
    "rich_text": check_rich_text,
    "table": check_table,
    "data_visualization": check_chart_block,
}
