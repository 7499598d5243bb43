"""What the sandbox says compiles against the types that Slack publishes for its clients."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.server import Sandbox, running_sandbox
from sandbox.traffic import Entry
from tests.clients.everycall import EveryCall
from tests.clients.generated import some_blocks
from tests.clients.nodeapps import FOLDER
from tests.clients.pythonapps import over_http
from tests.clients.scenario import play
from tests.clients.test_webapi import python_calls
from tests.clients.typescript import Typed, complaints, exported
from tests.sandbox.samples import ALL_BLOCKS
from tests.unit.view_samples import IDEA, every_view

Json = dict[str, Any]
INTERACTIONS = {
    "block_actions": "BlockAction",
    "view_submission": "ViewSubmitAction",
    "view_closed": "ViewClosedAction",
    "shortcut": "GlobalShortcut",
    "message_action": "MessageShortcut",
}
EVENTS = {
    "reaction_added": "ReactionAddedEvent",
    "reaction_removed": "ReactionRemovedEvent",
    "app_home_opened": "AppHomeOpenedEvent",
}
# Slack sends these as null where there is no organisation; the types have nothing for that.
NULLS = {"enterprise", "context_enterprise_id"}


def test_answers_have_slacks_types(node: str, tmp_path: Path) -> None:
    """The answer to each method has no field that its type in @slack/web-api lacks, and none of another type."""
    with running_sandbox() as sandbox:
        answers = EveryCall(sandbox, python_calls(sandbox)).answers
    typed = [Typed(method, answer_type(method), answer) for method, answer in answers.items()]
    assert complaints(node, tmp_path, typed) == {}


def answer_type(method: str) -> str:
    """Return the type of a method's answer."""
    words = [word[0].upper() + word[1:] for word in method.split(".")]
    return f"Loose<{exported('@slack/web-api', ''.join(words) + 'Response')}>"


def test_payloads_have_slacks_types(node: str, tmp_path: Path) -> None:
    """Commands, interactions and events have all fields of their types in @slack/bolt, and no others."""
    with running_sandbox() as sandbox, over_http(sandbox):
        play(sandbox)
        typed = [typed for entry in deliveries(sandbox) for typed in typed_payloads(entry)]
    assert {one.name.partition(" ")[2] for one in typed} == {"command", *INTERACTIONS, *EVENTS}
    assert complaints(node, tmp_path, typed) == {}


def test_blocks_have_slacks_types(node: str, tmp_path: Path) -> None:
    """Each block of the bot's views and of the sandbox's samples, and each generated one, compiles as a block."""
    known = set(
        re.findall(r"type: '(\w+)'", (FOLDER / "node_modules/@slack/types/dist/block-kit/blocks.d.ts").read_text())
    )
    assert known >= {
        "section",
        "header",
        "divider",
        "context",
        "actions",
        "input",
        "image",
        "rich_text",
        "markdown",
        "table",
    }
    corpus = [*blocks_of_the_bot(), *ALL_BLOCKS, *some_blocks(6)]
    typed = [
        Typed(f"{number} {block['type']}", exported("@slack/types", "KnownBlock"), known_part(block))
        for number, block in enumerate(corpus)
        if block["type"] in known
    ]
    assert len(typed) > 200
    assert complaints(node, tmp_path, typed) == {}


def blocks_of_the_bot() -> Iterator[Json]:
    """Yield every block of every view that the bot shows."""
    for shown in every_view(IDEA, "more trains"):
        yield from shown["blocks"] if isinstance(shown, dict) else shown.blocks


def known_part(value: Any) -> Any:
    """Return a block without what Slack takes and its types do not know: a list's offset, an emoji's skin tone."""
    if isinstance(value, dict):
        return {key: known_part(inner) for key, inner in value.items() if key not in {"offset", "skin_tone"}}
    return [known_part(inner) for inner in value] if isinstance(value, list) else value


def deliveries(sandbox: Sandbox) -> list[Entry]:
    """Return what went to the app."""
    return [entry for entry in sandbox.parts.journal.entries if entry.kind in {"command", "interaction", "event"}]


def typed_payloads(entry: Entry) -> Iterator[Typed]:
    """Yield a delivery with its type, without what Slack sends and its types do not know."""
    payload = {key: value for key, value in entry.request.items() if not (key in NULLS and value is None)}
    payload.pop("event_context", None)
    if entry.kind == "command":
        yield Typed(f"{entry.number} command", exported("@slack/bolt", "SlashCommand"), payload)
    elif entry.kind == "event":
        kind = payload["event"]["type"]
        event = exported("@slack/types", EVENTS[kind])
        yield Typed(f"{entry.number} {kind}", f"{exported('@slack/bolt', 'EnvelopedEvent')}<{event}>", payload)
    else:
        kind = payload["type"]
        if kind.startswith("view"):
            payload["user"] = without("username", payload["user"])
        if kind == "block_actions":
            payload["actions"] = [without("style", action) for action in payload["actions"]]
        whole = exported("@slack/bolt", INTERACTIONS[kind])
        in_view = kind == "block_actions" and "view" in payload  # Answered in the view alone: it has no response URL.
        yield Typed(f"{entry.number} {kind}", f"Omit<{whole}, 'response_url'>" if in_view else whole, payload)


def without(key: str, value: Json) -> Json:
    """Return an object without one key."""
    return {name: inner for name, inner in value.items() if name != key}
