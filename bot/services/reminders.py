"""Owners are reminded of ideas that wait for their word: one working day before the answer date, and on it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import outbox
from bot.services.calendar import add_working_days, is_working_day
from bot.services.ideas import FilingRules
from bot.services.job_runs import begin_job
from bot.services.rights import Role, members_of, people_of
from db.models import Idea, Stage
from db.types import CLOSED_STATUSES

REMINDING_HOUR = time(8)


@dataclass(frozen=True, slots=True)
class Promise:
    """An idea that waits for an answer, and the company's day on which the answer is due."""

    idea_id: int
    due: date


def remind(session: Session, rules: FilingRules, now: datetime) -> int:
    """Have owners reminded on a working day, from eight o'clock on, once a day; return how many people."""
    local = now.astimezone(rules.zone)
    day = local.date()
    if local.time() < REMINDING_HOUR or not is_working_day(day, rules.holidays):
        return 0
    if not begin_job(session, "reminders", day.isoformat(), now):
        return 0
    people = promises_by_person(session, day, rules)
    letters = {f"reminder:{user_id}:{day}": user_id for user_id in sorted(people)}
    outbox.enqueue_letters(session, letters, now, view="reminder", day=day.isoformat())
    return len(letters)


def promises_by_person(session: Session, day: date, rules: FilingRules) -> dict[str, list[Promise]]:
    """Return who is reminded of what on a day: those still waiting, the earliest due first."""
    found: dict[str, list[Promise]] = defaultdict(list)
    for idea in _due_soon(session, day, rules):
        due = (idea.answer_due_at - timedelta(microseconds=1)).astimezone(rules.zone).date()
        for user_id in _reminded(session, idea, is_due=due == day):
            found[user_id].append(Promise(idea.id, due))
    return found


def _due_soon(session: Session, day: date, rules: FilingRules) -> Iterable[Idea]:
    """Return what is due from this day to the next working day; an answer is due at the end of a day."""
    begin = _midnight(day, rules)
    end = _midnight(add_working_days(day, 1, rules.holidays) + timedelta(days=1), rules)
    waits = (Idea.settled_at.is_(None), Idea.status.not_in(CLOSED_STATUSES))
    due = select(Idea).where(*waits, Idea.answer_due_at > begin, Idea.answer_due_at <= end)
    return session.scalars(due.order_by(Idea.answer_due_at, Idea.id)).all()


def _midnight(day: date, rules: FilingRules) -> datetime:
    return datetime.combine(day, time(), rules.zone).astimezone(UTC)


def _reminded(session: Session, idea: Idea, *, is_due: bool) -> set[str]:
    """Return the owner's people, or all leaders where nobody owns it; on the day itself the stage's people too."""
    owners = {idea.owner_id}
    if is_due and idea.stage:
        stage = session.get(Stage, idea.stage)
        owners |= {stage.owner_id, stage.deputy_id} if stage else set()
    people = {user_id for owner_id in owners if owner_id for user_id in people_of(session, owner_id)}
    return people if idea.owner_id else people | set(members_of(session, Role.LEADER))
