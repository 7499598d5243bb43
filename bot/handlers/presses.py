"""What every button and menu does that changes or shows something: once, in one transaction, with an answer."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt import Ack
from sqlalchemy.orm import Session

from bot import clock, inbox, outbox
from bot.deps import Deps
from bot.payloads import Press
from bot.services.homes import show_anew

Answer = dict[str, Any]
"""The view and the ids that the presser is shown in place of the message with the button."""


def answer_press(
    deps: Deps, ack: Ack, body: dict[str, Any], decide: Callable[[Session, Press, datetime], Answer]
) -> None:
    """Carry a press out and have its presser answered, in App Home by itself; one that comes again changes nothing."""
    press, now = Press.parse(body), clock.now()
    with deps.sessions.begin() as session:
        if inbox.is_new(session, f"press:{press.trigger_id}", now):
            answer = decide(session, press, now)
            if press.is_at_home:
                show_anew(session, press.user_id, now, answer)
            else:
                outbox.enqueue_reply(session, press.trigger_id, press.response_url, now, **answer)
    ack()
