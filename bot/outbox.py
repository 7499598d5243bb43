"""What Slack must show. A service raises a message's wanted revision here; `delivery` brings Slack up to it."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, and_, bindparam, case, delete, insert, select, true, update
from sqlalchemy.orm import Session

from db.driver import Statement
from db.models import Idea, OutboxMessage
from db.session import upsert
from db.types import OPEN_STATUSES, VOTABLE_STATUSES, DeliveryState, MessageKind

_REPLY_PRIORITY, _MESSAGE_PRIORITY, _LETTER_PRIORITY = 0, 1, 2

SHOW_ANEW = update(OutboxMessage).values(wanted_revision=OutboxMessage.wanted_revision + 1)
"""Has messages shown as things are now: to be told which."""

_SHOW_AGAIN = SHOW_ANEW.where(OutboxMessage.key.in_(bindparam("keys", expanding=True))).execution_options(
    synchronize_session=False
)
_REFRESH_CARD = Statement(SHOW_ANEW.where(OutboxMessage.key == bindparam("card_key")))


def card_key(idea_id: int) -> str:
    """Return the unique key of an idea's card."""
    return f"card:{idea_id}"


def enqueue_card(session: Session, idea_id: int, channel_id: str, now: datetime) -> None:
    """Have the idea's card posted in this channel."""
    _enqueue(session, card_key(idea_id), MessageKind.CARD, now, idea_id=idea_id, channel_id=channel_id)


def refresh_cards(session: Session, idea_ids: Iterable[int]) -> None:
    """Have the cards of ideas shown as the ideas are now."""
    _REFRESH_CARD.run_each(session, ({"card_key": card_key(idea_id)} for idea_id in idea_ids))


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


def enqueue_notice(session: Session, key: str, user_id: str, now: datetime, **args: Any) -> None:
    """Have a person told something in a direct message, once for each key; `args` names the view and what it shows."""
    _enqueue(session, key, MessageKind.NOTICE, now, args=args, channel_id=user_id)


def enqueue_thread_note(session: Session, idea_id: int, change_id: int, now: datetime) -> None:
    """Have a change told in the thread of the idea's card, as soon as the card stands there."""
    channel_id = session.scalar(select(OutboxMessage.channel_id).where(OutboxMessage.key == card_key(idea_id)))
    args = {"idea_id": idea_id, "change_id": change_id}
    _enqueue(session, f"thread:{change_id}", MessageKind.THREAD, now, args=args, channel_id=channel_id)


def enqueue_letters(session: Session, letters: Mapping[str, str], now: datetime, **args: Any) -> None:
    """Have people written to in direct messages, by key; they go out after everything else, at a pace of their own."""
    rows = [
        _row(key, MessageKind.NOTICE, now)
        | {"args": args | {"key": key, "user_id": user_id}, "channel_id": user_id, "priority": _LETTER_PRIORITY}
        for key, user_id in letters.items()
    ]
    if rows:
        session.connection().execute(insert(OutboxMessage.__table__), rows)  # type: ignore[arg-type]


def show_again(session: Session, *keys: str) -> None:
    """Have messages, if they are there, shown as things are now; one that is not posted yet says more when it is."""
    session.connection().execute(_SHOW_AGAIN, {"keys": keys})


def enqueue_home(session: Session, user_id: str, now: datetime, **look: Any) -> None:
    """Have a person's App Home shown as things are now; `look` is what they look at, without it: as before.

    It keeps its place among those that wait, and one that was given up is tried again.
    """
    key, args = home_key(user_id), {"user_id": user_id} | look
    _enqueue(session, key, MessageKind.HOME, now, args=args, priority=_REPLY_PRIORITY, wanted_revision=0)
    row = OutboxMessage
    waits = and_(row.wanted_revision > row.shown_revision, row.state != DeliveryState.DEAD, row.not_before < now)
    raised = update(row).where(row.key == key)
    looked = {"args": args} if look else {}
    _count(
        session,
        raised.values(
            wanted_revision=row.wanted_revision + 1,
            not_before=case((waits, row.not_before), else_=now),
            state=case((row.state == DeliveryState.DEAD, DeliveryState.DUE), else_=row.state),
            attempts=0,
            **looked,
        ),
    )


def refresh_home(session: Session, user_id: str) -> None:
    """Have a person's App Home shown anew, if they ever opened it."""
    show_again(session, home_key(user_id))


def home_key(user_id: str) -> str:
    """Return the unique key of a person's App Home."""
    return f"home:{user_id}"


