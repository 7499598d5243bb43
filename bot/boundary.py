"""The one error boundary: what went wrong becomes an answer for the person, or a second delivery for an event.

Slack repeats only events. A command, a button or a form that fails gets its text at once, and nothing typed is lost.
"""

import json
import secrets
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

import structlog
from slack_bolt import BoltResponse
from slack_sdk.webhook import WebhookClient
from sqlalchemy.exc import SQLAlchemyError

from bot import clock, outbox, subcommands
from bot.deps import Deps
from bot.errors import BotError, FormNotOpened, MalformedPayload
from bot.identity import IdentityUnknown
from bot.ids import Field
from bot.payloads import clean_text, presser_at_home, response_address
from bot.services.homes import show_anew
from bot.subcommands import Draft, Line
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
        return _under_field(body, getattr(error, "field", None), _field_text(error, reference))
    message = _message(error, reference, _idea_typed(body))
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


def _idea_typed(body: dict[str, Any]) -> str:
    """Return the idea that a command was to file, to give it back; a subcommand is not worth that."""
    text = clean_text(body.get("text")) if "command" in body else ""
    return text if isinstance(subcommands.parse(text), Line | Draft) else ""


def _message(error: Exception, reference: str, typed: str) -> Message:
    if isinstance(error, FormNotOpened) and error.typed is not None:
        return kept_text(error.typed)
    if isinstance(error, BotError):
        return refusal(error.user_text)
    if isinstance(error, (SQLAlchemyError, IdentityUnknown)):
        return database_away(typed=typed)
    return something_broke(reference, typed=typed)


def _field_text(error: Exception, reference: str) -> str:
    if isinstance(error, BotError):
        return error.user_text
    return form_database_away() if isinstance(error, (SQLAlchemyError, IdentityUnknown)) else form_broke(reference)


def _under_field(body: dict[str, Any], wanted: str | None, text: str) -> BoltResponse:
    """Put a text under the field that is wrong, or under the form's first one."""
    try:
        fields = [str(block["block_id"]) for block in body["view"]["blocks"] if block["type"] == "input"]
        field = wanted if wanted in fields else fields[0]
    except (KeyError, TypeError, IndexError):  # No form of ours: Slack then says that something went wrong.
        field = Field.TITLE
    return _json({"response_action": "errors", "errors": {field: text}})


def _answer_press(deps: Deps, error: Exception, body: dict[str, Any], message: Message) -> BoltResponse:
    """Answer a button, menu or shortcut through the outbox, or at once when the database is the trouble.

    What nobody can be told is not acknowledged: then Slack's client says that it did not work.
    """
    if isinstance(error, BotError) and (user_id := presser_at_home(body)):
        return BoltResponse(status=200 if _is_home_told(deps, error, user_id) else 400, body="")
    response_url = response_address(body)
    is_told = response_url is not None and (
        (isinstance(error, BotError) and _is_answer_written(deps, error, response_url, body))
        or _is_answered_at_once(response_url, message)
    )
    if is_told:
        return BoltResponse(status=200, body="")
    return BoltResponse(status=400 if isinstance(error, BotError) else 500, body="")


def _is_answer_written(deps: Deps, error: BotError, response_url: str, body: dict[str, Any]) -> bool:
    key = f"error:{clean_text(body.get('trigger_id'))[:200]}"
    view = {"view": "text", "text": error.user_text}
    if isinstance(error, FormNotOpened) and error.typed is not None:
        view = {"view": "kept", "text": error.typed}
    try:
        with deps.sessions.begin() as session:
            outbox.enqueue_reply(session, key, response_url, clock.now(), replace=False, **view)
    except SQLAlchemyError as away:
        log.warning("request.answer_not_written", error=type(away).__name__)
        return False
    return True


def _is_home_told(deps: Deps, error: BotError, user_id: str) -> bool:
    """Have App Home say what was wrong: a press in it has no other place for an answer."""
    try:
        with deps.sessions.begin() as session:
            show_anew(session, user_id, clock.now(), {"text": error.user_text})
    except SQLAlchemyError as away:
        log.warning("request.answer_not_written", error=type(away).__name__)
        return False
    return True


def _is_answered_at_once(response_url: str, message: Message) -> bool:
    answer = {"response_type": "ephemeral", "replace_original": False, "text": message.text, "blocks": message.blocks}
    try:
        reply = WebhookClient(response_url, timeout=2, retry_handlers=[]).send_dict(answer)
    except (OSError, HTTPException, ValueError) as error:
        log.warning("request.answer_failed", error=type(error).__name__)
        return False
    return reply.status_code == HTTPStatus.OK


def _json(answer: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(answer), headers={"content-type": "application/json"})
