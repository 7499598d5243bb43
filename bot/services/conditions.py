"""What an answer must say: words that do, a term for what is parked, an idea to merge into."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.deeds import ANSWER_LIMIT, CONDITION_LIMIT, REASON_LEAST, Deed
from bot.errors import (
    AnswerTooLong,
    ConditionTooLong,
    NoSuchTarget,
    ReasonMissing,
    ReasonPadded,
    ReasonTooShort,
    TermMissing,
    TermPast,
)
from db.models import Idea
from db.queries import idea_key
from db.types import VOTABLE_STATUSES

PARKED_AT_MOST = timedelta(days=731)
_FEWEST_SIGNS = 8
"""A sentence of forty characters has more different ones, in any script; "no no no" has not."""
_WITHOUT_WORDS = frozenset({Deed.REVIEW, Deed.WITHDRAW})


def check_words(deed: Deed, text: str) -> None:
    """Raise ReasonMissing, ReasonTooShort, ReasonPadded or AnswerTooLong for words that do not do."""
    length = len(" ".join(text.split()))
    if deed not in _WITHOUT_WORDS and not length:
        raise ReasonMissing
    if deed == Deed.DECLINE and length < REASON_LEAST:
        raise ReasonTooShort(length)
    if deed == Deed.DECLINE and len(set("".join(text.casefold().split()))) < _FEWEST_SIGNS:
        raise ReasonPadded
    if len(text.strip()) > ANSWER_LIMIT:
        raise AnswerTooLong(len(text.strip()))


def check_term(until: date | None, condition: str, today: date) -> None:
    """Raise TermMissing, TermPast or ConditionTooLong unless a parked idea comes back on a day, or upon something."""
    if until is None and not condition.strip():
        raise TermMissing
    if len(condition.strip()) > CONDITION_LIMIT:
        raise ConditionTooLong(len(condition.strip()))
    if until is not None and not today < until <= today + PARKED_AT_MOST:
        raise TermPast


def check_target(session: Session, idea_id: int, into: int | None) -> None:
    """Raise NoSuchTarget unless an idea can be merged into this other one."""
    status = session.scalar(select(Idea.status).where(Idea.id == into)) if into else None
    if into == idea_id or status not in VOTABLE_STATUSES:
        raise NoSuchTarget(idea_key(into) if into else "That")
