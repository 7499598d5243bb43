"""What the logs may say."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.logs import configure_logging

BODY = {
    "type": "event_callback",
    "token": "verification-abc",
    "team_id": "T1",
    "event": {"type": "message", "text": "Reschedule deliveries", "user": "U1"},
}
SECRETS = [
    "xoxb-123456-abcDEF",
    "xoxe.xoxb-1-abcdef",
    "xapp-1-A012-345-abcdef",
    "https://hooks.slack.com/services/T1/B1/abc",
    "http://127.0.0.1:8300/actions/T1/12/abc",
    "https://example.com/commands/T1/12/abc",
    "wss://wss-primary.example.com/link/?ticket=abc",
    "13345224609.738474920.8088930838d88f008e0",
]


@pytest.fixture(params=["console", "json"])
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Yield what standard error gets."""
    errors = io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    handlers, level = logging.root.handlers[:], logging.root.level
    configure_logging(request.param)
    yield errors
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    logging.getLogger("bot").setLevel(logging.NOTSET)
    structlog.reset_defaults()


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "fields",
    [lambda s: {"note": s}, lambda s: {"deep": [{"in": ("a", s)}]}, lambda s: {s: 1}, lambda s: {"obj": ValueError(s)}],
    ids=["field", "nested", "name", "object"],
)
def test_secret_never_reaches_the_log(log: io.StringIO, secret: str, fields: Any) -> None:
    """Tokens, response URLs, tickets and trigger ids are removed wherever they stand in a line."""
    structlog.get_logger("bot.test").info("happened", **fields(f"before {secret} after"))
    assert "happened" in log.getvalue()
    assert secret not in log.getvalue()


@pytest.mark.parametrize("secret", SECRETS)
def test_secret_in_an_event_name_or_an_error_is_removed(log: io.StringIO, secret: str) -> None:
    """A secret inside an error's text or a library's message is removed too."""
    structlog.get_logger("bot.test").error("failed " + secret, exc_info=ValueError("no " + secret))
    logging.getLogger("waitress").error("lost %s", secret)
    assert "ValueError" in log.getvalue()
    assert secret not in log.getvalue()


@pytest.mark.parametrize("name", ["response_url", "trigger_id", "text", "title", "description", "body", "token"])
def test_people_s_words_are_removed_by_the_field_s_name(log: io.StringIO, name: str) -> None:
    """A field that holds what somebody wrote, or that opens a door, is emptied at any depth."""
    structlog.get_logger("bot.test").info("happened", deep={name: "quite ordinary words"}, **{name: "ordinary words"})
    assert "ordinary words" not in log.getvalue()


def test_error_is_told_without_its_details(log: io.StringIO) -> None:
    """Of an error the log has the place and the first line; parameters and responses stay out."""
    error = SlackApiError("The request failed", {"blocks": "Reschedule"})  # type: ignore[no-untyped-call]
    try:
        try:
            raise error
        except SlackApiError as cause:
            raise RuntimeError("statement failed\n[parameters: Reschedule deliveries]") from cause
    except RuntimeError:
        structlog.get_logger("bot.test").exception("delivery_failed")
    text = log.getvalue()
    assert "statement failed" in text
    assert "The request failed" in text
    assert "test_logs.py" in text
    assert "Reschedule" not in text


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING])
@pytest.mark.parametrize("signature", ["v0=00000000000000000000", None], ids=["bad signature", "unhandled"])
def test_bolt_never_prints_a_body(log: io.StringIO, level: int, signature: str | None) -> None:
    """Whatever the level, Bolt's lines about a forged or an unhandled request carry nothing of its body."""
    logging.root.setLevel(level)
    app = App(
        client=WebClient(token="xoxb-1", base_url="http://127.0.0.1:9/api/"),
        signing_secret="s",
        request_verification_enabled=signature is not None,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="UB"),
    )
    headers: dict[str, Any] = {
        "content-type": ["application/json"],
        "x-slack-signature": ["v0=1"],
        "x-slack-request-timestamp": ["1"],
    }
    app.dispatch(BoltRequest(body=json.dumps(BODY), headers=headers))
    logging.getLogger("app.py:on_event").error("Failed to run listener function (error: %s)", BODY)
    logging.getLogger("slack_sdk.web").debug("Sending %s", BODY)
    assert log.getvalue().count("\n") >= 1
    for words in ("Reschedule", "verification-abc", "team_id"):
        assert words not in log.getvalue()


def test_database_s_lines_carry_no_parameters(log: io.StringIO) -> None:
    """Even switched to its most talkative, SQLAlchemy prints no value."""
    logging.getLogger("sqlalchemy.engine.Engine").error("[generated in 0.1s] ('Reschedule deliveries',)")
    logging.getLogger("sqlalchemy.engine.Engine").error("INSERT INTO ideas VALUES ('Reschedule deliveries')")
    assert "INSERT INTO ideas VALUES" in log.getvalue()
    assert "Reschedule" not in log.getvalue()


def test_crash_of_a_thread_is_one_log_line(log: io.StringIO) -> None:
    """A thread that dies says so in the log, without what its error carried."""
    thread = threading.Thread(target=lambda: json.loads('{"a": Reschedule deliveries'))
    thread.start()
    thread.join()
    assert "crashed" in log.getvalue()
    assert "JSONDecodeError" in log.getvalue()


@pytest.mark.parametrize("log", ["json"], indirect=True)
def test_json_lines_can_be_parsed(log: io.StringIO) -> None:
    """In JSON each line is an object with the event, its level, its logger and the time in UTC."""
    structlog.get_logger("bot.test").warning("happened", idea=12)
    line = json.loads(log.getvalue().splitlines()[-1])
    assert (line["event"], line["level"], line["logger"], line["idea"]) == ("happened", "warning", "bot.test", 12)
    assert line["timestamp"].endswith("Z")


def test_libraries_are_quiet_and_the_bot_is_not(log: io.StringIO) -> None:
    """At the usual level the bot's own notices appear and the libraries' do not."""
    logging.getLogger("slack_sdk.web").info("chatter")
    structlog.get_logger("bot.test").debug("detail")
    structlog.get_logger("bot.test").info("notice")
    assert "notice" in log.getvalue()
    assert "chatter" not in log.getvalue()
    assert "detail" not in log.getvalue()


def test_a_line_cannot_be_forged(log: io.StringIO) -> None:
    """Line ends and a terminal's commands in a value, a name, an event or an error make no line and no colour."""
    forged = "parcels\r\nINFO forged\x1b[31m\x9b31m\u2028more\x07"
    structlog.get_logger("bot.test").info(forged, note=forged, **{forged: 1}, deep=[{forged: forged}])
    logging.getLogger("waitress").error("lost %s", forged)
    structlog.get_logger("bot.test").error("failed", exc_info=ValueError(forged))
    text = log.getvalue()
    assert "parcels" in text
    assert not [line for line in text.splitlines() if line.startswith("INFO")]
    for control in ("\r", "\x1b", "\x9b", "\u2028", "\x07"):
        assert control not in text
