"""The app manifest keeps Slack's limits."""

import json
from typing import Any

import pytest

from bot.ids import COMMAND, Callback
from bot.manifest import OPTIONAL_SCOPES, SCOPES, is_address, manifest

URL = "https://ideas.example.com"


@pytest.fixture(params=[None, URL], ids=["socket", "http"])
def made(request: pytest.FixtureRequest) -> dict[str, Any]:
    return manifest(request.param)


def test_names_and_texts_fit(made: dict[str, Any]) -> None:
    """Names, descriptions and ids are no longer than the manifest's schema allows."""
    display, features = made["display_information"], made["features"]
    assert 1 <= len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert 4 <= len(display["background_color"]) <= 7
    assert len(features["bot_user"]["display_name"]) <= 80
    for command in features["slash_commands"]:
        assert command["command"].startswith("/")
        assert 2 <= len(command["command"]) <= 32
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
        assert len(shortcut["callback_id"]) <= 255


def test_only_known_keys_are_used(made: dict[str, Any]) -> None:
    """The schema refuses keys that it does not know."""
    assert set(made) == {"_metadata", "display_information", "features", "oauth_config", "settings"}
    assert set(made["features"]) == {"app_home", "bot_user", "slash_commands", "shortcuts"}
    assert set(made["oauth_config"]["scopes"]) == {"bot", "bot_optional"}
    assert set(made["settings"]) == {
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    }


def test_manifest_is_plain_json(made: dict[str, Any]) -> None:
    """What is printed can be pasted at Slack."""
    assert json.loads(json.dumps(made)) == made


def test_command_and_shortcuts_are_those_of_the_code(made: dict[str, Any]) -> None:
    """The names that Slack sends back are the ones that the bot listens to."""
    assert [command["command"] for command in made["features"]["slash_commands"]] == [COMMAND]
    assert {item["callback_id"]: item["type"] for item in made["features"]["shortcuts"]} == {
        Callback.FROM_MESSAGE: "message",
        Callback.SHARE: "global",
    }


def test_every_scope_has_one_reason(made: dict[str, Any]) -> None:
    """A scope is needed or optional, not both, and says what it is for."""
    scopes = made["oauth_config"]["scopes"]
    assert scopes["bot"] == list(SCOPES)
    assert scopes["bot_optional"] == list(OPTIONAL_SCOPES)
    assert not set(SCOPES) & set(OPTIONAL_SCOPES)
    assert all({**SCOPES, **OPTIONAL_SCOPES}.values())


def test_socket_mode_has_no_addresses() -> None:
    """Without --http nothing has to reach the bot from outside."""
    assert manifest()["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(manifest())


@pytest.mark.parametrize("url", [URL, URL + "/"])
def test_http_names_one_endpoint(url: str) -> None:
    """Commands, events and interactions all go to /slack/events below the address given."""
    made = manifest(url)
    assert made["settings"]["socket_mode_enabled"] is False
    assert {
        made["features"]["slash_commands"][0]["url"],
        made["settings"]["event_subscriptions"]["request_url"],
        made["settings"]["interactivity"]["request_url"],
    } == {f"{URL}/slack/events"}


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://ideas.example.com", True),
        ("https://ideas.example.com:8443/cx/", True),
        ("http://ideas.example.com", False),
        ("ideas.example.com", False),
        ("https://ideas.example.com/slack/events", False),
        (" ", False),
    ],
)
def test_an_address_is_one_that_slack_can_call(text: str, is_one: bool) -> None:  # noqa: FBT001  # a case
    """Only an https address without our own path is printed into a manifest."""
    assert is_address(text) is is_one
