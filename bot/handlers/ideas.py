"""The form, and what its author may still do with a filed idea."""

from datetime import datetime
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy.orm import Session

from bot import clock, inbox, outbox
from bot.catalog import IdeaText
from bot.deps import Deps
from bot.errors import FormNotOpened, UndoTooLate
from bot.handlers.presses import Answer, answer_press
from bot.ids import Action, Callback, Note
from bot.payloads import MessageShortcut, Press, Shortcut, Submission, idea_number, one_line
from bot.rendering import require_idea
from bot.services.ideas import (
    Filing,
    choose_stage,
    edit_idea,
    require_changeable,
    submit_idea,
    undo_idea,
)
from bot.subcommands import draft_of, first_words
from bot.views import forms
from bot.views.forms import edit_form, edited_view, filed_view, idea_form


def open_form(client: WebClient, trigger_id: str, view: dict[str, Any], kept: str | None = None) -> None:
    """Open a form; raises FormNotOpened, which carries what was typed for it, when Slack does not."""
    try:
        client.views_open(trigger_id=trigger_id, view=view)
    except (SlackApiError, SlackClientError, OSError) as error:
        raise FormNotOpened(kept) from error


def register(app: App, deps: Deps) -> None:
    """Register the form, the shortcuts and the receipt's buttons."""
    _register_forms(app, deps)
    _register_shortcuts(app, deps)
    _register_receipt(app, deps)


def _register_forms(app: App, deps: Deps) -> None:
    @app.view(Callback.SUBMIT_IDEA)
    def on_idea_submitted(ack: Ack, body: dict[str, Any]) -> None:
        form = Submission.parse(body)
        if errors := forms.field_errors(form.idea):
            ack(response_action="errors", errors=errors)
            return
        with deps.sessions.begin() as session:
            filing = Filing(f"view:{form.view_id}", form.user_id, form.idea, clock.now())
            idea = require_idea(session, submit_idea(session, filing, deps.rules))
            outbox.refresh_home(session, form.user_id)
        ack(response_action="update", view=filed_view(idea, deps.company.ideas_channel, deps.company.zone))

    @app.view(Callback.EDIT_IDEA)
    def on_idea_edited(ack: Ack, body: dict[str, Any]) -> None:
        form, now = Submission.parse(body), clock.now()
        if errors := forms.field_errors(form.idea):
            ack(response_action="errors", errors=errors)
            return
        with deps.sessions.begin() as session:
            idea_id = idea_number(form.private_metadata)
            if inbox.is_new(session, f"view:{form.view_id}", now):
                edit_idea(session, idea_id, form.user_id, form.idea, now)
                outbox.refresh_home(session, form.user_id)
            idea = require_idea(session, idea_id)
        ack(response_action="update", view=edited_view(idea))


def _register_shortcuts(app: App, deps: Deps) -> None:
    @app.shortcut(Callback.SHARE)
    def on_share_shortcut(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        open_form(client, Shortcut.parse(body).trigger_id, idea_form(IdeaText(), deps.company.lists))
        ack()

    @app.shortcut(Callback.FROM_MESSAGE)
    def on_message_shortcut(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        message = MessageShortcut.parse(body)
        link = None if message.is_private else deps.identity.get().permalink(message.channel_id, message.message_ts)
        draft = IdeaText(first_words(one_line(message.text)), forms.text_of_message(message.text, link))
        notice = forms.PRIVATE_CONVERSATION_NOTICE if message.is_private else None
        open_form(client, message.trigger_id, idea_form(draft, deps.company.lists, notice=notice))
        ack()

    @app.action(Action.OPEN_FORM)
    def on_form_wanted(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        press = Press.parse(body)
        open_form(client, press.trigger_id, idea_form(draft_of(press.value), deps.company.lists), kept=press.value)
        ack()


def _register_receipt(app: App, deps: Deps) -> None:
    @app.action(Action.ADD_DETAILS)
    def on_details_wanted(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        press = Press.parse(body)
        with deps.sessions.reading() as session:
            require_changeable(session, press.number, press.user_id)
            idea = require_idea(session, press.number)
        open_form(client, press.trigger_id, edit_form(idea, deps.company.lists))
        ack()

    @app.action(Action.CHOOSE_STAGE)
    def on_stage_chosen(ack: Ack, body: dict[str, Any]) -> None:
        answer_press(deps, ack, body, _choose_stage)

    @app.action(Action.UNDO)
    def on_undo(ack: Ack, body: dict[str, Any]) -> None:
        answer_press(deps, ack, body, _undo)


def _choose_stage(session: Session, press: Press, _now: datetime) -> Answer:
    idea_id = idea_number(press.block_id.rpartition("|")[2])
    choose_stage(session, idea_id, press.user_id, press.value)
    return {"view": "receipt", "idea_id": idea_id, "note": Note.STAGE_CHOSEN}


def _undo(session: Session, press: Press, now: datetime) -> Answer:
    try:
        undo_idea(session, press.number, press.user_id, now)
    except UndoTooLate:
        return {"view": "too_late", "idea_id": press.number}
    return {"view": "withdrawn", "idea_id": press.number}
