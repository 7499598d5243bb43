"""Who is told of a change: its author at once, its voters one after the other, each of them once.

What somebody is told stands in `news`, with the outbox row of the message that says it. Changes within ten minutes, or
before the message has left, share one. Whether somebody wants it, and when, is looked at when the message leaves.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, insert, or_, select, text
from sqlalchemy.orm import Session

from bot import outbox
from bot.services.rights import people_of
from db.models import Idea, IdeaChange, News, OutboxMessage, Person, Vote
from db.types import DeliveryState, MessageKind, NewsKind, Status, Step

BATCH = timedelta(minutes=10)
"""Changes so soon after the first one of a message are told in the same."""

VOTERS_AT_ONCE = 200

_IS_UNSENT = and_(OutboxMessage.message_ts.is_(None), OutboxMessage.wanted_revision > OutboxMessage.shown_revision)
_LONGEST_WAIT = timedelta(days=7)
"""A message that has not left by then is forgotten, see outbox.forget_before."""

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('news', 0))")
_AFTER_A_PAUSE = frozenset({Status.DECLINED, Status.PARKED})


def announce(session: Session, idea: Idea, change: IdeaChange) -> None:
    """Have everyone concerned told of a change: not whoever made it, and the voters only when it is an answer."""
    is_answer = change.step == Step.STATUS and change.id == idea.answer_id
    if is_answer:
        change.told_through = ""
    session.flush()
    if is_answer or _is_for_thread(change):
        outbox.enqueue_thread_note(session, idea.id, change.id, change.at)
    _tell(session, change, _concerned(session, idea, change, is_answer=is_answer), change.at)


def tell_next_voters(session: Session, now: datetime, limit: int = VOTERS_AT_ONCE) -> bool:
    """Tell the next voters of the oldest change that has some left to tell; return whether there was one.

    Where it stands is written down in the same transaction: killed at any moment, nobody is told twice or forgotten.
    """
    telling = select(IdeaChange).where(IdeaChange.told_through.is_not(None)).order_by(IdeaChange.id).limit(1)
    change = session.scalar(telling.with_for_update())
    if change is None:
        return False
    after = and_(Vote.idea_id == change.idea_id, Vote.counts, Vote.user_id > str(change.told_through))
    voters = session.scalars(select(Vote.user_id).where(after).order_by(Vote.user_id).limit(limit)).all()
    change.told_through = voters[-1] if len(voters) == limit else None
    session.flush()
    told = [user_id for user_id in voters if user_id != change.actor_id]
    _tell(session, change, dict.fromkeys(told, NewsKind.VOTED_IDEAS), now)
    return True


def has_voters_to_tell(session: Session) -> bool:
    """Return whether some change has voters left who are to be told of it."""
    telling = select(IdeaChange.id).where(IdeaChange.told_through.is_not(None)).limit(1)
    return session.scalar(telling) is not None


def unmet_readers(session: Session) -> list[str]:
    """Return people who are to be told something and whom the bot has never met: it has to learn what they are."""
    waiting = select(OutboxMessage.key).where(_IS_UNSENT, OutboxMessage.kind == MessageKind.NOTICE)
    readers = select(News.user_id).where(News.message_key.in_(waiting)).distinct()
    return list(session.scalars(readers.where(News.user_id.not_in(select(Person.user_id)))))


def _is_for_thread(change: IdeaChange) -> bool:
    """Return whether a change that is no answer is told in the thread: an idea that waits again after one."""
    reopened = change.after == Status.UNDER_REVIEW and change.before in _AFTER_A_PAUSE
    return change.step == Step.ASKED or (change.step == Step.STATUS and reopened)


def _concerned(session: Session, idea: Idea, change: IdeaChange, *, is_answer: bool) -> dict[str, NewsKind]:
    people: Collection[str]
    if change.step == Step.OWNER:
        people, kind = people_of(session, change.after) if change.after else [], NewsKind.REMINDERS
    elif change.after == Status.WITHDRAWN:
        return {}
    else:
        people, kind = _authors(session, idea, with_merged=is_answer), NewsKind.OWN_IDEAS
    return {user_id: kind for user_id in people if user_id != change.actor_id}


def _authors(session: Session, idea: Idea, *, with_merged: bool) -> set[str]:
    """Return the author, and those whose ideas were merged into this one, directly or over another."""
    authors, merged = {idea.author_id}, {idea.id}
    following = merged if with_merged else set()
    while following:
        rows = session.execute(select(Idea.id, Idea.author_id).where(Idea.merged_into.in_(following))).all()
        following = {row.id for row in rows} - merged
        merged |= following
        authors |= {row.author_id for row in rows}
    return {user_id for user_id in authors if user_id is not None}


def _tell(session: Session, change: IdeaChange, kinds: Mapping[str, NewsKind], now: datetime) -> None:
    """Have these people told of a change, in a message that has not left yet or is young, or in a new one."""
    if not kinds:
        return
    _take_turn(session)
    told = select(News.user_id).where(News.change_id == change.id, News.user_id.in_(kinds))
    people = sorted(kinds.keys() - set(session.scalars(told)))
    if not people:
        return
    old = _open_messages(session, people, now)
    new = {user_id: f"news:{user_id}:{change.id}" for user_id in people if user_id not in old}
    outbox.show_again(session, *old.values())
    outbox.enqueue_letters(session, {key: user_id for user_id, key in new.items()}, now, view="news")
    rows = [_row(change, user_id, kinds[user_id], (old | new)[user_id], now) for user_id in people]
    session.connection().execute(insert(News.__table__), rows)  # type: ignore[arg-type]


def _row(change: IdeaChange, user_id: str, kind: NewsKind, key: str, now: datetime) -> dict[str, Any]:
    return {"user_id": user_id, "change_id": change.id, "kind": kind, "message_key": key, "created_at": now}


def _take_turn(session: Session) -> None:
    """Let one transaction at a time look which messages are open; SQLite's write lock does that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(_ONE_AT_A_TIME)


def _open_messages(session: Session, people: Collection[str], now: datetime) -> dict[str, str]:
    """Return by person the key of the message that can still take a change in."""
    is_young = and_(OutboxMessage.message_ts.is_not(None), OutboxMessage.created_at > now - BATCH)
    rows = session.execute(
        select(News.user_id, OutboxMessage.key)
        .join(OutboxMessage, OutboxMessage.key == News.message_key)
        .where(News.user_id.in_(people), News.created_at > now - _LONGEST_WAIT)
        .where(OutboxMessage.state != DeliveryState.DEAD, or_(_IS_UNSENT, is_young))
        .order_by(OutboxMessage.id)
    )
    return {row.user_id: row.key for row in rows}
