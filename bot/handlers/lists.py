"""Turning the pages of a list, and one idea in full beside it."""

from datetime import datetime
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import clock
from bot.deps import Deps
from bot.handlers.ideas import open_form
from bot.handlers.presses import Answer, answer_press
from bot.ids import Action, ListKind, ListRequest
from bot.payloads import Press, list_request
from bot.rendering import Look, details_form


def register(app: App, deps: Deps) -> None:
    """Register the paging buttons, and *Details*."""

    @app.action(Action.SHOW_DETAILS)
    def on_details_asked(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        press = Press.parse(body)
        if press.response_url is not None:
            answer_press(deps, ack, body, _show_details)
            return
        with deps.sessions.reading() as session:
            view = details_form(session, deps, press.number, Look(press.user_id, clock.now()))
        open_form(client, press.trigger_id, view)
        ack()

    @app.action(Action.TURN_PAGE)
    def on_page_turned(ack: Ack, body: dict[str, Any]) -> None:
        answer_press(deps, ack, body, _turn_page)

    @app.action(Action.TURN_PAGE_BACK)
    def on_page_turned_back(ack: Ack, body: dict[str, Any]) -> None:
        answer_press(deps, ack, body, _turn_page)


def _show_details(_session: Session, press: Press, _now: datetime) -> Answer:
    shown = ListRequest(ListKind.SHOW, str(press.number))
    return {"view": "list", "list": shown.encode(), "user_id": press.user_id, "replace": False}


def _turn_page(_session: Session, press: Press, _now: datetime) -> Answer:
    return {"view": "list", "list": list_request(press.value).encode(), "user_id": press.user_id}
