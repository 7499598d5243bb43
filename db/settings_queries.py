"""Reads of what the company has set: saved values, its lists, its digests."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from db.digest_models import DigestChannel
from db.models import OutboxMessage, SavedSetting, Stage, Touchpoint
from db.types import Rhythm

_SAVED = select(SavedSetting.name, SavedSetting.value, SavedSetting.saved_by, SavedSetting.saved_at)


@dataclass(frozen=True, slots=True)
class SavedValue:
    """What somebody saved, who and when; the value is None for what has tables of its own."""

    value: Any
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A stage or touchpoint; only stages have an owner (a person or a user group) and a deputy."""

    key: str
    name: str
    is_active: bool
    owner_id: str | None = None
    deputy_id: str | None = None


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """When a leadership channel gets its digest, and of which stages it tells (None: all).

    Its dates are written in `language`; None: in English.
    """

    channel_id: str
    weekday: int
    hour_minute: str
    timezone: str
    stages: tuple[str, ...] | None
    rhythm: Rhythm = Rhythm.WEEKLY
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """What stands in tables of its own, and who saved which setting when; retired entries come last."""

    saved: Mapping[str, SavedValue]
    stages: tuple[ListEntry, ...]
    touchpoints: tuple[ListEntry, ...]
    digests: tuple[DigestPlan, ...]

    @property
    def active_stages(self) -> tuple[ListEntry, ...]:
        """The stages on the list."""
        return tuple(stage for stage in self.stages if stage.is_active)

    @property
    def active_touchpoints(self) -> tuple[ListEntry, ...]:
        """The touchpoints on the list."""
        return tuple(touchpoint for touchpoint in self.touchpoints if touchpoint.is_active)


def saved_values(session: Session) -> dict[str, SavedValue]:
    """Return what was saved, by the setting's name."""
    return {row.name: SavedValue(row.value, row.saved_by, row.saved_at) for row in session.execute(_SAVED)}


def active_names(session: Session, entries: type[Stage | Touchpoint]) -> dict[str, str]:
    """Return the entries on a list, by key, in the company's order."""
    rows = session.execute(select(entries.key, entries.name).where(entries.is_active).order_by(entries.position))
    return dict(rows.all())


_NEXT_CARD_CHANNEL = select(func.min(OutboxMessage.channel_id)).where(
    text("kind = 'card'"), OutboxMessage.channel_id > bindparam("after")
)
"""Asked from channel to channel, in the words of the index for it: a DISTINCT would go through all cards."""


def card_channels(session: Session) -> frozenset[str]:
    """Return the channels in which cards stand or are to stand."""
    found = set[str]()
    while (channel_id := session.scalar(_NEXT_CARD_CHANNEL, {"after": max(found, default="")})) is not None:
        found.add(channel_id)
    return frozenset(found)


def read_configuration(session: Session) -> Configuration:
    """Return what the overview and the forms of settings show beside the values that hold."""
    return Configuration(saved_values(session), stages(session), touchpoints(session), digest_plans(session))


def stages(session: Session) -> tuple[ListEntry, ...]:
    """Return all stages, those on the list first, in the company's order."""
    rows = session.scalars(select(Stage).order_by(Stage.is_active.desc(), Stage.position, Stage.key))
    return tuple(ListEntry(row.key, row.name, row.is_active, row.owner_id, row.deputy_id) for row in rows)


def touchpoints(session: Session) -> tuple[ListEntry, ...]:
    """Return all touchpoints, those on the list first, in the company's order."""
    rows = session.scalars(
        select(Touchpoint).order_by(Touchpoint.is_active.desc(), Touchpoint.position, Touchpoint.key)
    )
    return tuple(ListEntry(row.key, row.name, row.is_active) for row in rows)


def digest_plans(session: Session) -> tuple[DigestPlan, ...]:
    """Return the channels that get a digest."""
    rows = session.scalars(select(DigestChannel).where(DigestChannel.is_active).order_by(DigestChannel.channel_id))
    return tuple(map(_plan, rows))


def _plan(row: DigestChannel) -> DigestPlan:
    return DigestPlan(
        channel_id=row.channel_id,
        weekday=row.weekday,
        hour_minute=row.hour_minute,
        timezone=row.timezone,
        stages=None if row.stages is None else tuple(row.stages),
        rhythm=Rhythm(row.rhythm),
        language=row.language,
    )
