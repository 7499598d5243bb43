"""What is wrong between the settings, Slack and the database, and what to do about it."""

import http.client
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.web import SlackResponse
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot import clock
from bot.clients import read_client
from bot.digest_command import schedule_of
from bot.manifest import OPTIONAL_SCOPES, SCOPES
from bot.outcomes import failure_of
from bot.settings import Settings, origins
from db.schema import HEAD, obstacle, revision_of
from db.session import open_database

CLOCK_TOLERANCE_SECONDS = 60
"""Slack itself refuses requests, and we refuse Slack's, from five minutes on."""

_CALL_FAILURES = (SlackClientError, OSError, http.client.HTTPException, ValueError)
_REMEDIES = {
    "invalid_auth": "copy the token again, from the app's settings",
    "token_revoked": "install the app again and copy its new token",
    "token_expired": "install the app again, with token rotation off, and copy its new token",
    "account_inactive": "the app was removed from the workspace; install it again",
    "not_allowed_token_type": "this is a token of another kind; copy it again, from the app's settings",
    "ratelimited": "Slack asks to wait; try again in a minute",
    "missing_scope": "give the app the missing scopes, see `scopes`",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it is all right, and what was found or what to do."""

    name: str
    ok: bool
    text: str


def checks(settings: Settings, now: Callable[[], datetime] = clock.now) -> list[Check]:
    """Return a line for each thing that the bot depends on; where Slack does not answer, only that is said of it."""
    return [_settings(settings), *_slack(settings, now), _database(settings), _digests(settings, now())]


def _settings(settings: Settings) -> Check:
    counted = Counter(origins(Settings).values())
    places = ", ".join(f"{counted[place]} from {place}" for place in ("environment", ".env") if counted[place])
    transport = "Socket Mode" if settings.is_socket_mode else f"HTTP on {settings.host}:{settings.http_port}"
    return Check("settings", ok=True, text=f"{places or 'all by default'}; {transport}")


def _slack(settings: Settings, now: Callable[[], datetime]) -> list[Check]:
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
        _scopes(settings, who),
        *_channels(settings, client, str(who["user"])),
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


def _scopes(settings: Settings, answer: SlackResponse) -> Check:
    granted = {scope.strip() for scope in _header(answer, "X-OAuth-Scopes").split(",")}
    optional = [scope for scope in OPTIONAL_SCOPES if scope not in granted]
    names_groups = any(name.startswith("S") for name in (*settings.cx_leaders, *settings.cx_admins))
    needed = {*SCOPES, *(["usergroups:read"] if names_groups else [])}
    missing = sorted(needed - granted)
    if missing:
        remedy = "add them in the app's settings under OAuth & Permissions, and install the app again"
        return Check("scopes", ok=False, text=f"missing {', '.join(missing)}; {remedy}")
    without = "".join(f"; without {scope}, so not {OPTIONAL_SCOPES[scope]}" for scope in optional)
    return Check("scopes", ok=True, text=f"all {len(SCOPES)} needed{without}")


def _channels(settings: Settings, client: WebClient, bot_name: str) -> list[Check]:
    wanted = [
        ("CX_IDEAS_CHANNEL", settings.cx_ideas_channel),
        *(("CX_DIGEST_CHANNEL", channel_id) for channel_id in settings.cx_digest_channels),
    ]
    return [_channel(settings, client, variable, channel_id, bot_name) for variable, channel_id in wanted]


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


def _database(settings: Settings) -> Check:
    address = settings.database_url.get_secret_value()
    url = make_url(address)
    if reason := obstacle(address):
        return Check("database", ok=False, text=f"{reason}; correct DATABASE_URL")
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return Check("database", ok=False, text=f"there is no file {url.database} yet; run: cxidea migrate")
    sessions = open_database(address)
    try:
        revision = revision_of(sessions)
    except SQLAlchemyError as error:
        reason = (str(getattr(error, "orig", None) or error).splitlines() or [""])[0]
        return Check("database", ok=False, text=f"cannot be opened ({reason}); check DATABASE_URL and the server")
    finally:
        sessions.dispose()
    return _migration(revision, url.get_backend_name())


def _migration(revision: str | None, backend: str) -> Check:
    if revision == HEAD:
        return Check("database", ok=True, text=f"{backend}, at its newest migration ({HEAD})")
    if revision and revision > HEAD:
        text = f"was migrated by a newer version ({revision}); this one knows {HEAD}: update cxidea"
    else:
        text = f"is at migration {revision or 'none'}, not {HEAD}; run: cxidea migrate"
    return Check("database", ok=False, text=text)


def _digests(settings: Settings, now: datetime) -> Check:
    schedule = schedule_of(settings)
    moments = [schedule.next_after(now)]
    while len(moments) < 3:  # noqa: PLR2004 -- three show the rhythm, and the change of the clocks
        moments.append(schedule.next_after(moments[-1]))
    text = ", ".join(f"{moment:%a %Y-%m-%d %H:%M}" for moment in moments)
    return Check("next digests", ok=True, text=f"{text} ({settings.cx_timezone})")
