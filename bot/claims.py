"""Leases on outbox rows: one process at a time sends a row, and a late one finds its fence token stale."""

import time
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from db.driver import Statement
from db.models import OutboxMessage as Row
from db.session import Sessions
from db.types import DeliveryState, MessageKind

_WAITING = (DeliveryState.DUE, DeliveryState.UNKNOWN, DeliveryState.BLOCKED)
_UNCERTAIN = (DeliveryState.SENDING, DeliveryState.UNKNOWN)


class Call(StrEnum):
    """What a row asks of Slack, each under a limit and a scope of its own."""

    POST = "post"
    CHANGE = "change"
    REPLY = "reply"
    PUBLISH = "publish"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Claim:
    """An outbox row in our hands, as it was when we took it; `held_until` is on the clock of `time.monotonic`."""

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
    last_error: str | None
    held_until: float = 0.0

    @property
    def call(self) -> Call:
        """The kind of call that brings it on."""
        if self.kind == MessageKind.REPLY:
            return Call.REPLY
        if self.kind == MessageKind.HOME:
            return Call.PUBLISH
        if self.kind == MessageKind.NOTICE and self.message_ts is None:
            return Call.LETTER
        return Call.POST if self.message_ts is None else Call.CHANGE

    @property
    def is_held(self) -> bool:
        """Whether nobody else can have taken it yet; a process that slept too long must not call any more."""
        return time.monotonic() < self.held_until

    @property
    def is_uncertain(self) -> bool:
        """Whether it may stand in Slack already, because an earlier attempt ended without an answer."""
        return self.state in _UNCERTAIN

    @property
    def view_args(self) -> dict[str, Any]:
        """What its view needs: the row's own words, and the idea that it shows."""
        return self.args | ({"idea_id": self.idea_id} if self.kind == MessageKind.CARD else {})


@dataclass(frozen=True, slots=True)
class Rest:
    """What is not sent for now: anything to some channels, first posts to others, and whole kinds of calls."""

    channels: Collection[str] = ()
    paused_channels: Collection[str] = ()
    calls: Collection[Call] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which row to take, for `lease` seconds: any that does not rest, or one by its key."""

    now: datetime
    owner: str
    lease: float
    rest: Rest = Rest()
    key: str | None = None


_COLUMNS = tuple(getattr(Row, field.name) for field in fields(Claim) if field.name != "held_until")
_IS_OF = {
    Call.REPLY: Row.kind == MessageKind.REPLY,
    Call.PUBLISH: Row.kind == MessageKind.HOME,
    Call.LETTER: and_(Row.kind == MessageKind.NOTICE, Row.message_ts.is_(None)),
    Call.POST: and_(
        *(Row.kind != kind for kind in (MessageKind.REPLY, MessageKind.HOME, MessageKind.NOTICE)),
        Row.message_ts.is_(None),
    ),
    Call.CHANGE: Row.message_ts.is_not(None),
}
_READY = and_(or_(*(Row.state == state for state in _WAITING)), Row.not_before <= bindparam("now"))
_ABANDONED = and_(Row.state == DeliveryState.SENDING, Row.lease_until < bindparam("now"))


def _is_among(channels: str) -> ColumnElement[bool]:
    """Return whether a row's channel is one of these, which are given as `_listed`: a list that compiles once."""
    return and_(Row.channel_id.is_not(None), bindparam(channels, type_=String).contains(" " + Row.channel_id + " "))


_DUE = (
    select(*_COLUMNS)
    .where(
        Row.wanted_revision > Row.shown_revision,
        or_(_READY, _ABANDONED),
        ~_is_among("resting"),
        or_(~_IS_OF[Call.POST], ~_is_among("paused")),
        *(or_(~kind, bindparam(f"takes_{call}", type_=Boolean)) for call, kind in _IS_OF.items()),
    )
    .order_by(Row.priority, Row.not_before, Row.id)
    .limit(1)
)
_NEXT = Statement(_DUE)
_NEXT_OF_KEY = Statement(_DUE.where(Row.key == bindparam("key")))
_HELD = (
    update(Row)
    .where(Row.id == bindparam("row"), Row.fence == bindparam("fence_seen"))
    .execution_options(synchronize_session=False)
)
_TAKE = Statement(
    _HELD.values(
        state=DeliveryState.SENDING, fence=Row.fence + 1, lease_owner=bindparam("owner"), lease_until=bindparam("until")
    ).returning(Row.id)
)


def claim_next(sessions: Sessions, wanted: Wanted) -> Claim | None:
    """Take the next row that is due, for the time of a lease; None when there is none, or another took it."""
    held_until = time.monotonic() + wanted.lease
    with sessions.single() as connection:
        rows = (_NEXT_OF_KEY if wanted.key else _NEXT).run_each(connection, [_due(wanted)])
    if not rows:
        return None
    seen = Claim(*rows[0])
    until = wanted.now + timedelta(seconds=wanted.lease)
    with sessions.begin() as session:
        of_seen = {"row": seen.id, "fence_seen": seen.fence, "owner": wanted.owner, "until": until}
        taken = _TAKE.run_each(session, [of_seen])
        return replace(seen, fence=seen.fence + 1, held_until=held_until) if taken else None


def finish(session: Session, claim: Claim, **values: Any) -> bool:
    """Record what became of a claimed row; False when the lease was lost, and nothing is recorded."""
    of_claim = {"row": claim.id, "fence_seen": claim.fence, "lease_owner": None, "lease_until": None}
    return bool(session.connection().execute(_HELD, of_claim | values).rowcount)


def is_settled_elsewhere(session: Session, claim: Claim, message_ts: str) -> bool:
    """Return whether the row's message is another one than this by now, and nobody will look for it any more."""
    row = session.execute(select(Row.state, Row.message_ts).where(Row.id == claim.id)).one()
    return row.message_ts != message_ts and row.state not in _UNCERTAIN


def want_again(session: Session, claim: Claim) -> None:
    """Have a row's message shown anew, as its idea is now."""
    session.execute(update(Row).where(Row.id == claim.id).values(wanted_revision=Row.wanted_revision + 1))


def _due(wanted: Wanted) -> dict[str, Any]:
    rest = wanted.rest
    takes = {f"takes_{call}": call not in rest.calls for call in Call}
    told = {"now": wanted.now, "resting": _listed(rest.channels), "paused": _listed(rest.paused_channels)}
    return told | takes | {"key": wanted.key}


def _listed(names: Collection[str]) -> str:
    return "".join(f" {name} " for name in names)
