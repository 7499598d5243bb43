"""When a digest is due, that it goes out once, and what it says."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import outbox
from bot.services.calendar import PERIODS, Period, period_named, rhythm_of
from db import digest_queries as queries
from db.digest_models import DigestChannel, DigestRun
from db.models import OutboxMessage
from db.session import upsert
from db.types import Edition, Rhythm

LATEST = timedelta(days=3)
"""After so long a missed digest is not posted any more but skipped; the next one is near, and says so."""

LOOK_BACK = 53
"""So many digests back it is looked for those that were missed: the bot may have been away for a year."""

_ON_TIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A moment of each week, or of each month on the first such weekday: Monday is 0; in a time zone."""

    weekday: int
    hour_minute: str
    timezone: str
    rhythm: Rhythm = Rhythm.WEEKLY

    def slot_of(self, period: Period) -> datetime:
        """Return the moment, in UTC, at which the digest of a period is due: it lies in the one after."""
        first = period.after.first_day
        day = first + timedelta(days=(self.weekday - first.weekday()) % 7)
        # In UTC: two moments in one zone are compared by the clock on the wall, which goes back once a year.
        return datetime.combine(day, time.fromisoformat(self.hour_minute), self.zone).astimezone(UTC)

    def running(self, moment: datetime) -> Period:
        """Return the week or month in which a moment lies."""
        return PERIODS[self.rhythm].containing(moment, self.zone)

    def newest_due(self, moment: datetime) -> Period:
        """Return the newest period whose digest is due at this moment."""
        period = self.running(moment).before
        while self.slot_of(period) > moment:
            period = period.before
        return period

    def next_after(self, moment: datetime) -> datetime:
        """Return the first scheduled moment after this one, in its time zone."""
        return self.slot_of(self.newest_due(moment).after).astimezone(self.zone)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class DigestRequest:
    """One edition of one week's digest for one channel; `week` names a month where digests come monthly."""

    channel_id: str
    week: str
    edition: Edition
    timezone: str
    is_late: bool = False

    @property
    def key(self) -> str:
        """The unique key of its message: one for each channel, week and edition."""
        return f"digest:{self.channel_id}:{self.week}" + (":so-far" if self.edition == Edition.SO_FAR else "")


@dataclass(frozen=True, slots=True)
class OpenDigests:
    """What is to be asked for now, and what is too late for that and to be skipped; oldest first."""

    due: list[DigestRequest]
    missed: list[DigestRequest]


def set_channels(session: Session, channel_ids: Iterable[str], schedule: Schedule, now: datetime) -> None:
    """Make these the channels that get a digest, at this moment of the week.

    From a new channel nothing is expected before its first slot. One that has another schedule now still owes what it
    owed: which weeks follow each other does not depend on when they are due.
    """
    active = list(channel_ids)
    session.execute(update(DigestChannel).where(DigestChannel.channel_id.not_in(active)).values(is_active=False))
    for channel_id in active:
        set_channel(session, channel_id, schedule, now)


def set_channel(session: Session, channel_id: str, schedule: Schedule, now: datetime) -> None:
    """Let one channel get a digest at this moment of the week, as `set_channels` does; others stay as they are."""
    row = session.get(DigestChannel, channel_id)
    if row is None or not row.is_active or schedule_of(row) != schedule:
        goes_on = row is not None and row.is_active and schedule_of(row).rhythm is schedule.rhythm
        first_week = _first_week(row) if row is not None and goes_on else None
        values = asdict(schedule) | {"first_week": first_week}
        session.merge(DigestChannel(channel_id=channel_id, since=now, is_active=True, **values))
        session.flush()


def choose_content(
    session: Session, channel_id: str, stages: Iterable[str] | None, language: str | None = None
) -> None:
    """Let a channel's digest tell of these stages alone (None: of all), with dates in this language (None: English)."""
    channel = session.get_one(DigestChannel, channel_id)
    channel.stages = None if stages is None else list(stages)
    channel.language = language


def drop_channel(session: Session, channel_id: str) -> None:
    """Let a channel get no more digests."""
    session.execute(update(DigestChannel).where(DigestChannel.channel_id == channel_id).values(is_active=False))


def confirm_set_up(session: Session, guessed_at: datetime, now: datetime) -> None:
    """Let the channels that were set up at a moment by this machine's clock begin now, by Slack's."""
    session.execute(
        update(DigestChannel)
        .where(DigestChannel.since == guessed_at, DigestChannel.first_week.is_(None))
        .values(since=now)
    )


