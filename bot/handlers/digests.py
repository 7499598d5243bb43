"""`/cxidea digest`: look at a week's digest alone, then post it."""

import re
from datetime import UTC, datetime
from typing import Any

from slack_bolt import Ack, App
from sqlalchemy.orm import Session

from bot import clock
from bot.deps import Deps
from bot.digest_rendering import preview_message
from bot.errors import MalformedPayload
from bot.handlers.presses import Answer, answer_press
from bot.ids import Action
from bot.payloads import Press
from bot.services import digests
from bot.services.audit import record
from bot.services.calendar import period_named, rhythm_of
from bot.services.rights import may_see_digest
from bot.views.message import Message
from bot.views.refusals import only_leaders_preview


def preview_digest(deps: Deps, user_id: str) -> Message:
    """Return the running week's digest for a leader's eyes, or why they may not see it."""
    with deps.sessions.reading() as session:
        if not may_see_digest(session, user_id):
            return only_leaders_preview(_first_channel(deps))
        running = digests.request_to_look_at(session, clock.now())
        return preview_message(session, deps, running, user_id)


def register(app: App, deps: Deps) -> None:
    """Register the buttons of the preview."""

    @app.action(re.compile(f"{Action.PREVIEW_DIGEST}|{Action.PREVIEW_OTHER_RHYTHM}"))
    def on_other_week(ack: Ack, body: dict[str, Any]) -> None:
        answer_press(deps, ack, body, _preview)

    @app.action(Action.POST_DIGEST)
    def on_digest_posted(ack: Ack, body: dict[str, Any]) -> None:
        answer_press(deps, ack, body, _post)


def _preview(session: Session, press: Press, now: datetime) -> Answer:
    if not may_see_digest(session, press.user_id):
        return {"view": "only_leaders"}
    try:
        request = digests.request_to_look_at(session, now, _week(press.value))
    except ValueError as error:
        raise MalformedPayload("a week to come") from error
    return {
        "view": "preview",
        "channel_id": request.channel_id,
        "week": request.week,
        "edition": request.edition,
        "timezone": request.timezone,
        "user_id": press.user_id,
    }


def _post(session: Session, press: Press, now: datetime) -> Answer:
    """Ask for the digest in every channel that gets such ones, and say what becomes of it."""
    if not may_see_digest(session, press.user_id):
        return {"view": "only_leaders"}
    week = _week(press.value.partition("/")[0])
    try:
        channels = digests.channels_in(session, rhythm_of(week))
        requests = [digests.current_request(channel, now, week) for channel in channels]
    except ValueError as error:
        raise MalformedPayload("a week to come") from error
    if not requests:
        raise MalformedPayload("no leadership channel")
    asked = [digests.request_digest(session, request, now) for request in requests]
    record(session, now, press.user_id, "digest.posted", week, channels=[request.channel_id for request in requests])
    view = "digest_on_its_way" if any(asked) else "digest_posted_before"
    return {"view": view, "channel_ids": [request.channel_id for request in requests], "week": week}


def _week(name: str) -> str:
    try:
        return period_named(name, UTC).name
    except ValueError as error:
        raise MalformedPayload("not a week") from error


def _first_channel(deps: Deps) -> str | None:
    return next(iter(deps.company.digest_channels), None)
