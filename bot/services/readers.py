"""People who read the weekly digest in a direct message: a copy of what the first leadership channel got."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot import outbox
from bot.services.audit import record
from bot.services.digests import DigestRequest, channels_in, schedule_of
from db.digest_models import DigestReader, DigestRun
from db.session import upsert
from db.types import Edition, Rhythm

READERS_AT_ONCE = 200


def is_reader(session: Session, user_id: str) -> bool:
    """Return whether a person gets the digest."""
    return session.get(DigestReader, user_id) is not None


def choose_digest(session: Session, user_id: str, now: datetime, *, is_wanted: bool) -> None:
    """Let a person get the digest from the next one on, or no more."""
    if is_reader(session, user_id) == is_wanted:
        return
    if is_wanted:
        row = {"user_id": user_id, "since": now}
        session.execute(upsert(session, DigestReader, row).on_conflict_do_nothing())
    else:
        session.execute(delete(DigestReader).where(DigestReader.user_id == user_id))
    record(session, now, user_id, "digest.chosen", user_id, is_wanted=is_wanted)


def begin_telling(session: Session, run: DigestRun, request: DigestRequest, now: datetime) -> None:
    """Have a digest sent to everybody who reads it, if it is the newest one of the channel whose digest they get."""
    channels = channels_in(session, Rhythm.WEEKLY)
    copied = next((channel for channel in channels if channel.stages is None), next(iter(channels), None))
    if copied is None or request.channel_id != copied.channel_id or request.edition != Edition.REGULAR:
        return
    if request.week == schedule_of(copied).running(now).before.name:
        run.told_through = ""


def has_readers_to_tell(session: Session) -> bool:
    """Return whether some digest is to be sent to more people."""
    telling = select(DigestRun.id).where(DigestRun.told_through.is_not(None)).limit(1)
    return session.scalar(telling) is not None


def tell_next_readers(session: Session, now: datetime) -> bool:
    """Send the oldest digest that some have yet to get to the next of its readers; return whether there was one.

    Where it stands is written down in the same transaction: killed at any moment, nobody gets two or none.
    """
    telling = select(DigestRun).where(DigestRun.told_through.is_not(None)).order_by(DigestRun.id).limit(1)
    run = session.scalar(telling.with_for_update())
    if run is None:
        return False
    following = select(DigestReader.user_id).where(DigestReader.user_id > str(run.told_through))
    readers = session.scalars(following.order_by(DigestReader.user_id).limit(READERS_AT_ONCE)).all()
    run.told_through = readers[-1] if len(readers) == READERS_AT_ONCE else None
    letters = {f"digest:{user_id}:{run.week}": user_id for user_id in readers}
    outbox.enqueue_letters(session, letters, now, view="digest", run_id=run.id)
    return True
