"""One replica does a job that is due once a day."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.models import JobRun
from db.session import upsert


def begin_job(session: Session, job: str, slot: str, now: datetime) -> bool:
    """Claim a job for a slot, like a local date; return False when somebody has it already."""
    row = {"job": job, "slot": slot, "started_at": now}
    is_ours = bool(session.connection().execute(upsert(session, JobRun, row).on_conflict_do_nothing()).rowcount)
    if is_ours:
        session.execute(delete(JobRun).where(JobRun.job == job, JobRun.slot < slot))
    return is_ours
