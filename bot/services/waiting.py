"""Messages that Slack does not show yet, or never will, and what a person decides about them."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from bot.services.audit import record
from db.digest_models import DigestRun
from db.models import OutboxMessage as Row
from db.models import Vote
from db.types import DeliveryState, MessageKind

DROPPED = "dropped"
_LOST = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_IS_WAITING = and_(Row.state != DeliveryState.DEAD, Row.wanted_revision > Row.shown_revision)
_IS_DEAD = and_(Row.state == DeliveryState.DEAD, Row.kind != MessageKind.REPLY, Row.last_error != DROPPED)
_IS_UNCERTAIN = Row.state.in_([DeliveryState.SENDING, DeliveryState.UNKNOWN])


class NotWaiting(Exception):
    """No message with this key waits or is given up."""


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message that Slack does not show as it should; `is_posted`: an earlier state of it stands there."""

    key: str
    kind: MessageKind
    state: DeliveryState
    created_at: datetime
    last_error: str | None
    is_posted: bool

    @property
    def is_lost(self) -> bool:
        """Whether its message in Slack is gone, or cannot be changed any more."""
        return self.state == DeliveryState.DEAD and self.last_error in _LOST


def waiting_messages(session: Session) -> list[WaitingMessage]:
    """Return what waits or is given up, the oldest first; answers that nobody can see any more are left out."""
    rows = session.scalars(select(Row).where(or_(_IS_WAITING, _IS_DEAD)).order_by(Row.created_at, Row.id))
    return [_message(row) for row in rows]


def retry(session: Session, key: str, now: datetime) -> None:
    """Have a message sent now, without looking whether it stands already; raises NotWaiting.

    One that is gone from Slack is posted anew; the votes that stood on it as reactions stay, as votes by button.
    """
    row = _take(session, key)
    if _message(row).is_lost:
        row.message_ts, row.post_key, row.shown_revision = None, str(uuid.uuid4()), 0
        _keep_votes(session, row.idea_id)
    row.state, row.not_before = DeliveryState.DUE, now
    row.attempts, row.looks, row.last_error = 0, 0, None
    record(session, now, None, "outbox.retried", key)


def drop(session: Session, key: str, now: datetime) -> None:
    """Never send a message; raises NotWaiting."""
    row = _take(session, key)
    row.state, row.last_error, row.response_url = DeliveryState.DEAD, DROPPED, None
    record(session, now, None, "outbox.dropped", key)


def stray_copies(session: Session, keys: Mapping[str, str]) -> list[str]:
    """Return the time stamps, of those given with their keys, that are second copies of a message that is settled."""
    rows = session.execute(
        select(Row.post_key, Row.message_ts).where(
            Row.post_key.in_(keys.values()), ~_IS_UNCERTAIN, Row.wanted_revision <= Row.shown_revision
        )
    )
    settled = {row.post_key: row.message_ts for row in rows}
    return [ts for ts, key in keys.items() if key in settled and settled[key] != ts]


def digest_channels_since(session: Session, moment: datetime) -> Iterable[str]:
    """Return the channels into which digests went from then on."""
    posted = select(DigestRun.channel_id).where(DigestRun.prepared_at >= moment).distinct()
    return [str(channel_id) for channel_id in session.scalars(posted)]


def _take(session: Session, key: str) -> Row:
    """Return a row to change; whoever is sending it finds the fence token stale."""
    row = session.scalar(select(Row).where(Row.key == key, or_(_IS_WAITING, _IS_DEAD)).with_for_update())
    if row is None:
        raise NotWaiting(key)
    row.fence += 1
    row.lease_owner = row.lease_until = None
    return row


def _keep_votes(session: Session, idea_id: int | None) -> None:
    session.execute(update(Vote).where(Vote.idea_id == idea_id, Vote.by_reaction).values(by_button=True))


def _message(row: Row) -> WaitingMessage:
    is_posted = row.message_ts is not None
    return WaitingMessage(
        row.key, MessageKind(row.kind), DeliveryState(row.state), row.created_at, row.last_error, is_posted
    )
