"""The one error boundary: what went wrong becomes an answer for the person, or a second delivery for an event.

Slack repeats only events. A command, a button or a form that fails gets its text at once, and nothing typed is lost.
"""

import json
import secrets
from typing import Any

import structlog
from slack_bolt import BoltResponse
from slack_sdk.webhook import WebhookClient
from sqlalchemy.exc import SQLAlchemyError

from bot import clock, outbox
from bot.deps import Deps
from bot.errors import BotError, FormNotOpened, MalformedPayload
from bot.identity import IdentityUnknown
from bot.views.message import Message
from bot.views.receipts import kept_text
from bot.views.refusals import database_away, form_broke, form_database_away, refusal, something_broke

log = structlog.get_logger()


def answer_error(deps: Deps, error: Exception, body: dict[str, Any]) -> BoltResponse:
    """Return what Slack is told when a handler raised."""
    reference = secrets.token_hex(2)
    _log(error, reference)
    if body.get("type") == "event_callback":
        return BoltResponse(status=200 if isinstance(error, BotError) else 500, body="")
    if body.get("type") == "view_submission":
        return _under_first_field(body, _field_text(error, reference))
    message = _message(error, reference, str(body.get("text") or ""))
    if "command" in body:
        return _json({"response_type": "ephemeral", "text": message.text, "blocks": message.blocks})
    return _answer_press(deps, error, body, message)


def _log(error: Exception, reference: str) -> None:
    if isinstance(error, MalformedPayload):
        log.warning("request.malformed", what=error.what)
    elif isinstance(error, BotError):
        log.info("request.refused", reason=type(error).__name__)
    else:
        log.error("request.failed", reference=reference, error=type(error).__name__, exc_info=error)


def _message(error: Exception, reference: str, typed: str) -> Message:
    if isinstance(error, FormNotOpened):
        return kept_text(error.typed)
    if isinstance(error, BotError):
        return refusal(error.user_text)
    if isinstance(error, (SQLAlchemyError, IdentityUnknown)):
        return database_away(typed=typed)
    return something_broke(reference, typed=typed)


def _field_text(error: Exception, reference: str) -> str:
    if isinstance(error, BotError):
        return error.user_text
    return form_database_away() if isinstance(error, SQLAlchemyError) else form_broke(reference)


def _under_first_field(body: dict[str, Any], text: str) -> BoltResponse:
    blocks = body.get("view", {}).get("blocks", [])
    field = next((block["block_id"] for block in blocks if block.get("type") == "input"), "title")
    return _json({"response_action": "errors", "errors": {field: text}})


def _answer_press(deps: Deps, error: Exception, body: dict[str, Any], message: Message) -> BoltResponse:
    """Answer a button, menu or shortcut through the outbox, or at once when the database is the trouble."""
    response_url, trigger_id = body.get("response_url"), str(body.get("trigger_id", ""))
    if not response_url:
        return BoltResponse(status=200, body="")
    if not isinstance(error, BotError):
        _answer_at_once(response_url, message)
        return BoltResponse(status=200, body="")
    view = {"view": "text", "text": error.user_text}
    if isinstance(error, FormNotOpened):
        view = {"view": "kept", "text": error.typed}
    with deps.sessions.begin() as session:
        outbox.enqueue_reply(session, f"error:{trigger_id}", response_url, clock.now(), replace=False, **view)
    return BoltResponse(status=200, body="")


def _answer_at_once(response_url: str, message: Message) -> None:
    answer = {"response_type": "ephemeral", "replace_original": False, "text": message.text, "blocks": message.blocks}
    try:
        WebhookClient(response_url, timeout=2, retry_handlers=[]).send_dict(answer)
    except OSError as error:
        log.warning("request.answer_failed", error=type(error).__name__)


def _json(answer: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(answer), headers={"content-type": "application/json"})
