"""Turning the pages of a list."""

from typing import Any

from slack_bolt import Ack, App

from bot import clock, inbox, outbox
from bot.deps import Deps
from bot.ids import Action
from bot.payloads import Press, list_request


def register(app: App, deps: Deps) -> None:
    """Register the paging buttons."""

    @app.action(Action.TURN_PAGE)
    def on_page_turned(ack: Ack, body: dict[str, Any]) -> None:
        _turn_page(deps, body)
        ack()

    @app.action(Action.TURN_PAGE_BACK)
    def on_page_turned_back(ack: Ack, body: dict[str, Any]) -> None:
        _turn_page(deps, body)
        ack()


def _turn_page(deps: Deps, body: dict[str, Any]) -> None:
    press, now = Press.parse(body), clock.now()
    shown = {"view": "list", "list": list_request(press.value).encode(), "user_id": press.user_id}
    with deps.sessions.begin() as session:
        if inbox.is_new(session, f"press:{press.trigger_id}", now):
            outbox.enqueue_reply(session, press.trigger_id, press.response_url, now, **shown)
