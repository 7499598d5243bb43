"""What a week's digest says, before it is put into words."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.services.calendar import Week
from bot.services.digests import DigestRequest, skipped_before
from bot.services.people import count_members
from db import digest_queries as queries
from db.queries import DigestFacts
from db.types import Edition

TOP_IDEAS = 5
OVERDUE_IDEAS = 5
_GRACE = timedelta(days=2)
"""The owner was reminded before; two days after the date the promise is broken."""


def read_digest(session: Session, request: DigestRequest, workforce: int | None, now: datetime) -> DigestFacts:
    """Return the facts of a digest, of the stages that its channel is to hear of.

    `workforce` None: the members that Slack lists, where they are known.
    """
    week = Week.named(request.week, ZoneInfo(request.timezone))
    start, end = week.start, week.end
    named = queries.stages_of_channel(session, request.channel_id)
    stages = None if named is None else list(named)
    overdue_in_all, overdue = queries.overdue(session, min(end, now) - _GRACE, OVERDUE_IDEAS, stages)
    return DigestFacts(
        channel_id=request.channel_id,
        week=week.name,
        edition=request.edition,
        is_late=request.is_late,
        first_day=week.monday,
        last_day=week.sunday,
        numbers=queries.week_numbers(session, start, end, stages),
        previous=queries.week_numbers(session, week.before.start, start, stages),
        workforce=workforce or count_members(session) or None,
        top=queries.top_ideas_between(session, start, min(end, now), TOP_IDEAS, stages),
        ideas_by_stage=queries.ideas_by_stage(session, start, end, stages),
        first_time_authors=queries.first_time_authors(session, start, end, stages),
        waiting_longest=queries.waiting_longest(session, end, stages),
        overdue=overdue,
        overdue_in_all=overdue_in_all,
        skipped_weeks=skipped_before(session, request) if request.edition is Edition.REGULAR else (),
        stages=tuple(named.values()) if named is not None else None,
    )
