"""What Slack must show. A service raises a message's wanted revision here; `delivery` brings Slack up to it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy.orm import Session

from db.models import OutboxMessage
from db.session import upsert
from db.types import DeliveryState, MessageKind

_REPLY_PRIORITY, _MESSAGE_PRIORITY = 0, 1

_RAISE_CARD = (
    update(OutboxMessage)
    .where(OutboxMessage.key == bindparam("card_key"))
    .values(wanted_revision=OutboxMessage.wanted_revision + 1)
    .execution_options(synchronize_session=False)
)


def card_key(idea_id: int) -> str:
    """Return the unique key of an idea's card."""
    return f"card:{idea_id}"


def enqueue_card(session: Session, idea_id: int, channel_id: str, now: datetime) -> None:
    """Have the idea's card posted in this channel."""
    _enqueue(session, card_key(idea_id), MessageKind.CARD, now, idea_id=idea_id, channel_id=channel_id)


def enqueue_card_refresh(session: Session, idea_id: int) -> None:
    """Have the idea's card shown as the idea is now."""
    session.connection().execute(_RAISE_CARD, {"card_key": card_key(idea_id)})


def enqueue_digest(session: Session, run_id: int, key: str, channel_id: str, now: datetime) -> None:
    """Have a digest posted; the key makes it one for each channel, week and edition."""
    _enqueue(session, key, MessageKind.DIGEST, now, args={"run_id": run_id}, channel_id=channel_id)


def enqueue_reply(session: Session, trigger_id: str, response_url: str | None, now: datetime, **args: Any) -> None:
    """Have a button's presser answered; `args` names the view and the ids that it shows."""
    if response_url is None:
        return  # A press in a form or in App Home has no message of ours to answer in.
    _enqueue(
        session,
        f"reply:{trigger_id}",
        MessageKind.REPLY,
        now,
        args=args,
        response_url=response_url,
        priority=_REPLY_PRIORITY,
    )


def forget_replies_before(session: Session, moment: datetime) -> None:
    """Delete the rows of answers that nobody can see any more."""
    session.execute(
        delete(OutboxMessage).where(OutboxMessage.kind == MessageKind.REPLY, OutboxMessage.created_at < moment)
    )


def void_leases(session: Session, now: datetime) -> None:
    """Take back what a dead process had begun to send; its outcome is unknown."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == DeliveryState.SENDING)
        .values(lease_until=now - timedelta(seconds=1))
    )


def _enqueue(session: Session, key: str, kind: MessageKind, now: datetime, **values: Any) -> None:
    row = {
        "key": key,
        "kind": kind,
        "priority": _MESSAGE_PRIORITY,
        "args": {},
        "post_key": str(uuid.uuid4()),
        "not_before": now,
        "created_at": now,
    }
    session.execute(upsert(session, OutboxMessage, row | values).on_conflict_do_nothing())
