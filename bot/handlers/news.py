"""What somebody is told: the form in which they choose it."""

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import clock, inbox
from bot.deps import Deps
from bot.handlers.ideas import open_form
from bot.ids import Action, Callback
from bot.payloads import Choice, Press
from bot.services.preferences import choose_kinds, wanted_kinds
from bot.services.readers import choose_digest, is_reader
from bot.services.rights import is_active_person
from bot.views.news import preferences_form


def register(app: App, deps: Deps) -> None:
    """Register the button and the form of what somebody is told."""

    @app.action(Action.NEWS_PREFERENCES)
    def on_preferences_wanted(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        press = Press.parse(body)
        with deps.sessions.reading() as session:
            wanted = wanted_kinds(session, press.user_id, deps.company.news)
            may_read = is_active_person(session, press.user_id)
            wants_digest = is_reader(session, press.user_id) if may_read else None
        open_form(client, press.trigger_id, preferences_form(wanted, wants_digest=wants_digest))
        ack()

    @app.view(Callback.NEWS_PREFERENCES)
    def on_preferences_chosen(ack: Ack, body: dict[str, Any]) -> None:
        choice, now = Choice.parse(body), clock.now()
        with deps.sessions.begin() as session:
            if inbox.is_new(session, f"view:{choice.view_id}", now):
                choose_kinds(session, choice.user_id, choice.kinds, now)
                choose_digest(session, choice.user_id, now, is_wanted=choice.wants_digest)
        ack()
