"""What every way in which a call to Slack can fail means for the message."""

import http.client
import socket
import ssl
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookResponse

from bot.outcomes import Failure, Fate, Unrecorded, failure_of, failure_of_reply


def refusal(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    """Return the error that Slack's client raises for an answer."""
    response = SlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=data, headers=headers or {}, status_code=status
    )
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        *((name, Fate.UNKNOWN) for name in ("fatal_error", "internal_error", "service_unavailable", "request_timeout")),
        *((name, Fate.CHANNEL) for name in ("is_archived", "not_in_channel", "channel_not_found", "is_inactive")),
        *((name, Fate.CHANNEL) for name in ("restricted_action", "restricted_action_read_only_channel")),
        *((name, Fate.APP) for name in ("token_revoked", "account_inactive", "invalid_auth", "not_authed")),
        ("missing_scope", Fate.SCOPE),
        *((name, Fate.HOPELESS) for name in ("invalid_blocks", "msg_too_long", "no_text", "metadata_too_large")),
        *((name, Fate.HOPELESS) for name in ("cant_update_message", "edit_window_closed", "user_disabled")),
        ("message_not_found", Fate.GONE),
        *((name, Fate.LIMITED) for name in ("ratelimited", "rate_limited")),
        ("an_error_of_next_year", Fate.TROUBLE),
    ],
)
def test_slacks_own_words(name: str, fate: Fate) -> None:
    """Each error that Slack names stops what it concerns: the message, the channel, the kind of call, the app."""
    assert failure_of(refusal({"ok": False, "error": name})).fate == fate


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (URLError(ConnectionRefusedError()), Fate.AWAY),
        (URLError(socket.gaierror(-2, "unknown name")), Fate.AWAY),
        (URLError(ssl.SSLCertVerificationError("not trusted")), Fate.AWAY),
        (URLError(TimeoutError()), Fate.UNKNOWN),
        (TimeoutError(), Fate.UNKNOWN),
        (ConnectionResetError(), Fate.UNKNOWN),
        (http.client.RemoteDisconnected(""), Fate.UNKNOWN),
        (http.client.IncompleteRead(b"{"), Fate.UNKNOWN),
        (ssl.SSLEOFError(), Fate.UNKNOWN),
        (HTTPError("", 502, "", http.client.HTTPMessage(), None), Fate.UNKNOWN),
        (SlackRequestError("a broken body"), Fate.UNKNOWN),
        (refusal("<html>", 503), Fate.UNKNOWN),
        (refusal({"ok": False, "error": "Received a response in a non-JSON format: <html>"}), Fate.UNKNOWN),
        (Unrecorded(), Fate.UNKNOWN),
    ],
    ids=repr,
)
def test_what_may_have_happened_is_told_from_what_did_not(error: Exception, fate: Fate) -> None:
    """Only what surely never left is counted as not sent; all else is looked for before it is repeated."""
    assert failure_of(error).fate == fate


@pytest.mark.parametrize(("value", "seconds"), [("7", 7.0), ("soon", 5.0), ("", 5.0), ("-3", 5.0)])
def test_retry_after(value: str, seconds: float) -> None:
    """The time that Slack asks for is taken, and a moment where it names none."""
    error = refusal({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": value})
    assert failure_of(error) == Failure(Fate.LIMITED, "ratelimited", seconds)


@pytest.mark.parametrize(
    ("status", "fate"),
    [(200, None), (404, Fate.HOPELESS), (410, Fate.HOPELESS), (429, Fate.LIMITED), (502, Fate.UNKNOWN)],
)
def test_answers_of_a_response_url(status: int, fate: Fate | None) -> None:
    """A used or expired response URL is given up, a busy one waited for."""
    failure = failure_of_reply(WebhookResponse(url="", status_code=status, body="", headers={}))
    assert (failure.fate if failure else None) == fate


def test_a_mistake_of_ours_is_no_answer_of_slacks() -> None:
    """An error that has nothing to do with Slack is raised again, for the log."""
    with pytest.raises(ZeroDivisionError):
        failure_of(ZeroDivisionError())
