"""Changing what the company has set: the overview's buttons, and the forms that they open."""

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import clock, inbox, outbox
from bot.deps import Deps
from bot.errors import NotAnAdmin
from bot.handlers.ideas import open_form
from bot.ids import Action, Callback
from bot.payloads import Press
from bot.services.roles import hold_settings
from bot.services.settings import Saving, require_admin, save_form
from bot.setting_forms import FilledSettings, form_address
from bot.settings_page import setting_form, settings_message
from bot.views.message import Message
from bot.views.setting_forms import setting_saved


def show_settings(deps: Deps, user_id: str) -> Message:
    """Return the overview for an admin; raises NotAnAdmin."""
    with deps.sessions.reading() as session:
        return settings_message(session, deps, user_id)


def register(app: App, deps: Deps) -> None:
    """Register the overview's buttons and the forms."""

    @app.action(Action.CHANGE_SETTING)
    def on_change_wanted(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        press = Press.parse(body)
        if view := _form_for(deps, press):
            open_form(client, press.trigger_id, view)
        ack()

    @app.view(Callback.SAVE_SETTING)
    def on_setting_saved(ack: Ack, body: dict[str, Any]) -> None:
        form, now = FilledSettings.parse(body), clock.now()
        with deps.sessions.begin() as session:
            hold_settings(session)
            require_admin(session, form.user_id)
            if inbox.is_new(session, f"view:{form.view_id}", now):
                save_form(Saving(session, form.user_id, now, deps.book.read(session)), form)
                outbox.refresh_home(session, form.user_id)
        deps.book.refresh()
        ack(response_action="update", view=setting_saved(form.address.form))


def _form_for(deps: Deps, press: Press) -> dict[str, Any] | None:
    """Return the form that a button stands for; somebody who is no admin any more sees their App Home without it."""
    try:
        with deps.sessions.reading() as session:
            return setting_form(session, deps, form_address(press.value), press.user_id)
    except NotAnAdmin:
        if not press.is_at_home:
            raise
    with deps.sessions.begin() as session:
        outbox.refresh_home(session, press.user_id)
    return None
