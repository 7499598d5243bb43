"""What a call to Slack came to: done, refused, or unknown, when it may have happened and the answer was lost."""

import http.client
import re
import socket
import ssl
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.error import HTTPError, URLError

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookResponse

_UNKNOWN = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
_CHANNEL = frozenset({"channel_not_found", "not_in_channel", "is_archived", "is_inactive", "messages_tab_disabled"})
_APP = frozenset(
    {
        "account_inactive",
        "access_denied",
        "ekm_access_denied",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
_KIND_OF_CALL = frozenset({"missing_scope", "not_enabled"})
_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format"})
_MESSAGE = frozenset(
    {
        *_BLOCKS,
        "block_mismatch",
        "cant_update_message",
        "edit_window_closed",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "view_too_large",
    }
)
_PERSON = frozenset({"cannot_dm_bot", "user_disabled", "user_not_found", "user_not_visible"})
_GONE = frozenset({"message_not_found", "thread_not_found"})
_LIMITED = frozenset({"ratelimited", "rate_limited"})
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DEFAULT_PAUSE_SECONDS = 5.0


class Fate(StrEnum):
    """What a failed call means for the message."""

    UNKNOWN = "unknown"
    """It may have happened."""
    LIMITED = "limited"
    """Slack asks to wait."""
    CHANNEL = "channel"
    """Nothing happened, and nothing will in this channel until somebody mends it."""
    APP = "app"
    """Nothing happened, and nothing will anywhere until somebody mends the app's token."""
    SCOPE = "scope"
    """Nothing happened, and no call of this kind will until somebody grants the scope, or turns App Home on."""
    HOPELESS = "hopeless"
    """Nothing happened, and this message will never be taken, for its own sake or its reader's."""
    CHARTS = "charts"
    """Nothing happened, and it may be for the message's charts, which not every workspace takes."""
    GONE = "gone"
    """The message to be changed is not there any more."""
    AWAY = "away"
    """Slack was not reached, so nothing happened."""
    TROUBLE = "trouble"
    """Nothing happened; it may work later."""

    @property
    def is_for_an_admin(self) -> bool:
        """Whether it lasts until somebody mends something in Slack."""
        return self in {Fate.CHANNEL, Fate.APP, Fate.SCOPE}


class Unrecorded(Exception):
    """Slack took a message, but the database did not take where it stands."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call failed, in Slack's word for it, and after how many seconds Slack would take another."""

    fate: Fate
    error: str
    retry_after: float = 0.0


def failure_of(error: Exception) -> Failure:
    """Return what an exception of Slack's client means."""
    if isinstance(error, SlackApiError):
        return _refusal(error)
    if isinstance(error, Unrecorded):
        return Failure(Fate.UNKNOWN, "not_recorded")
    if isinstance(error, HTTPError):
        return Failure(Fate.UNKNOWN, f"http_{error.code}")
    if isinstance(error, URLError) and isinstance(error.reason, (ConnectionRefusedError, OSError)):
        return _connection_failure(error.reason)
    if isinstance(error, (OSError, http.client.HTTPException, SlackClientError, ValueError)):
        return _connection_failure(error)
    raise error


def failure_of_reply(answer: WebhookResponse) -> Failure | None:
    """Return why a response_url did not take an answer; None when it did."""
    if answer.status_code == http.client.OK:
        return None
    if answer.status_code == http.client.TOO_MANY_REQUESTS:
        return Failure(Fate.LIMITED, "ratelimited", _retry_after(answer.headers))
    is_theirs = answer.status_code >= http.client.INTERNAL_SERVER_ERROR
    return Failure(Fate.UNKNOWN if is_theirs else Fate.HOPELESS, f"http_{answer.status_code}")


def blamed_on_charts(failure: Failure) -> Failure:
    """Return what the failure of a message with charts means: where its blocks were refused, they come first."""
    return replace(failure, fate=Fate.CHARTS) if failure.error in _BLOCKS else failure


def _connection_failure(error: BaseException) -> Failure:
    # Refused, not resolved or not trusted: the request never left. Anything else may have come after it was read.
    never_sent = isinstance(error, (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError))
    return Failure(Fate.AWAY if never_sent else Fate.UNKNOWN, type(error).__name__)


def _refusal(error: SlackApiError) -> Failure:
    response = error.response
    status = getattr(response, "status_code", 200)
    name = response.get("error") if hasattr(response, "get") and isinstance(response.data, dict) else None
    if status == http.client.TOO_MANY_REQUESTS or name in _LIMITED:
        return Failure(Fate.LIMITED, "ratelimited", _retry_after(response.headers))
    if not isinstance(name, str) or not _NAME.fullmatch(name):  # Not Slack's word: its client quotes a broken body.
        return Failure(Fate.UNKNOWN, f"http_{status}")
    return Failure(_fate_of(name), name)


def _fate_of(name: str) -> Fate:
    if name in _UNKNOWN:
        return Fate.UNKNOWN
    if name in _CHANNEL or name.startswith("restricted_action"):
        return Fate.CHANNEL
    if name in _APP:
        return Fate.APP
    if name in _KIND_OF_CALL:
        return Fate.SCOPE
    if name in _MESSAGE or name in _PERSON:
        return Fate.HOPELESS
    return Fate.GONE if name in _GONE else Fate.TROUBLE


def _retry_after(headers: dict[str, str]) -> float:
    value = next((text for name, text in headers.items() if name.lower() == "retry-after"), "")
    return float(value) if value.isdecimal() else _DEFAULT_PAUSE_SECONDS
