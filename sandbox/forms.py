"""Filling in, sending and closing a modal.

https://docs.slack.dev/surfaces/modals
"""

import logging
from typing import Any

from sandbox.errors import ActError, SlackError
from sandbox.limits import check_view
from sandbox.models import Json, User, View
from sandbox.packets import Reply
from sandbox.parts import Parts
from sandbox.payloads import interaction, view_json
from sandbox.places import visible_view
from sandbox.stateful import elements_in, entered_value, value_in
from sandbox.viewstack import push_view, replace_view

log = logging.getLogger("sandbox.forms")
TROUBLE = "We had some trouble connecting. Try again?"
REQUIRED = "Please complete this required field."


async def submit(parts: Parts, user: User, request: Json) -> Json:
    """Fill the form with `values` (block_id -> text, option value, id or list) and send it.

    As in Slack's client, nothing is sent while a required field is empty or a text too long; `raw` skips that.
    """
    view = visible_view(parts, user, request)
    raw = bool(request.get("raw"))
    enter(view, request.get("values") or {}, raw=raw)
    view.errors = {} if raw else _client_errors(view)
    view.trouble = ""
    sent = not view.errors
    if sent:
        reply = await parts.delivery.ask("interactive", _submission(parts, view))
        _apply(parts, view, reply)
    if view.id in parts.workspace.views:
        parts.workspace.show_view(view)
    left = parts.workspace.stack_of(view)
    top = view_json(parts.workspace, left[-1]) if left else None
    closed = view.id not in parts.workspace.views
    return {"sent": sent, "closed": closed, "errors": view.errors, "trouble": view.trouble, "view": top}


async def close(parts: Parts, user: User, request: Json) -> Json:
    """Close the form without sending it; the app hears of it when the view's notify_on_close is set."""
    view = visible_view(parts, user, request)
    if view.id not in parts.workspace.views:
        raise ActError("The App Home cannot be closed.")
    clears = bool(view.definition.get("clear_on_close"))
    closing = parts.workspace.stack_of(view) if clears else [view]
    for other in reversed(closing):
        parts.workspace.close_view(other)
    for other in reversed(closing):
        if other.definition.get("notify_on_close"):
            fields = {"view": view_json(parts.workspace, other), "is_cleared": clears}
            await parts.delivery.ask("interactive", interaction(parts.workspace, "view_closed", user.id, **fields))
    return {}


def enter(view: View, values: Any, *, raw: bool = False) -> None:
    """Put what a person entered into the view's state; raises ActError for what the form does not have."""
    if not isinstance(values, dict):
        raise ActError("values is an object: block_id -> what was entered.")
    for block_id, given in values.items():
        elements = [element for block, element in elements_in(view.blocks) if block["block_id"] == block_id]
        if raw:
            element = elements[0] if elements else {"type": "plain_text_input", "action_id": block_id}
            view.state[block_id] = {element["action_id"]: _raw_value(element, given)}
        elif len(elements) != 1 or block_id not in view.state:
            raise ActError(f"The form has no field {block_id!r}.")
        else:
            element = elements[0]
            view.state[block_id] = {element["action_id"]: entered_value(element, _typed(element, given))}


def _typed(element: Json, given: Any) -> Any:
    # A single-line field turns pasted line breaks into spaces.
    if element["type"] == "plain_text_input" and not element.get("multiline") and isinstance(given, str):
        return " ".join(given.splitlines())
    return given


def _raw_value(element: Json, given: Any) -> Json:
    if isinstance(given, dict):
        return given
    try:
        return entered_value(element, given)
    except ActError:
        text = {"type": "plain_text", "text": str(given), "emoji": True}
        return {"type": element["type"], "selected_option": {"text": text, "value": given}}


def _client_errors(view: View) -> dict[str, str]:
    errors: dict[str, str] = {}
    for block, element in elements_in(view.blocks):
        if block["type"] != "input":
            continue
        value = value_in(view.state[block["block_id"]][element["action_id"]])
        problem = _client_error(block, element, value)
        if problem:
            errors[block["block_id"]] = problem
    return errors


def _client_error(block: Json, element: Json, value: Any) -> str:
    if value in (None, "", []):
        return "" if block.get("optional") else REQUIRED
    if element["type"] != "plain_text_input":
        return ""
    most, least = element.get("max_length", 3000), element.get("min_length", 0)
    if len(value) > most:
        return f"This must be at most {most} characters."
    return f"This must be at least {least} characters." if len(value) < least else ""


def _submission(parts: Parts, view: View) -> Json:
    fields: Json = {
        "trigger_id": parts.triggers.issue(view.user_id, view.id),
        "view": view_json(parts.workspace, view),
        "response_urls": [],
    }
    return interaction(parts.workspace, "view_submission", view.user_id, **fields)


def _apply(parts: Parts, view: View, reply: Reply) -> None:
    """Do what the answer to a submission says; whatever Slack cannot read leaves the form open, with its trouble."""
    answer = reply.body or {}
    try:
        if not reply.ok or not isinstance(answer, dict):
            view.trouble = TROUBLE
        elif view.id not in parts.workspace.views:
            return  # Closed meanwhile.
        else:
            _respond(parts, view, answer)
    except SlackError as error:
        log.error("The answer to view_submission is refused: %s %s", error.error, error.details)  # noqa: TRY400 - the reason is in it
        view.trouble = TROUBLE


def _respond(parts: Parts, view: View, answer: Json) -> None:
    action = answer.get("response_action")
    if action is None:
        parts.workspace.close_view(view)
    elif action == "clear":
        for other in reversed(parts.workspace.stack_of(view)):
            parts.workspace.close_view(other)
    elif action == "update":
        replace_view(parts.workspace, view, check_view(answer.get("view"), "modal"))
    elif action == "push":
        push_view(parts.workspace, view, check_view(answer.get("view"), "modal"))
    elif action == "errors":
        view.errors = _field_errors(view, answer.get("errors"))
    else:
        raise SlackError("invalid_arguments")


def _field_errors(view: View, errors: Any) -> dict[str, str]:
    """Return the errors; raises SlackError unless each belongs to an input block, as Slack's client shows no other."""
    fields = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= fields:
        raise SlackError("invalid_arguments", errors=errors)
    return errors
