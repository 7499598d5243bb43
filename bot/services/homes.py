"""App Home: what each person looks at there, and when it is shown anew."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import outbox
from bot.looks import HomeLook
from db.models import OutboxMessage

_NOTICE = ("note", "idea_id", "reactions", "text")
"""What an answer to a press may say beside the view in which it stands."""


def open_home(session: Session, user_id: str, now: datetime) -> None:
    """Have App Home shown to somebody who opens it: from the first page, with what they chose last time."""
    change_look(session, user_id, now)


def change_look(session: Session, user_id: str, now: datetime, **changes: Any) -> None:
    """Have App Home shown with another choice; what is not among the changes stays, but for the page."""
    look = replace(look_of(session, user_id), **{"page": 1} | changes)
    outbox.enqueue_home(session, user_id, now, **look.args())


def show_anew(session: Session, user_id: str, now: datetime, answer: Mapping[str, Any]) -> None:
    """Have App Home shown as things are after a press in it, with what the answer says about it above."""
    notice = {name: answer[name] for name in _NOTICE if name in answer}
    outbox.enqueue_home(session, user_id, now, **look_of(session, user_id).args(), notice=notice)


def look_of(session: Session, user_id: str) -> HomeLook:
    """Return what somebody looks at, held until the end of the transaction."""
    kept = select(OutboxMessage.args).where(OutboxMessage.key == outbox.home_key(user_id)).with_for_update()
    return HomeLook.of(session.scalar(kept) or {})
