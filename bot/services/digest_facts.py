"""What a week's digest says, before it is put into words."""

from datetime import datetime, timedelta
from itertools import accumulate, islice, repeat
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.services.breadth import SILENCE, name_first_of_teams, read_breadth, team_sizes
from bot.services.calendar import Period, period_named
from bot.services.digest_records import last_facts
from bot.services.digests import DigestRequest, skipped_before
from bot.services.ideas import FilingRules
from bot.services.movers import Question, read_movers
from bot.services.people import count_members
from bot.services.stats import answer_times
from db import digest_queries as queries
from db.digest_queries import Scope, Stages
from db.digests import DigestFacts, Mover, Questions, SilentStage, StageCount, WeekCount
from db.queries import WeekNumbers
from db.types import Edition

TOP_IDEAS = 5
WAITING_IDEAS = 5
SHIPPED_IDEAS = 3
_TREND = 12
_MEAN = 4
"""So many weeks, or months, does a trend show, and before this one count for its mean."""


def read_digest(
    session: Session, request: DigestRequest, rules: FilingRules, workforce: int | None, now: datetime
) -> DigestFacts:
    """Return the facts of a digest, of the stages that its channel is to hear of.

    `workforce` None: the members that Slack lists, where they are known.
    """
    week, sizes = period_named(request.week, ZoneInfo(request.timezone)), team_sizes(session)
    start, end, until = week.start, week.end, min(week.end, now)
    stages = (scope := queries.scope_of_channel(session, request.channel_id)).stages
    numbers = queries.week_numbers(session, start, end, stages)
    previous = queries.week_numbers(session, week.before.start, start, stages)
    movers = _movers(session, Question(request.channel_id, week, until, stages), rules, sizes)
    return DigestFacts(
        channel_id=request.channel_id,
        week=week.name,
        edition=request.edition,
        is_late=request.is_late,
        first_day=week.first_day,
        last_day=week.last_day,
        over_through=until.astimezone(week.zone).date() - timedelta(days=1),
        numbers=numbers,
        previous=previous,
        workforce=workforce or count_members(session) or None,
        movers=movers,
        waiting=queries.waiting(session, until, WAITING_IDEAS, stages, [each.idea_id for each in movers]),
        shipped=queries.shipped(session, start, end, SHIPPED_IDEAS, stages),
        answers=answer_times(session, rules, start, until, stages),
        answers_before=answer_times(session, rules, week.before.start, start, stages),
        weeks=_weeks(session, request, scope, {week: numbers, week.before: previous}),
        stage_counts=_stage_counts(session, week, stages),
        first_time_authors=queries.first_time_authors(session, start, end, stages),
        questions=_questions(session, request),
        quiet_idea=None if numbers.ideas else _longest_waiting(session, until, stages),
        silent_stages=queries.silent_stages(session, end - SILENCE, end, stages),
        breadth=read_breadth(session, sizes, start, until, stages),
        skipped_weeks=skipped_before(session, request),
        stages=scope.names,
        language=scope.language,
    )


def _movers(session: Session, question: Question, rules: FilingRules, sizes: dict[str, int]) -> tuple[Mover, ...]:
    return name_first_of_teams(session, sizes, read_movers(session, question, rules, TOP_IDEAS))


def _longest_waiting(session: Session, moment: datetime, stages: Stages) -> int | None:
    return next(iter(queries.waiting(session, moment, 1, stages).idea_ids), None)


def _weeks(
    session: Session, request: DigestRequest, scope: Scope, counted: dict[Period, WeekNumbers]
) -> tuple[WeekCount, ...]:
    """Return the last twelve periods' counts, oldest first; those before anything happened are left out but one.

    `counted` has the newest one first, as far as they are counted already. Older ones are kept as the channel's last
    digest told them, as long as they have the same ideas: their votes need not be counted again.
    """
    last = last_facts(session, request)
    kept = {each.first_day: each for each in last.weeks} if last and last.stages == scope.names else {}

    def count(each: Period) -> WeekCount:
        if each in counted:
            return WeekCount(each.first_day, counted[each].ideas, counted[each].votes)
        ideas, told = queries.ideas_filed(session, each.start, each.end, scope.stages), kept.get(each.first_day)
        if told and told.ideas == ideas:
            return told
        return WeekCount(each.first_day, ideas, queries.votes_cast(session, each.start, each.end, scope.stages))

    counts = list(map(count, reversed(_back(next(iter(counted)), _TREND))))
    first = next((place for place, each in enumerate(counts) if each.ideas or each.votes), len(counts))
    return tuple(counts[min(max(0, first - 1), len(counts) - 2) :])


def _back(week: Period, count: int) -> list[Period]:
    """Return the period and those before it, the newest first."""
    return list(islice(accumulate(repeat(week), lambda period, _: period.before), count))


def _stage_counts(session: Session, week: Period, stages: Stages) -> tuple[StageCount, ...]:
    first = _back(week, _MEAN + 1)[-1]
    now = dict(queries.ideas_by_stage(session, week.start, week.end, stages))
    before = dict(queries.ideas_by_stage(session, first.start, week.start, stages))
    names = [name for name, _ in queries.ideas_by_stage(session, first.start, week.end, stages)]  # In their order.
    return tuple(StageCount(name, now.get(name, 0), before.get(name, 0) / _MEAN) for name in names)


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