def active_channels(session: Session) -> list[DigestChannel]:
    """Return the channels that get a digest."""
    return list(
        session.scalars(select(DigestChannel).where(DigestChannel.is_active).order_by(DigestChannel.channel_id))
    )


def schedule_of(channel: DigestChannel) -> Schedule:
    """Return when a channel's digest is due."""
    return Schedule(channel.weekday, channel.hour_minute, channel.timezone, Rhythm(channel.rhythm))


def open_digests(session: Session, now: datetime) -> OpenDigests:
    """Return the digests that are expected by now and of which nothing is written down yet."""
    found = [_open(session, channel, now) for channel in active_channels(session)]
    return OpenDigests([each for one in found for each in one.due], [each for one in found for each in one.missed])


def skip_digest(session: Session, request: DigestRequest, now: datetime) -> bool:
    """Mark a digest as one that is not posted by itself any more; return False when its row is there already."""
    # To the release before this column, a row that is prepared is one that needs nothing more.
    row = _row(request, now) | {"skipped_at": now, "prepared_at": now}
    return bool(session.connection().execute(upsert(session, DigestRun, row).on_conflict_do_nothing()).rowcount)


def skipped_before(session: Session, request: DigestRequest) -> tuple[str, ...]:
    """Return the weeks just before a regular digest's own, oldest first, whose digests were skipped in its channel."""
    if request.edition is Edition.SO_FAR:
        return ()
    rows = select(DigestRun.week).where(
        *queries.regular_before(request.channel_id, request.week), DigestRun.skipped_at.is_not(None)
    )
    skipped = set(session.scalars(rows.order_by(DigestRun.week.desc()).limit(LOOK_BACK)))
    before = (period.name for period in _periods_before(period_named(request.week, UTC)))
    return tuple(takewhile(skipped.__contains__, before))[::-1]


def current_request(channel: DigestChannel, now: datetime, week: str | None = None) -> DigestRequest:
    """Return the digest that a person means: of a named period, else of the last whole one; raises ValueError."""
    return request_for(channel.channel_id, schedule_of(channel), now, week)


def request_for(channel_id: str, schedule: Schedule, now: datetime, week: str | None = None) -> DigestRequest:
    """Return `current_request` for a channel that the database need not know."""
    running = schedule.running(now)
    wanted = type(running).named(week, schedule.zone) if week else running.before
    if wanted.first_day > running.first_day:
        raise ValueError(f"{wanted.name} has not begun yet")
    edition = Edition.SO_FAR if wanted == running else Edition.REGULAR
    return DigestRequest(channel_id, wanted.name, edition, schedule.timezone)


def channels_in(session: Session, rhythm: Rhythm) -> list[DigestChannel]:
    """Return the channels that get a digest in this rhythm."""
    return [channel for channel in active_channels(session) if channel.rhythm == rhythm]


def request_to_look_at(session: Session, now: datetime, week: str | None = None) -> DigestRequest:
    """Return the digest of a named period, or of the running one, for the first channel that gets such digests.

    That is a weekly one where there is any. Raises ValueError for a period that no channel is told of.
    """
    rhythms = [rhythm_of(week)] if week else list(Rhythm)
    channel = next((each for rhythm in rhythms for each in channels_in(session, rhythm)), None)
    if channel is None:
        raise ValueError("no channel gets such digests")
    return current_request(channel, now, week or schedule_of(channel).running(now).name)


def week_instead(request: DigestRequest) -> str:
    """Return the period before one that still runs, and the one after a whole one."""
    period = period_named(request.week, ZoneInfo(request.timezone))
    return (period.before if request.edition is Edition.SO_FAR else period.after).name


def rhythm_instead(session: Session, request: DigestRequest, now: datetime) -> str | None:
    """Return the running period of the other rhythm; None while no channel gets its digests."""
    (other,) = set(Rhythm) - {rhythm_of(request.week)}
    channel = next(iter(channels_in(session, other)), None)
    return schedule_of(channel).running(now).name if channel else None


def request_digest(session: Session, request: DigestRequest, now: datetime) -> bool:
    """Write the row that decides that this digest goes out; return False when it is there already.

    One that was skipped can still be asked for.
    """
    statement = upsert(session, DigestRun, _row(request, now))
    statement = statement.on_conflict_do_update(
        index_elements=["channel_id", "week", "edition"],
        set_={
            "skipped_at": None,
            "prepared_at": None,
            "timezone": statement.excluded.timezone,
            "is_late": statement.excluded.is_late,
            "requested_at": statement.excluded.requested_at,
        },
        where=DigestRun.skipped_at.is_not(None),
    )
    return bool(session.connection().execute(statement).rowcount)


