"""Blind mode on the cards: each shows its count by itself once its idea is a day old, and all do when it is left.

One row says up to which idea the cards show their counts; without it, blind mode was off when somebody last looked.
"""

from datetime import datetime, timedelta

from sqlalchemy import Delete, Update, and_, delete, select, update
from sqlalchemy.orm import Session

from bot import outbox
from bot.company import BLIND_FOR
from bot.services.job_runs import begin_job
from db.models import Idea, JobRun

_JOB, _SLOT = "blind_votes", "counted_through"
_ROW = and_(JobRun.job == _JOB, JobRun.slot == _SLOT)
_CLOCKS_APART = timedelta(minutes=1)
"""A card is shown by whichever replica is free, whose clock may be behind that of the one which asks for it."""


def show_young_cards(session: Session, now: datetime) -> None:
    """Have all cards shown anew whose count may be hidden, or was until now."""
    outbox.refresh_cards_filed(session, _counted_at(now))


def is_card_to_show(session: Session, now: datetime, *, is_blind: bool) -> bool:
    """Return whether a card is to show its count from now on, or to hide it."""
    counted_through = _counted_through(session)
    if counted_through is None or not is_blind:
        return (counted_through is not None) != is_blind
    grown = select(Idea.id).where(Idea.created_at > counted_through, Idea.created_at <= _counted_at(now)).limit(1)
    return session.scalar(grown) is not None


def show_cards(session: Session, now: datetime, *, is_blind: bool) -> None:
    """Have those cards shown anew; of several replicas that come to it at once, one does."""
    before, after = _counted_through(session), _counted_at(now)
    if is_blind and before is None:
        if begin_job(session, _JOB, _SLOT, after):
            outbox.refresh_cards_filed(session, after)
    elif is_blind and before is not None:
        if _changes(session, update(JobRun).where(_ROW, JobRun.started_at == before).values(started_at=after)):
            outbox.refresh_cards_filed(session, before, after)
    elif before is not None and _changes(session, delete(JobRun).where(_ROW)):
        outbox.refresh_cards_filed(session, before)


def _counted_at(now: datetime) -> datetime:
    """Return when ideas must have been filed so that every replica counts their votes out."""
    return now - BLIND_FOR - _CLOCKS_APART


def _counted_through(session: Session) -> datetime | None:
    return session.scalar(select(JobRun.started_at).where(_ROW))


def _changes(session: Session, statement: Update | Delete) -> bool:
    return bool(session.connection().execute(statement).rowcount)
