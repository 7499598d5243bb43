"""The app manifest: what a workspace admin pastes at Slack to create the app."""

import re
from typing import Any

from bot.ids import COMMAND, Callback

EVENTS_PATH = "/slack/events"
_ADDRESS = re.compile(r"https://[^\s/?#]+(/[^\s?#]*)?")

EVENTS = ("reaction_added", "reaction_removed", "app_home_opened")

SCOPES = {
    "commands": "`/cxidea`, the two shortcuts, forms and buttons",
    "chat:write": "cards in the ideas channel, digests in the leadership channels",
    "reactions:read": "votes: being told of reactions, and reading them again when some were missed",
    "channels:history": "finding the bot's own card again after a lost answer, and reactions missed while it was down",
    "groups:history": "the same where the ideas channel or a leadership channel is private",
    "im:history": "finding a direct message of the bot's own again after a lost answer",
    "im:write": "opening the direct message in which to look for it",
    "channels:read": "checking that the channels exist, are not archived, and have the bot in them",
    "groups:read": "the same where a channel is private",
    "users:read": "telling employees, whose votes count, from guests, bots and other organisations",
}
"""Every scope that the bot needs, and what for."""

OPTIONAL_SCOPES = {
    "usergroups:read": "naming leaders, admins and owners of stages by user group",
    "emoji:read": "counting a company's own emoji that are aliases of a vote reaction",
    "users.profile:read": "reading each person's team from the profile field that the settings name",
}
"""The scopes that a workspace may refuse, and what it then goes without."""


def manifest(http_url: str | None = None) -> dict[str, Any]:
    """Return the manifest for Socket Mode, or for HTTP at this address.

    https://docs.slack.dev/reference/app-manifest
    """
    endpoint = f"{http_url.rstrip('/')}{EVENTS_PATH}" if http_url else None
    address = {"request_url": endpoint} if endpoint else {}
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "cxidea",
            "description": "Ideas from everyone for a better customer experience, with an answer to each",
            "background_color": "#1d4e5f",
        },
        "features": {
            "app_home": _app_home(),
            "bot_user": {"display_name": "cxidea", "always_online": True},
            "slash_commands": [_command(endpoint)],
            "shortcuts": _shortcuts(),
        },
        "oauth_config": {"scopes": {"bot": [*SCOPES], "bot_optional": [*OPTIONAL_SCOPES]}},
        "settings": {
            "event_subscriptions": {"bot_events": [*EVENTS], **address},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": http_url is None,
            "token_rotation_enabled": False,
        },
    }


def is_address(text: str) -> bool:
    """Return whether Slack can call this: an https address without a query, and without our own path."""
    return bool(_ADDRESS.fullmatch(text)) and not text.rstrip("/").endswith(EVENTS_PATH)


def _app_home() -> dict[str, bool]:
    # Nobody would read what people write in the messages tab; what the bot tells them arrives there.
    return {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": True}


def _command(endpoint: str | None) -> dict[str, Any]:
    return {
        "command": COMMAND,
        "description": "Share an idea for a better customer experience, or see everyone's",
        "usage_hint": "[your idea in a line | top | mine | search words | show CX-12 | help]",
        "should_escape": False,
        **({"url": endpoint} if endpoint else {}),
    }


def _shortcuts() -> list[dict[str, str]]:
    return [
        {
            "name": "Turn into a CX idea",
            "type": "message",
            "callback_id": Callback.FROM_MESSAGE.value,
            "description": "Share what this message says as an idea for a better customer experience",
        },
        {
            "name": "Share a CX idea",
            "type": "global",
            "callback_id": Callback.SHARE.value,
            "description": "Share an idea for a better customer experience",
        },
    ]
