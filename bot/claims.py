"""Leases on outbox rows: one process at a time sends a row, and a late one finds its fence token stale."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from db.models import OutboxMessage as Row
from db.session import Sessions
from db.types import DeliveryState, MessageKind

LEASE = timedelta(seconds=15)
"""Longer than any call to Slack takes: a write times out after ten seconds."""

_WAITING = (DeliveryState.DUE, DeliveryState.UNKNOWN, DeliveryState.BLOCKED)


@dataclass(frozen=True, slots=True)
class Claim:
    """An outbox row in our hands, as it was when we took it."""

    id: int
    key: str
    kind: str
    idea_id: int | None
    args: dict[str, Any]
    channel_id: str | None
    message_ts: str | None
    response_url: str | None
    post_key: str
    wanted_revision: int
    attempts: int
    looks: int
    fence: int
    state: str
    created_at: datetime

    @property
    def is_uncertain(self) -> bool:
        """Whether it may stand in Slack already, because an earlier attempt ended without an answer."""
        return self.state in {DeliveryState.SENDING, DeliveryState.UNKNOWN}

    @property
    def view_args(self) -> dict[str, Any]:
        """What its view needs: the row's own words, and the idea that it shows."""
        return self.args | ({"idea_id": self.idea_id} if self.kind == MessageKind.CARD else {})


@dataclass(frozen=True, slots=True)
class Rest:
    """What is not sent for now: anything to blocked channels, first posts to paused ones, changes of any message."""

    blocked_channels: Collection[str] = ()
    paused_channels: Collection[str] = ()
    has_changes: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows to take: any, or one by its key; `rest` says what Slack asked to spare."""

    now: datetime
    owner: str
    rest: Rest = Rest()
    key: str | None = None


_COLUMNS = tuple(getattr(Row, field.name) for field in fields(Claim))
_TAKE = (
    update(Row)
    .where(Row.id == bindparam("row"), Row.fence == bindparam("fence_seen"))
    .values(
        state=DeliveryState.SENDING,
        fence=Row.fence + 1,
        lease_owner=bindparam("owner"),
        lease_until=bindparam("until"),
    )
    .execution_options(synchronize_session=False)
)


def claim_next(sessions: Sessions, wanted: Wanted) -> Claim | None:
    """Take the next row that is due, for the time of a lease; None when there is none, or another took it."""
    with sessions.reading() as session:
        row = session.execute(
            select(*_COLUMNS).where(_is_due(wanted)).order_by(Row.priority, Row.not_before, Row.id).limit(1)
        ).one_or_none()
    if row is None:
        return None
    claim = Claim(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
    with sessions.begin() as session:
        taken = session.connection().execute(
            _TAKE,
            {"row": claim.id, "fence_seen": claim.fence, "owner": wanted.owner, "until": wanted.now + LEASE},
        )
        return replace(claim, fence=claim.fence + 1) if taken.rowcount else None


def finish(session: Session, claim: Claim, **values: Any) -> bool:
    """Record what became of a claimed row; False when the lease was lost, and nothing is recorded."""
    statement = (
        update(Row)
        .where(Row.id == claim.id, Row.fence == claim.fence)
        .values(lease_owner=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    return bool(session.connection().execute(statement).rowcount)


def _is_due(wanted: Wanted) -> ColumnElement[bool]:
    now = wanted.now
    ready = and_(Row.state.in_(_WAITING), Row.not_before <= now)
    abandoned = and_(Row.state == DeliveryState.SENDING, Row.lease_until < now)
    conditions = [Row.wanted_revision > Row.shown_revision, or_(ready, abandoned)]
    rest = wanted.rest
    is_first = and_(Row.message_ts.is_(None), Row.channel_id.is_not(None))
    if rest.paused_channels:
        conditions.append(or_(~is_first, Row.channel_id.not_in(rest.paused_channels)))
    if rest.blocked_channels:
        conditions.append(or_(Row.channel_id.is_(None), Row.channel_id.not_in(rest.blocked_channels)))
    if rest.has_changes:
        conditions.append(Row.message_ts.is_(None))
    if wanted.key:
        conditions.append(Row.key == wanted.key)
    return and_(*conditions)
