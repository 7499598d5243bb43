"""When a digest is due, that it goes out once, and what it says."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import outbox
from bot.services.calendar import Week
from db.models import DigestChannel, DigestRun, OutboxMessage
from db.session import upsert
from db.types import Edition

LATEST = timedelta(days=3)
"""After so long a missed digest is not posted any more; the next one is near."""

_ON_TIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A weekly moment: weekday (Monday is 0), hour and minute, in a time zone."""

    weekday: int
    hour_minute: str
    timezone: str

    def last_before(self, moment: datetime) -> datetime:
        """Return the last scheduled moment that is not after this one, in UTC."""
        day = moment.astimezone(ZoneInfo(self.timezone)).date()
        day -= timedelta(days=(day.weekday() - self.weekday) % 7)
        slot = self._on(day)
        return slot if slot <= moment else self._on(day - timedelta(days=7))

    def next_after(self, moment: datetime) -> datetime:
        """Return the first scheduled moment after this one, in its time zone."""
        zone = ZoneInfo(self.timezone)
        day = moment.astimezone(zone).date()
        day += timedelta(days=(self.weekday - day.weekday()) % 7)
        slot = self._on(day)
        return (slot if slot > moment else self._on(day + timedelta(days=7))).astimezone(zone)

    def _on(self, day: date) -> datetime:
        # In UTC: two moments in one zone are compared by the clock on the wall, which goes back once a year.
        local = datetime.combine(day, time.fromisoformat(self.hour_minute), ZoneInfo(self.timezone))
        return local.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class DigestRequest:
    """One edition of one week's digest for one channel."""

    channel_id: str
    week: str
    edition: Edition
    timezone: str
    is_late: bool = False

    @property
    def key(self) -> str:
        """The unique key of its message: one for each channel, week and edition."""
        return f"digest:{self.channel_id}:{self.week}" + (":so-far" if self.edition == Edition.SO_FAR else "")


def set_channels(session: Session, channel_ids: Iterable[str], schedule: Schedule, now: datetime) -> None:
    """Make these the channels that get a digest, at this moment of the week; what is new is due from now on."""
    active = list(channel_ids)
    session.execute(update(DigestChannel).where(DigestChannel.channel_id.not_in(active)).values(is_active=False))
    known = {row.channel_id: row for row in session.scalars(select(DigestChannel))}
    for channel_id in active:
        row = known.get(channel_id)
        if row is None or not row.is_active or schedule_of(row) != schedule:
            session.merge(DigestChannel(channel_id=channel_id, since=now, is_active=True, **asdict(schedule)))


def active_channels(session: Session) -> list[DigestChannel]:
    """Return the channels that get a digest."""
    return list(
        session.scalars(select(DigestChannel).where(DigestChannel.is_active).order_by(DigestChannel.channel_id))
    )


def schedule_of(channel: DigestChannel) -> Schedule:
    """Return when a channel's digest is due."""
    return Schedule(channel.weekday, channel.hour_minute, channel.timezone)


def due_digests(session: Session, now: datetime) -> list[DigestRequest]:
    """Return the digests whose hour has come and that nobody has asked for yet."""
    requests = [_due(channel, now) for channel in active_channels(session)]
    return [request for request in requests if request and not is_requested(session, request)]


def current_request(channel: DigestChannel, now: datetime, week: str | None = None) -> DigestRequest:
    """Return the digest that a person means: of a named week, else of the last whole one; raises ValueError."""
    return request_for(channel.channel_id, schedule_of(channel), now, week)


def request_for(channel_id: str, schedule: Schedule, now: datetime, week: str | None = None) -> DigestRequest:
    """Return `current_request` for a channel that the database need not know."""
    zone = ZoneInfo(schedule.timezone)
    running = Week.containing(now, zone)
    wanted = Week.named(week, zone) if week else running.before
    if wanted.monday > running.monday:
        raise ValueError(f"{wanted.name} has not begun yet")
    edition = Edition.SO_FAR if wanted == running else Edition.REGULAR
    return DigestRequest(channel_id, wanted.name, edition, schedule.timezone)


def running_week(session: Session, now: datetime, week: str | None = None) -> DigestRequest:
    """Return the first leadership channel's digest of the running week, or of a named one; for looking at it."""
    channel = active_channels(session)[0]
    return current_request(channel, now, week or Week.containing(now, ZoneInfo(channel.timezone)).name)


def request_digest(session: Session, request: DigestRequest, now: datetime) -> bool:
    """Write the row that decides that this digest goes out; return False when it is there already."""
    row = {
        "channel_id": request.channel_id,
        "week": request.week,
        "edition": request.edition,
        "timezone": request.timezone,
        "is_late": request.is_late,
        "requested_at": now,
    }
    return bool(session.connection().execute(upsert(session, DigestRun, row).on_conflict_do_nothing()).rowcount)


def is_requested(session: Session, request: DigestRequest) -> bool:
    """Return whether this digest went out, or is about to."""
    return _run_of(session, request) is not None


def is_prepared(session: Session, request: DigestRequest) -> bool:
    """Return whether a requested digest's votes have been compared with Slack, so that it is on its way."""
    run = _run_of(session, request)
    return run is not None and run.prepared_at is not None


def unprepared_runs(session: Session) -> list[DigestRun]:
    """Return the digests that are wanted and whose votes have not been compared with Slack yet."""
    return list(session.scalars(select(DigestRun).where(DigestRun.prepared_at.is_(None)).order_by(DigestRun.id)))


def enqueue_run(session: Session, request: DigestRequest, now: datetime) -> None:
    """Have a requested digest posted: its votes have been compared with Slack as well as time allowed."""
    run = _run_of(session, request)
    if run is not None and run.prepared_at is None:
        run.prepared_at = now
        outbox.enqueue_digest(session, run.id, request.key, request.channel_id, now)


def request_of(run: DigestRun) -> DigestRequest:
    """Return the request that a run answers."""
    return DigestRequest(run.channel_id, run.week, Edition(run.edition), run.timezone, run.is_late)


def posted_ts(session: Session, request: DigestRequest) -> str | None:
    """Return where a digest stands in its channel, or None while it is not posted."""
    return session.scalar(select(OutboxMessage.message_ts).where(OutboxMessage.key == request.key))


def last_error(session: Session, request: DigestRequest) -> str | None:
    """Return why a digest is not posted yet, as far as Slack said."""
    return session.scalar(select(OutboxMessage.last_error).where(OutboxMessage.key == request.key))


def _run_of(session: Session, request: DigestRequest) -> DigestRun | None:
    return session.scalar(
        select(DigestRun).where(
            DigestRun.channel_id == request.channel_id,
            DigestRun.week == request.week,
            DigestRun.edition == request.edition,
        )
    )


def _due(channel: DigestChannel, now: datetime) -> DigestRequest | None:
    slot = schedule_of(channel).last_before(now)
    if slot < channel.since or now - slot > LATEST:
        return None
    week = Week.containing(slot, ZoneInfo(channel.timezone)).before
    return DigestRequest(channel.channel_id, week.name, Edition.REGULAR, channel.timezone, now - slot > _ON_TIME)
