"""What is wrong between the settings, Slack and the database, and what to do about it."""

import http.client
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.web import SlackResponse

from bot import clock, heartbeat
from bot.clients import read_client
from bot.company import Company, SettingName
from bot.doctor_database import Check, look_at_database, names_groups, next_digests, saved_settings
from bot.manifest import OPTIONAL_SCOPES, SCOPES
from bot.outcomes import failure_of
from bot.settings import Settings, origins

CLOCK_TOLERANCE_SECONDS = 60
"""Slack itself refuses requests, and we refuse Slack's, from five minutes on."""

_CALL_FAILURES = (SlackClientError, OSError, http.client.HTTPException, ValueError)
_REMEDIES = heartbeat.REMEDIES | {
    "ratelimited": "Slack asks to wait; try again in a minute",
    "missing_scope": "give the app the missing scopes, see `scopes`",
}


def checks(settings: Settings, now: Callable[[], datetime] = clock.now) -> list[Check]:
    """Return a line for each thing that the bot depends on; where Slack does not answer, only that is said of it."""
    database, company, configuration = look_at_database(settings)
    return [
        _settings(settings),
        *_slack(settings, company, now, asks_for_groups=names_groups(company, configuration)),
        database,
        *saved_settings(company, configuration),
        *next_digests(company, configuration, now()),
    ]


def _settings(settings: Settings) -> Check:
    counted = Counter(origins(Settings).values())
    places = ", ".join(f"{counted[place]} from {place}" for place in ("environment", ".env") if counted[place])
    transport = "Socket Mode" if settings.is_socket_mode else f"HTTP on {settings.host}:{settings.http_port}"
    return Check("settings", ok=True, text=f"{places or 'all by default'}; {transport}")


def _slack(settings: Settings, company: Company, now: Callable[[], datetime], *, asks_for_groups: bool) -> list[Check]:
    client = read_client(settings)
    client.retry_handlers = []  # Somebody watches; one try tells enough.
    started = now()
    try:
        who = client.auth_test()
    except _CALL_FAILURES as error:
        return [Check("bot token", ok=False, text=_why_not(error, settings))]
    return [
        Check("bot token", ok=True, text=f"@{who['user']} in {who['team']}"),
        *_app_token(settings, client),
        _scopes(who, asks_for_groups=asks_for_groups),
        *_channels(settings, company, client, str(who["user"])),
        _clock(who, started, now()),
    ]


def _why_not(error: Exception, settings: Settings) -> str:
    word = failure_of(error).error
    if word in _REMEDIES:
        return f"Slack says {word}; {_REMEDIES[word]}"
    return f"{settings.slack_api_url} cannot be reached ({word}); check the network and the proxy, or try again later"


def _app_token(settings: Settings, client: WebClient) -> list[Check]:
    if settings.slack_app_token is None:
        return []
    try:
        client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except _CALL_FAILURES as error:
        return [Check("app token", ok=False, text=_why_not(error, settings))]
    return [Check("app token", ok=True, text="Slack opens connections for it")]


def _scopes(answer: SlackResponse, *, asks_for_groups: bool) -> Check:
    granted = {scope.strip() for scope in _header(answer, "X-OAuth-Scopes").split(",")}
    optional = [scope for scope in OPTIONAL_SCOPES if scope not in granted]
    needed = {*SCOPES, *(["usergroups:read"] if asks_for_groups else [])}
    missing = sorted(needed - granted)
    if missing:
        remedy = "add them in the app's settings under OAuth & Permissions, and install the app again"
        return Check("scopes", ok=False, text=f"missing {', '.join(missing)}; {remedy}")
    without = "".join(f"; without {scope}, so not {OPTIONAL_SCOPES[scope]}" for scope in optional)
    return Check("scopes", ok=True, text=f"all {len(SCOPES)} needed{without}")


def _channels(settings: Settings, company: Company, client: WebClient, bot_name: str) -> list[Check]:
    ideas = "ideas channel" if SettingName.IDEAS_CHANNEL in company.saved else "CX_IDEAS_CHANNEL"
    digests = "digest channel" if SettingName.DIGEST_CHANNELS in company.saved else "CX_DIGEST_CHANNEL"
    wanted = [(ideas, company.ideas_channel), *((digests, channel_id) for channel_id in company.digest_channels)]
    return [_channel(settings, client, name, channel_id, bot_name) for name, channel_id in wanted]


def _channel(settings: Settings, client: WebClient, variable: str, channel_id: str, bot_name: str) -> Check:
    try:
        channel: dict[str, Any] = client.conversations_info(channel=channel_id)["channel"]
    except _CALL_FAILURES as error:
        if failure_of(error).error == "channel_not_found":
            text = f"Slack does not know {channel_id}, or hides it from the bot; correct the id, or /invite @{bot_name}"
            return Check(variable, ok=False, text=text)
        return Check(variable, ok=False, text=f"{channel_id}: {_why_not(error, settings)}")
    name = f"#{channel.get('name', channel_id)}"
    if channel.get("is_archived"):
        return Check(variable, ok=False, text=f"{name} is archived; unarchive it or name another channel")
    if not channel.get("is_member"):
        return Check(variable, ok=False, text=f"the bot is not in {name}; invite the bot: /invite @{bot_name}")
    return Check(variable, ok=True, text=f"the bot is in {name}")


def _clock(answer: SlackResponse, before: datetime, after: datetime) -> Check:
    try:
        theirs = parsedate_to_datetime(_header(answer, "Date"))
    except ValueError:
        return Check("clock", ok=True, text="Slack's answer had no date to compare with")
    ours = before + (after - before) / 2
    seconds = round((ours - theirs).total_seconds())
    if abs(seconds) > CLOCK_TOLERANCE_SECONDS:
        direction = "ahead of" if seconds > 0 else "behind"
        text = f"{abs(seconds)} seconds {direction} Slack's; let this machine set its clock by the network (NTP)"
        return Check("clock", ok=False, text=text)
    return Check("clock", ok=True, text="agrees with Slack's")


def _header(answer: SlackResponse, name: str) -> str:
    """Return a header of an answer; servers differ in how they write its name."""
    found = [value for key, value in answer.headers.items() if key.lower() == name.lower()]
    return str(found[0]) if found else ""
