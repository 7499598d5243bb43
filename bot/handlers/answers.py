"""Answering ideas and handing them on: a form for what needs words, a press for what does not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import clock, inbox, outbox
from bot.answer_forms import AnswerForm, Wish
from bot.deeds import Deed
from bot.deps import Deps
from bot.errors import AnsweredMeanwhile, MalformedPayload
from bot.handlers.ideas import open_form
from bot.handlers.presses import Answer, answer_press
from bot.ids import LIST_BLOCK_SEPARATOR, Action, Note
from bot.payloads import Press, list_request
from bot.rendering import answer_offer, require_idea
from bot.services.answers import Decision, decide, lock_idea, require_seen
from bot.services.conditions import check_target, check_words
from bot.services.owners import Route, route, sponsor
from bot.services.rights import require
from bot.views.answers import FORMS, PREVIEWED, answer_form, decided_view, preview_form
from bot.views.deeds import BUTTONS, JUST_DO_IT_WORDS

_AT_ONCE: Mapping[Deed, Note] = {
    Deed.SPONSOR: Note.SPONSORED,
    Deed.REVIEW: Note.REVIEWED,
    Deed.JUST_DO_IT: Note.GOES_AHEAD,
    Deed.WITHDRAW: Note.WITHDRAWN,
}
"""What needs no form, and what its presser reads afterwards."""


def register(app: App, deps: Deps) -> None:
    """Register a listener for each deed's button, for the menu of the others, and for each form."""
    for deed, (action, _words) in BUTTONS.items():
        _register_button(app, deps, action, deed)
    for form_deed in FORMS:
        _register_form(app, deps, form_deed)

    @app.action(Action.MORE_DEEDS)
    def on_deed_chosen(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        _on_pressed(deps, ack, client, body, Wish.decode(Press.parse(body).value))


def _register_button(app: App, deps: Deps, action: Action, deed: Deed) -> None:
    @app.action(action)
    def on_deed_pressed(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        _on_pressed(deps, ack, client, body, Wish(deed, Press.parse(body).number))


def _register_form(app: App, deps: Deps, deed: Deed) -> None:
    @app.view(FORMS[deed])
    def on_form_sent(ack: Ack, body: dict[str, Any]) -> None:
        form = AnswerForm.parse(body)
        is_new = deed in PREVIEWED and form.previewed != form.draft.digest
        try:
            view = _preview(deps, deed, form) if is_new else _sent(deps, deed, form)
        except AnsweredMeanwhile:
            view = _overtaken(deps, deed, form)
        ack(response_action="update", view=view)


def _sent(deps: Deps, deed: Deed, form: AnswerForm) -> dict[str, Any]:
    now = clock.now()
    with deps.sessions.begin() as session:
        if inbox.is_new(session, f"view:{form.view_id}", now):
            _carry_out(session, deps, deed, form, now)
            outbox.refresh_home(session, form.user_id)
        idea = require_idea(session, form.idea_id)
    return decided_view(deed, idea, deps.company.zone)


def _overtaken(deps: Deps, deed: Deed, form: AnswerForm) -> dict[str, Any]:
    """Return the form with what was written in it, below the answer that somebody else has given meanwhile."""
    with deps.sessions.reading() as session:
        idea = require_idea(session, form.idea_id)
        return answer_form(deed, idea, answer_offer(session, idea), form.draft, is_overtaken=True)


def _on_pressed(deps: Deps, ack: Ack, client: WebClient, body: dict[str, Any], wish: Wish) -> None:
    if wish.deed in FORMS:
        _open(deps, client, Press.parse(body), wish)
        ack()
        return

    def do_at_once(session: Session, press: Press, now: datetime) -> Answer:
        _do(session, deps, Decision(wish.deed, wish.idea_id, press.user_id, now))
        outbox.refresh_home(session, press.user_id)
        return _answer(press, wish)

    answer_press(deps, ack, body, do_at_once)


def _open(deps: Deps, client: WebClient, press: Press, wish: Wish) -> None:
    with deps.sessions.reading() as session:
        idea = require_idea(session, wish.idea_id)
        require(session, wish.deed, idea, press.user_id)
        view = answer_form(wish.deed, idea, answer_offer(session, idea))
    open_form(client, press.trigger_id, view)


def _preview(deps: Deps, deed: Deed, form: AnswerForm) -> dict[str, Any]:
    """Return the form with the answer above it as its author will read it; raises what sending it would raise."""
    with deps.sessions.reading() as session:
        idea, target = require_idea(session, form.idea_id), None
        require(session, deed, idea, form.user_id)
        require_seen(idea, form.seen)
        if deed is Deed.MERGE:
            check_target(session, idea.id, form.draft.into_number)
            target = require_idea(session, form.draft.into_number or 0)
        check_words(deed, form.draft.text)
    return preview_form(deed, idea, form.draft, form.user_id, target)


def _carry_out(session: Session, deps: Deps, deed: Deed, form: AnswerForm, now: datetime) -> None:
    draft = form.draft
    if deed is Deed.ROUTE:
        handed = Route(form.idea_id, form.user_id, draft.text, now, draft.person_id, draft.stage)
        route(session, lock_idea(session, form.idea_id), handed)
        return
    decision = Decision(
        deed,
        form.idea_id,
        form.user_id,
        now,
        draft.text,
        draft.status,
        draft.until,
        draft.condition,
        draft.into_number,
        form.seen,
    )
    decide(session, decision, deps.rules)


def _do(session: Session, deps: Deps, decision: Decision) -> None:
    match decision.deed:
        case Deed.SPONSOR:
            sponsor(session, lock_idea(session, decision.idea_id), decision.actor_id, decision.at)
        case Deed.JUST_DO_IT:
            decide(session, replace(decision, text=JUST_DO_IT_WORDS), deps.rules)
        case _:
            decide(session, decision, deps.rules)


def _answer(press: Press, wish: Wish) -> Answer:
    """Return the list that the button stands in, as it is after the press, or a line where it stands in none."""
    noted = {"idea_id": wish.idea_id, "note": _AT_ONCE[wish.deed]}
    try:
        shown = list_request(press.block_id.rpartition(LIST_BLOCK_SEPARATOR)[0])
    except MalformedPayload:
        return noted | {"view": "noted", "replace": False}
    return noted | {"view": "list", "list": shown.encode(), "user_id": press.user_id}
