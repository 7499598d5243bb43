"""What the sandbox says compiles against the types that Slack publishes for its clients."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.server import Sandbox, running_sandbox
from sandbox.traffic import Entry
from tests.clients.everycall import EveryCall
from tests.clients.pythonapps import over_http
from tests.clients.scenario import play
from tests.clients.test_webapi import python_calls
from tests.clients.typescript import Typed, complaints, exported

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
