"""The manifest asks for what the code uses, no more and no less."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.app import build_app
from bot.deps import Deps
from bot.manifest import OPTIONAL_SCOPES, SCOPES, manifest
from bot.settings import Settings, load
from db.session import open_database
from tests.meta.sources import ROOT, python_files, tree_of

SCOPES_OF_METHOD = {
    "apps_connections_open": set(),  # The app token's own scope, connections:write.
    "auth_test": set(),
    "bots_info": {"users:read"},
    "chat_delete": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {"channels:history", "groups:history", "im:history"},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "conversations_replies": {"channels:history", "groups:history"},
    "emoji_list": {"emoji:read"},
    "reactions_get": {"reactions:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "users_list": {"users:read"},
    "users_profile_get": {"users.profile:read"},
    "views_open": set(),
    "views_publish": set(),
}
SCOPES_OF_EVENT = {
    "app_home_opened": set(),
    "reaction_added": {"reactions:read"},
    "reaction_removed": {"reactions:read"},
}
WEB_API_METHOD = re.compile(r"[a-z]+(_[a-zA-Z]+)+")


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, set[str]]:
    """Return the names that the app registers listeners for, by kind; catch-alls have none."""
    names: dict[str, set[str]] = {"event": set(), "command": set(), "shortcut": set()}
    for kind, found in names.items():
        monkeypatch.setattr(App, kind, _recording(getattr(App, kind), found))
    for name, value in {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "CX_IDEAS_CHANNEL": "C0IDEAS01",
        "CX_DIGEST_CHANNEL": "C0LEADS01",
    }.items():
        monkeypatch.setenv(name, value)
    sessions = open_database(f"sqlite:///{tmp_path}/cxidea.db")
    build_app(Deps.build(load(Settings), sessions))
    sessions.dispose()
    return names


def _recording(register: Callable[..., Any], found: set[str]) -> Callable[..., Any]:
    def record(app: App, constraint: Any, *arguments: Any, **keywords: Any) -> Any:
        if isinstance(constraint, str):
            found.add(str(constraint))
        return register(app, constraint, *arguments, **keywords)

    return record


def _called_methods() -> set[str]:
    attributes = {
        node.attr for path in python_files("bot") for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)
    }
    return {name for name in attributes if WEB_API_METHOD.fullmatch(name) and hasattr(WebClient, name)} - {"api_call"}


def test_commands_shortcuts_and_events_are_those_registered(registered: dict[str, set[str]]) -> None:
    """What the manifest announces is what the app listens to."""
    made = manifest()
    assert {item["command"] for item in made["features"]["slash_commands"]} == registered["command"]
    assert {item["callback_id"] for item in made["features"]["shortcuts"]} == registered["shortcut"]
    assert set(made["settings"]["event_subscriptions"]["bot_events"]) == registered["event"]


def test_every_called_method_has_its_scopes_listed() -> None:
    """A Web API method that is new to the code has to say here which scopes it needs."""
    assert _called_methods() - set(SCOPES_OF_METHOD) == set()


def test_scopes_are_those_that_calls_and_events_need() -> None:
    """Least privilege: each scope of the manifest is used, and nothing is used without its scope."""
    events = manifest()["settings"]["event_subscriptions"]["bot_events"]
    used = {"commands"}.union(
        *(SCOPES_OF_METHOD[name] for name in _called_methods()), *(SCOPES_OF_EVENT[name] for name in events)
    )
    assert used == {*SCOPES, *OPTIONAL_SCOPES}


def test_readme_s_table_of_scopes_is_whole() -> None:
    """Where the README names a scope with its reason, it names each, and none that the app does not ask for."""
    readme = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"^\| `([a-z.:]+)` \|", readme, re.MULTILINE))
    assert named in (set(), {*SCOPES, *OPTIONAL_SCOPES})
