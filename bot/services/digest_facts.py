"""What a week's digest says, before it is put into words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.catalog import STAGES
from bot.services.calendar import Week
from bot.services.digests import DigestRequest
from bot.services.people import count_members
from db import digest_queries as queries
from db.queries import DigestFacts

TOP_IDEAS = 5


def read_digest(session: Session, request: DigestRequest, workforce: int | None, now: datetime) -> DigestFacts:
    """Return the facts of a digest; `workforce` None: the members that Slack lists, where they are known."""
    week = Week.named(request.week, ZoneInfo(request.timezone))
    start, end = week.start, week.end
    return DigestFacts(
        channel_id=request.channel_id,
        week=week.name,
        edition=request.edition,
        is_late=request.is_late,
        first_day=week.monday,
        last_day=week.sunday,
        numbers=queries.week_numbers(session, start, end),
        previous=queries.week_numbers(session, week.before.start, start),
        workforce=workforce or count_members(session) or None,
        top=queries.top_ideas_between(session, start, min(end, now), TOP_IDEAS),
        ideas_by_stage=_by_stage(queries.ideas_by_stage(session, start, end)),
        first_time_authors=queries.first_time_authors(session, start, end),
        waiting_longest=queries.waiting_longest(session, end),
    )


def _by_stage(counts: dict[str | None, int]) -> tuple[tuple[str | None, int], ...]:
    """Return the counts in the order of the customer's journey, ideas under no stage last."""
    order = list(STAGES)
    return tuple(sorted(counts.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))
