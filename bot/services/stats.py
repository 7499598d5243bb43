"""How the company is doing: what comes in, and how long people wait for an answer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.services.calendar import working_days_between
from bot.services.ideas import FilingRules
from db.digest_queries import Stages, week_numbers
from db.digests import AnswerTimes
from db.queries import Stats
from db.stats_queries import FirstAnswer, broken_promises, first_answers, waiting_counts

ANSWERS_PERIOD = timedelta(days=90)
_MOST_ANSWERS = 1_000


@dataclass(frozen=True, slots=True)
class _Times:
    days: tuple[float, ...]

    def quantile(self, share: float) -> float | None:
        """Return the time within which this share got an answer (nearest rank); None while nobody got one."""
        return self.days[max(0, math.ceil(share * len(self.days)) - 1)] if self.days else None


def read_stats(session: Session, rules: FilingRules, workforce: int | None, now: datetime) -> Stats:
    """Return the figures of the last 30 days, and of the answers of the last 90 (the newest thousand of them)."""
    since = now - ANSWERS_PERIOD
    answers = first_answers(session, since, now, _MOST_ANSWERS)
    times = _times(answers, rules)
    waiting, overdue = waiting_counts(session, now)
    month = week_numbers(session, now - timedelta(days=30), now)
    return Stats(
        month=month,
        workforce=workforce,
        waiting=waiting,
        overdue=overdue,
        answers=len(answers),
        median_days=times.quantile(0.5),
        slow_days=times.quantile(0.9),
        share_in_time=_share_in_time(answers, broken_promises(session, since, now)),
    )


def answer_times(session: Session, rules: FilingRules, start: datetime, end: datetime, stages: Stages) -> AnswerTimes:
    """Return how long people waited for the first answers between two moments, and how many dates were kept."""
    answers = first_answers(session, start, end, _MOST_ANSWERS, stages)
    share = _share_in_time(answers, broken_promises(session, start, end, stages))
    return AnswerTimes(len(answers), _times(answers, rules).quantile(0.5), share)


def _times(answers: Sequence[FirstAnswer], rules: FilingRules) -> _Times:
    days = (working_days_between(each.created_at, each.answered_at, rules.zone, rules.holidays) for each in answers)
    return _Times(tuple(sorted(days)))


def _share_in_time(answers: Sequence[FirstAnswer], never: int) -> float | None:
    """Return the share of promises kept; an idea whose date has passed without a word is one that was not."""
    due = len(answers) + never
    return sum(each.is_in_time for each in answers) / due if due else None