def forget_before(session: Session, moment: datetime) -> None:
    """Delete the rows of answers and notices that are over, and of App Homes that nobody has opened since.

    Nobody changes the ones any more; the others are made anew when they are opened.
    """
    is_over = OutboxMessage.kind.in_([MessageKind.REPLY, MessageKind.NOTICE])
    session.execute(delete(OutboxMessage).where(is_over, OutboxMessage.created_at < moment))
    is_asleep = and_(OutboxMessage.kind == MessageKind.HOME, OutboxMessage.state != DeliveryState.SENDING)
    session.execute(delete(OutboxMessage).where(is_asleep, OutboxMessage.not_before < moment))


def void_leases(session: Session, now: datetime) -> None:
    """Take back what a dead process had begun to send; its outcome is unknown."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == DeliveryState.SENDING)
        .values(lease_until=now - timedelta(seconds=1))
    )


def doubt_first_posts(session: Session, now: datetime) -> int:
    """Have what is not known to stand in Slack looked for there before it is posted; return how many messages."""
    first = update(OutboxMessage).where(
        OutboxMessage.message_ts.is_(None),
        OutboxMessage.kind.not_in([MessageKind.REPLY, MessageKind.HOME]),
        OutboxMessage.wanted_revision > OutboxMessage.shown_revision,
        OutboxMessage.state != DeliveryState.DEAD,
    )
    return _count(
        session,
        first.values(
            state=DeliveryState.UNKNOWN,
            looks=0,
            attempts=0,
            not_before=now,
            lease_owner=None,
            lease_until=None,
            fence=OutboxMessage.fence + 1,
        ),
    )


def adopt(session: Session, key: str, post_key: str, message_ts: str) -> bool:
    """Record where a message stands that nobody here knows to be posted; return False when it was known."""
    unknown = update(OutboxMessage).where(OutboxMessage.key == key, OutboxMessage.message_ts.is_(None))
    shown = {"shown_revision": OutboxMessage.wanted_revision, "state": DeliveryState.DUE}
    return bool(_count(session, unknown.values(post_key=post_key, message_ts=message_ts, **shown)))


def refresh_open_cards(session: Session, now: datetime) -> None:
    """Have the cards of open ideas shown as the ideas are now."""
    is_open = OutboxMessage.idea_id.in_(select(Idea.id).where(Idea.status.in_(OPEN_STATUSES)))
    shown = update(OutboxMessage).where(OutboxMessage.message_ts.is_not(None), is_open)
    _count(session, shown.values(wanted_revision=OutboxMessage.wanted_revision + 1, not_before=now))


def refresh_cards_without_votes(session: Session, filed_since: datetime, now: datetime) -> None:
    """Have the cards shown anew that still say how to vote: those of ideas filed since then that nobody voted for."""
    is_fresh = (Idea.votes == 0, Idea.created_at >= filed_since, Idea.status.in_(OPEN_STATUSES))
    shown = update(OutboxMessage).where(OutboxMessage.idea_id.in_(select(Idea.id).where(*is_fresh)))
    shown = shown.where(OutboxMessage.kind == MessageKind.CARD, OutboxMessage.message_ts.is_not(None))
    _count(session, shown.values(wanted_revision=OutboxMessage.wanted_revision + 1, not_before=now))


def refresh_cards_filed(session: Session, after: datetime, until: datetime | None = None) -> None:
    """Have the cards shown anew of ideas that take votes and were filed after a moment, and until another (None: now).

    One that is on its way is shown again: what it says may have been written down before.
    """
    filed = (Idea.created_at > after, true() if until is None else Idea.created_at <= until)
    ideas = select(Idea.id).where(*filed, Idea.status.in_(VOTABLE_STATUSES))
    _count(session, SHOW_ANEW.where(OutboxMessage.idea_id.in_(ideas), OutboxMessage.kind == MessageKind.CARD))


def forget_replies(session: Session) -> None:
    """Delete all answers to buttons."""
    session.execute(delete(OutboxMessage).where(OutboxMessage.kind == MessageKind.REPLY))


def _count(session: Session, statement: Update) -> int:
    return int(session.connection().execute(statement).rowcount)


def _enqueue(session: Session, key: str, kind: MessageKind, now: datetime, **values: Any) -> None:
    row = _row(key, kind, now) | values
    session.execute(upsert(session, OutboxMessage, row).on_conflict_do_nothing())


def _row(key: str, kind: MessageKind, now: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "kind": kind,
        "priority": _MESSAGE_PRIORITY,
        "args": {},
        "post_key": str(uuid.uuid4()),
        "not_before": now,
        "created_at": now,
    }