def run_of(session: Session, request: DigestRequest, *, is_held: bool = False) -> DigestRun | None:
    """Return the row of a digest that was asked for or skipped; None while there is none.

    Held, nobody else changes it until the end of the transaction.
    """
    found = select(DigestRun).where(
        DigestRun.channel_id == request.channel_id,
        DigestRun.week == request.week,
        DigestRun.edition == request.edition,
    )
    return session.scalar(found.with_for_update() if is_held else found)


def is_prepared(session: Session, request: DigestRequest) -> bool:
    """Return whether a requested digest's votes have been compared with Slack, so that it is on its way."""
    run = run_of(session, request)
    return run is not None and run.prepared_at is not None


def unprepared_runs(session: Session) -> list[DigestRun]:
    """Return the digests that are wanted and whose votes have not been compared with Slack yet; not skipped ones."""
    return list(session.scalars(select(DigestRun).where(DigestRun.prepared_at.is_(None)).order_by(DigestRun.id)))


def enqueue_run(session: Session, request: DigestRequest, now: datetime) -> None:
    """Have a requested digest posted: its votes have been compared with Slack as well as time allowed."""
    run = run_of(session, request)
    if run is not None and run.prepared_at is None:
        run.prepared_at = now
        outbox.enqueue_digest(session, run.id, request.key, request.channel_id, now)


def is_overtaken(session: Session, run_id: int, now: datetime) -> bool:
    """Return whether a digest of a week so far has outlived its week: where it was not posted yet, it need not be."""
    run = session.get_one(DigestRun, run_id)
    return run.edition == Edition.SO_FAR and period_named(run.week, ZoneInfo(run.timezone)).end <= now


def request_of(run: DigestRun) -> DigestRequest:
    """Return the request that a run answers."""
    return DigestRequest(run.channel_id, run.week, Edition(run.edition), run.timezone, run.is_late)


def posted_ts(session: Session, request: DigestRequest) -> str | None:
    """Return where a digest stands in its channel, or None while it is not posted."""
    return session.scalar(select(OutboxMessage.message_ts).where(OutboxMessage.key == request.key))


def last_error(session: Session, request: DigestRequest) -> str | None:
    """Return why a digest is not posted yet, as far as Slack said."""
    return session.scalar(select(OutboxMessage.last_error).where(OutboxMessage.key == request.key))


def _open(session: Session, channel: DigestChannel, now: datetime) -> OpenDigests:
    """Return what is expected of a channel and neither asked for nor skipped.

    Only the newest week can be due. Its lateness counts from its slot or, where the schedule was changed after that,
    from the change: until then nobody could expect it.
    """
    schedule = schedule_of(channel)
    newest = schedule.newest_due(now)
    periods = [newest, *islice(_periods_before(newest), LOOK_BACK)]
    written = _written(session, channel.channel_id, [period.name for period in periods])
    first = _first_week(channel)
    missing = [period for period in reversed(periods) if period.name >= first and period.name not in written]
    late = now - max(schedule.slot_of(newest), channel.since)
    is_in_time = late <= LATEST
    requests = [_regular(channel, period, is_late=period != newest or late > _ON_TIME) for period in missing]
    due = [request for request in requests if is_in_time and request.week == newest.name]
    return OpenDigests(due, [request for request in requests if request not in due])


def _periods_before(period: Period) -> Iterator[Period]:
    while True:
        period = period.before
        yield period


def _written(session: Session, channel_id: str, weeks: Collection[str]) -> set[str]:
    written = select(DigestRun.week).where(DigestRun.channel_id == channel_id, DigestRun.edition == Edition.REGULAR)
    return set(session.scalars(written.where(DigestRun.week.in_(weeks))))


def _first_week(channel: DigestChannel) -> str:
    """Return the first period whose digest is expected: the one of the first slot since the channel was set up."""
    if channel.first_week is not None:
        return channel.first_week
    schedule = schedule_of(channel)
    week = schedule.newest_due(channel.since)
    return week.name if schedule.slot_of(week) == channel.since else week.after.name


def _regular(channel: DigestChannel, period: Period, *, is_late: bool) -> DigestRequest:
    return DigestRequest(channel.channel_id, period.name, Edition.REGULAR, channel.timezone, is_late)


def _row(request: DigestRequest, now: datetime) -> dict[str, Any]:
    return asdict(request) | {"requested_at": now}
