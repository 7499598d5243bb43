"""What an app manifest sets.

https://docs.slack.dev/reference/app-manifest
"""

from typing import Any

from sandbox.models import Json, SlackApp


def configure(app: SlackApp, manifest: Json) -> None:
    """Set what a manifest sets, all of it or, with a ValueError or TypeError, nothing."""
    features = _inner(manifest, "features")
    scopes = _inner(_inner(manifest, "oauth_config"), "scopes")
    name = _inner(manifest, "display_information").get("name")
    if not isinstance(name, str) or not name:
        raise ValueError("The manifest has no display_information.name.")
    found: Json = {
        "name": name,
        "display_name": str(_inner(features, "bot_user").get("display_name") or name),
        "scopes": {*_texts(scopes, "bot"), *_texts(scopes, "bot_optional")},
        "events": set(_texts(_inner(_inner(manifest, "settings"), "event_subscriptions"), "bot_events")),
        "commands": _objects(features, "slash_commands", "command"),
        "shortcuts": _objects(features, "shortcuts", "callback_id"),
    } | _tabs(features)
    for key, value in found.items():
        setattr(app, key, value)


def _tabs(features: Json) -> Json:
    # Without the section an app has messages and no home.
    home = _inner(features, "app_home")
    return {
        "has_home_tab": home.get("home_tab_enabled", False) is True,
        "has_messages_tab": home.get("messages_tab_enabled", True) is True,
    }


def _inner(holder: Json, name: str) -> Json:
    value: Any = holder.get(name, {})
    if not isinstance(value, dict):
        raise TypeError(f"The manifest's {name} is an object.")
    return value


def _list(holder: Json, name: str) -> list[Any]:
    value: Any = holder.get(name, [])
    if not isinstance(value, list):
        raise TypeError(f"The manifest's {name} is a list.")
    return value


def _texts(holder: Json, name: str) -> list[str]:
    return [str(item) for item in _list(holder, name)]


def _objects(holder: Json, name: str, needed: str) -> list[Json]:
    found = _list(holder, name)
    if not all(isinstance(item, dict) and isinstance(item.get(needed), str) for item in found):
        raise ValueError(f"Each of the manifest's {name} has a {needed}.")
    return found
