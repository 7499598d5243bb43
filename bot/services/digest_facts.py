"""What a week's digest says, before it is put into words."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.services.breadth import SILENCE, read_breadth
from bot.services.calendar import Week
from bot.services.digest_records import last_facts
from bot.services.digests import DigestRequest, skipped_before
from bot.services.ideas import FilingRules
from bot.services.movers import Question, read_movers
from bot.services.people import count_members
from bot.services.stats import answer_times
from db import digest_queries as queries
from db.digest_queries import Stages
from db.digests import DigestFacts, Questions, SilentStage, StageCount, WeekCount
from db.queries import WeekNumbers
from db.types import Edition

TOP_IDEAS = 5
WAITING_IDEAS = 5
SHIPPED_IDEAS = 3
_TREND_WEEKS = 12
_STAGE_WEEKS = 4


def read_digest(
    session: Session, request: DigestRequest, rules: FilingRules, workforce: int | None, now: datetime
) -> DigestFacts:
    """Return the facts of a digest, of the stages that its channel is to hear of.

    `workforce` None: the members that Slack lists, where they are known.
    """
    week = Week.named(request.week, ZoneInfo(request.timezone))
    start, end, until = week.start, week.end, min(week.end, now)
    stages, names = queries.stages_of_channel(session, request.channel_id)
    numbers = queries.week_numbers(session, start, end, stages)
    previous = queries.week_numbers(session, week.before.start, start, stages)
    movers = read_movers(session, Question(request.channel_id, week, until, stages), rules, TOP_IDEAS)
    known = _known_weeks(session, request, names) | _counted(week, numbers) | _counted(week.before, previous)
    return DigestFacts(
        channel_id=request.channel_id,
        week=week.name,
        edition=request.edition,
        is_late=request.is_late,
        first_day=week.monday,
        last_day=week.sunday,
        over_through=until.astimezone(week.zone).date() - timedelta(days=1),
        numbers=numbers,
        previous=previous,
        workforce=workforce or count_members(session) or None,
        movers=movers,
        waiting=queries.waiting(session, until, WAITING_IDEAS, stages, [each.idea_id for each in movers]),
        shipped=queries.shipped(session, start, end, SHIPPED_IDEAS, stages),
        answers=answer_times(session, rules, start, until, stages),
        answers_before=answer_times(session, rules, week.before.start, start, stages),
        weeks=_weeks(session, week, stages, known),
        stage_counts=_stage_counts(session, week, stages),
        first_time_authors=queries.first_time_authors(session, start, end, stages),
        questions=_questions(session, request),
        quiet_idea=None if numbers.ideas else _longest_waiting(session, until, stages),
        silent_stages=queries.silent_stages(session, end - SILENCE, end, stages),
        breadth=read_breadth(session, start, until, stages),
        skipped_weeks=skipped_before(session, request) if request.edition is Edition.REGULAR else (),
        stages=names,
    )


def _longest_waiting(session: Session, moment: datetime, stages: Stages) -> int | None:
    return next(iter(queries.waiting(session, moment, 1, stages).idea_ids), None)


def _counted(week: Week, numbers: WeekNumbers) -> dict[date, WeekCount]:
    return {week.monday: WeekCount(week.monday, numbers.ideas, numbers.votes)}


def _weeks(session: Session, week: Week, stages: Stages, known: dict[date, WeekCount]) -> tuple[WeekCount, ...]:
    """Return the counts of the last twelve weeks, oldest first; those before anything happened are left out but one."""

    def count(each: Week) -> WeekCount:
        found = known.get(each.monday)
        return found or WeekCount(each.monday, *queries.week_counts(session, each.start, each.end, stages))

    weeks = [Week(week.monday - timedelta(weeks=back), week.zone) for back in reversed(range(_TREND_WEEKS))]
    counts = list(map(count, weeks))
    first = next((place for place, each in enumerate(counts) if each.ideas or each.votes), len(counts))
    return tuple(counts[min(max(0, first - 1), len(counts) - 2) :])


def _known_weeks(session: Session, request: DigestRequest, stages: tuple[str, ...] | None) -> dict[date, WeekCount]:
    """Return the weeks that the last digest counted: what readers were told stays, and costs nothing."""
    last = last_facts(session, request)
    return {each.monday: each for each in last.weeks} if last and last.stages == stages else {}


def _stage_counts(session: Session, week: Week, stages: Stages) -> tuple[StageCount, ...]:
    first = Week(week.monday - timedelta(weeks=_STAGE_WEEKS), week.zone)
    now = dict(queries.ideas_by_stage(session, week.start, week.end, stages))
    before = dict(queries.ideas_by_stage(session, first.start, week.start, stages))
    names = dict.fromkeys([*now, *before])
    return tuple(StageCount(name, now.get(name, 0), before.get(name, 0) / _STAGE_WEEKS) for name in names)


def _questions(session: Session, request: DigestRequest) -> Questions | None:
    """Return what became of what the channel's last digest asked; None when it asked nothing."""
    asked = queries.asked_by(session, request.channel_id, request.week)
    if not asked or request.edition is not Edition.REGULAR:
        return None
    silent: dict[str | None, int] = {}
    for stage, waits in asked:
        if waits:
            silent[stage] = silent.get(stage, 0) + 1
    answered = len(asked) - sum(silent.values())
    return Questions(len(asked), answered, tuple(SilentStage(stage, count) for stage, count in silent.items()))
