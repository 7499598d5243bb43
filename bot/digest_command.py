"""`cxidea digest`: preview or post by hand, with the bot running or not."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot import clock, directory
from bot.company import Company, SettingName
from bot.delivery import Delivery
from bot.deps import Deps
from bot.digest_rendering import digest_message
from bot.reconciliation import reconcile
from bot.rounds import prepare_digest
from bot.services import digests
from bot.services.calendar import rhythm_of
from bot.services.digests import DigestRequest, Schedule
from bot.settings import Settings
from db.session import Sessions
from db.types import Rhythm

log = structlog.get_logger()

_PATIENCE_SECONDS = 30
_COMPARING_SECONDS = 10
_LOOKUP_SECONDS = 5
_FRESHEN_SECONDS = 15
_POLL_SECONDS = 0.2


class NoSuchChannel(Exception):
    """The channel named gets no digest."""


def schedule_of(company: Company) -> Schedule:
    """Return the weekly moment of digests that have none of their own."""
    return Schedule(company.digest_at.weekday, company.digest_at.hour_minute, company.timezone)


def schedules_of(deps: Deps) -> dict[str, Schedule]:
    """Return when each leadership channel gets its digest: as saved, else as the environment says."""
    if SettingName.DIGEST_CHANNELS not in deps.company.saved:
        return dict.fromkeys(deps.company.digest_channels, schedule_of(deps.company))
    with deps.sessions.reading() as session:
        return {each.channel_id: digests.schedule_of(each) for each in digests.active_channels(session)}


def set_up_channels(session: Session, company: Company, now: datetime) -> None:
    """Write down the leadership channels that the environment names, unless others were saved."""
    if SettingName.DIGEST_CHANNELS not in company.saved:
        digests.set_channels(session, company.digest_channels, schedule_of(company), now)


def wanted_digests(deps: Deps, week: str | None, channel_id: str | None) -> list[DigestRequest]:
    """Return the digests that a person means; raises ValueError for a week, NoSuchChannel for a channel."""
    schedules = schedules_of(deps)
    if channel_id is not None and channel_id not in schedules:
        raise NoSuchChannel(channel_id)
    now, rhythm = clock.now(), rhythm_of(week) if week else None
    wanted = {each: schedule for each, schedule in schedules.items() if channel_id in {None, each}}
    told = {each: schedule for each, schedule in wanted.items() if rhythm in {None, schedule.rhythm}}
    if not told:
        often, other = (
            ("monthly", "a month, like 2026-M11") if rhythm is Rhythm.WEEKLY else ("weekly", "a week, like 2026-W47")
        )
        verb = "gets" if len(wanted) == 1 else "get"
        raise ValueError(f"{', '.join(wanted)} {verb} {often} digests. Ask for {other}.")
    return [digests.request_for(each, schedule, now, week) for each, schedule in told.items()]


def previews(deps: Deps, wanted: list[DigestRequest]) -> list[dict[str, Any]]:
    """Return each digest as it would be posted now; nothing is changed."""
    with deps.sessions.reading() as session:
        messages = [(request, digest_message(session, deps, request)) for request in wanted]
    return [
        {"channel": request.channel_id, "week": request.week, "text": message.text, "blocks": message.blocks}
        for request, message in messages
    ]


def post(settings: Settings, sessions: Sessions, wanted: list[DigestRequest]) -> Iterator[tuple[bool, str]]:
    """Post digests that are not posted yet; yield for each whether it stands in Slack, and the line that says so."""
    deps = Deps.build(settings, sessions)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    fresh = [request for request in wanted if _ask(deps, request)]
    with sessions.reading() as session:
        is_prepared = all(digests.is_prepared(session, request) for request in wanted)
    if not is_prepared:
        _freshen(deps)
    for request in wanted:
        with sessions.reading() as session:
            earlier = digests.posted_ts(session, request)
        prepare_digest(deps, request)
        if earlier:
            yield True, f"already posted {request.channel_id} {request.week} {earlier}"
        else:
            yield _deliver(deps, request, deadline, is_ours=request in fresh)


def _ask(deps: Deps, request: DigestRequest) -> bool:
    with deps.sessions.begin() as session:
        return digests.request_digest(session, request, clock.now())


def _deliver(deps: Deps, request: DigestRequest, deadline: float, *, is_ours: bool) -> tuple[bool, str]:
    delivery = Delivery(deps)
    while True:
        is_ours = bool(delivery.drain(key=request.key)) or is_ours
        with deps.sessions.reading() as session:
            message_ts = digests.posted_ts(session, request)
            error = digests.last_error(session, request)
        if message_ts:
            return True, f"{'posted' if is_ours else 'already posted'} {request.channel_id} {request.week} {message_ts}"
        if time.monotonic() > deadline:
            why = error or "Slack has not answered yet"
            return False, f"waiting: {why} ({request.channel_id} {request.week})"
        time.sleep(_POLL_SECONDS)


def _freshen(deps: Deps) -> None:
    """Compare votes with Slack as far as there is time; the digest goes out all the same."""
    work = threading.Thread(target=_learn_and_compare, args=(deps,), name="freshen", daemon=True)
    work.start()
    work.join(_FRESHEN_SECONDS)  # A Slack that says nothing at all is asked several times, ten seconds each.


def _learn_and_compare(deps: Deps) -> None:
    try:
        deps.identity.learn(deps.reads, clock.now())
        directory.learn_aliases(deps)
        reconcile(deps, _COMPARING_SECONDS)
        directory.look_up_all(deps, _LOOKUP_SECONDS)
    except Exception as error:  # noqa: BLE001  # whatever it is, an unchecked digest beats none
        log.warning("digest.not_compared", error=type(error).__name__)
