"""How many messages wait for Slack, and for how long."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from db.models import OutboxMessage
from db.types import DeliveryState, MessageKind

_WAITS_BY_DESIGN = and_(OutboxMessage.kind == MessageKind.NOTICE, OutboxMessage.attempts == 0)
"""News in direct messages keep quiet hours and a pace; they are late when Slack refused them."""
_IS_UNPOSTED = and_(OutboxMessage.message_ts.is_(None), OutboxMessage.kind != MessageKind.HOME, ~_WAITS_BY_DESIGN)
_UNPOSTED_SINCE = case((_IS_UNPOSTED, OutboxMessage.created_at))
"""A row does not say since when a message that stands, or App Home, waits for a change; a first post's age is known."""
_WAITING = (
    select(OutboxMessage.state, func.count(), func.min(_UNPOSTED_SINCE))
    .where(OutboxMessage.wanted_revision > OutboxMessage.shown_revision)
    .group_by(OutboxMessage.state)
)
"""The condition is that of the partial index `ix_outbox_waiting`: what Slack shows already is not read."""


@dataclass(frozen=True, slots=True)
class OutboxFigures:
    """How many rows Slack does not show yet, for every state, and when the oldest without a first post was written.

    Dead ones, which will never be posted, count in their state alone.
    """

    rows: dict[DeliveryState, int]
    oldest_unposted: datetime | None


def outbox_figures(session: Session) -> OutboxFigures:
    """Return the figures of now."""
    found = {DeliveryState(state): (count, oldest) for state, count, oldest in session.execute(_WAITING)}
    rows = {state: found.get(state, (0, None))[0] for state in DeliveryState}
    unposted = [oldest for state, (_, oldest) in found.items() if oldest and state != DeliveryState.DEAD]
    return OutboxFigures(rows, min(unposted, default=None))
