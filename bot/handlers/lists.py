"""Turning the pages of a list."""

from datetime import datetime
from typing import Any

from slack_bolt import Ack, App
from sqlalchemy.orm import Session

from bot.deps import Deps
from bot.handlers.presses import Answer, answer_press
from bot.ids import Action
from bot.payloads import Press, list_request


def register(app: App, deps: Deps) -> None:
    """Register the paging buttons."""

    @app.action(Action.TURN_PAGE)
    def on_page_turned(ack: Ack, body: dict[str, Any]) -> None:
        answer_press(deps, ack, body, _turn_page)

    @app.action(Action.TURN_PAGE_BACK)
    def on_page_turned_back(ack: Ack, body: dict[str, Any]) -> None:
        answer_press(deps, ack, body, _turn_page)


def _turn_page(_session: Session, press: Press, _now: datetime) -> Answer:
    return {"view": "list", "list": list_request(press.value).encode(), "user_id": press.user_id}
