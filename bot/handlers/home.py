"""App Home: opening it, and choosing what it shows."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot import clock, inbox
from bot.deps import Deps
from bot.ids import Action
from bot.looks import HomeOwner, HomeStatus, chosen_stage, page_number
from bot.payloads import HomeOpening, Press, event_id, strict
from bot.services.homes import change_look, open_home


def register(app: App, deps: Deps) -> None:
    """Register the opening of App Home, its filters and its pages."""

    @app.event("app_home_opened")
    def on_home_opened(event: dict[str, Any], body: dict[str, Any]) -> None:
        opening, now = HomeOpening.parse(event), clock.now()
        if opening is None:
            return
        key = f"event:{event_id(body)}"
        with deps.sessions.begin() as session:
            if inbox.is_new(session, key, now):
                open_home(session, opening.user_id, now)

    for action, read in _CHOICES.items():
        _register_choice(app, deps, action, read)


def _register_choice(app: App, deps: Deps, action: Action, read: Callable[[str], dict[str, Any]]) -> None:
    @app.action(action)
    def on_look_changed(ack: Ack, body: dict[str, Any]) -> None:
        press, now = Press.parse(body), clock.now()
        changes = read(press.value)
        with deps.sessions.begin() as session:
            if inbox.is_new(session, f"press:{press.trigger_id}", now):
                change_look(session, press.user_id, now, **changes)
        ack()


@strict
def _status(value: str) -> dict[str, Any]:
    return {"status": HomeStatus(value)}


@strict
def _stage(value: str) -> dict[str, Any]:
    chosen_stage(value)
    return {"stage": value}


@strict
def _owner(value: str) -> dict[str, Any]:
    return {"owner": HomeOwner(value)}


@strict
def _page(value: str) -> dict[str, Any]:
    return {"page": page_number(value)}


_CHOICES: dict[Action, Callable[[str], dict[str, Any]]] = {
    Action.CHOOSE_HOME_STATUS: _status,
    Action.CHOOSE_HOME_STAGE: _stage,
    Action.CHOOSE_HOME_OWNER: _owner,
    Action.TURN_HOME_PAGE: _page,
    Action.TURN_HOME_PAGE_BACK: _page,
}
