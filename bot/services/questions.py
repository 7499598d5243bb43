"""An author's question after an answer: left without a reply, it puts the idea back among those that wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.services.answers import ask_again, lock_idea
from bot.services.calendar import answer_due_at
from bot.services.ideas import FilingRules
from bot.services.job_runs import begin_job
from bot.services.rights import viewer_of
from db.models import Idea, IdeaChange, JobRun, OutboxMessage
from db.types import CLOSED_STATUSES, MessageKind

LOOKED_AFTER = timedelta(days=30)
"""For how long after an answer its thread is read."""

PATIENCE_DAYS = 5
"""So many working days a question may wait for a reply."""

_JOB = "questions"
_MARKS = "?？؟"  # question marks of other scripts


@dataclass(frozen=True, slots=True)
class Thread:
    """The thread of an answered idea's card, to be read from its newest answer on."""

    idea_id: int
    answer_id: int
    answered_at: datetime
    channel_id: str
    message_ts: str


@dataclass(frozen=True, slots=True)
class ThreadReply:
    """What somebody wrote in a thread."""

    user_id: str
    at: datetime
    text: str


def next_thread(session: Session, night: str, now: datetime) -> Thread | None:
    """Return the next thread to read this night, which then is nobody else's; None when there is none left for us."""
    last = session.scalar(select(func.max(JobRun.slot)).where(JobRun.job == _JOB, JobRun.slot.startswith(night)))
    number = int(last.rpartition(":")[2]) if last else 0
    row = session.execute(
        select(Idea.id, IdeaChange.id, IdeaChange.at, OutboxMessage.channel_id, OutboxMessage.message_ts)
        .join(IdeaChange, IdeaChange.id == Idea.answer_id)
        .join(OutboxMessage, OutboxMessage.idea_id == Idea.id)
        .where(Idea.id > number, Idea.settled_at > now - LOOKED_AFTER, Idea.status.not_in(CLOSED_STATUSES))
        .where(Idea.author_id.is_not(None), OutboxMessage.message_ts.is_not(None))
        .where(OutboxMessage.kind == MessageKind.CARD, IdeaChange.at > now - LOOKED_AFTER)
        .order_by(Idea.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    is_ours = begin_job(session, _JOB, f"{night}:{row[0]:010}", now)
    idea_id, answer_id, answered_at, channel_id, message_ts = row
    return Thread(idea_id, answer_id, answered_at, str(channel_id), str(message_ts)) if is_ours else None


def weigh(session: Session, thread: Thread, replies: Iterable[ThreadReply], rules: FilingRules, now: datetime) -> bool:
    """Put an idea back among the waiting when its author's last word after the answer is a question left alone.

    Returns whether it was. A newer answer, or somebody quicker, leaves nothing to do.
    """
    idea = lock_idea(session, thread.idea_id)
    if idea.settled_at is None or idea.answer_id != thread.answer_id:
        return False
    said = sorted((reply for reply in replies if reply.at > thread.answered_at), key=lambda reply: reply.at)
    question = next((reply for reply in reversed(said) if reply.user_id == idea.author_id), None)
    if question is None or not is_question(question.text):
        return False
    if answer_due_at(question.at, PATIENCE_DAYS, rules.zone, rules.holidays) > now:
        return False
    later = {reply.user_id for reply in said if reply.at > question.at}
    if any(viewer_of(session, user_id).standpoint(idea).may_answer for user_id in later):
        return False
    ask_again(session, idea, question.at, rules, now)
    return True


def is_question(words: str) -> bool:
    """Return whether a text ends in a question mark."""
    return words.rstrip(" \n\t.!)\"'”’*_~").endswith(tuple(_MARKS))  # closing quotation marks
