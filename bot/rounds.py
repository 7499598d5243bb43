"""The bot's rounds: voters told, parked ideas brought back, owners reminded, threads read, next ideas asked for.

All of it can be repeated and done by several replicas: rows in the database decide what has been done.
"""

from datetime import UTC, datetime, time

import structlog
from slack_sdk.errors import SlackApiError

from bot import clock
from bot.deps import Deps
from bot.digest_rendering import read_facts
from bot.outcomes import Fate, failure_of
from bot.payloads import readable
from bot.services import answers, blindness, digest_records, invitations, news, owners, questions, readers, reminders
from bot.services.digests import DigestRequest, is_prepared
from bot.services.job_runs import begin_job
from bot.services.questions import Thread, ThreadReply
from bot.services.support import meet_people
from db.idea_queries import find_ideas

log = structlog.get_logger()

_MORNING, _NIGHT = time(8), time(3)
_THREADS_AT_ONCE = 5
"""Threads that a tick of ten seconds reads: well below what Slack takes of conversations.replies in a minute."""
_PAGE = 200
_PASSING = frozenset({Fate.UNKNOWN, Fate.LIMITED, Fate.AWAY, Fate.APP, Fate.SCOPE})


def tell_voters(deps: Deps) -> None:
    """Write down for every voter what they are told, some hundred in a transaction, until none is left."""
    with deps.sessions.reading() as session:
        is_left, unmet = news.has_voters_to_tell(session), news.unmet_readers(session)
    if unmet:
        with deps.sessions.begin() as session:
            meet_people(session, unmet)
    while is_left:
        with deps.sessions.begin() as session:
            is_left = news.tell_next_voters(session, clock.now())


def tell_readers(deps: Deps) -> None:
    """Write down for everybody who reads the digest that it is sent to them, some hundred in a transaction."""
    with deps.sessions.reading() as session:
        is_left = readers.has_readers_to_tell(session)
    while is_left:
        with deps.sessions.begin() as session:
            is_left = readers.tell_next_readers(session, clock.now())


def show_counts(deps: Deps) -> None:
    """Have the cards shown of ideas that hide their count no longer; by Slack's clock, which all replicas share."""
    if not clock.is_slacks():
        return
    now, is_blind = clock.now(), deps.company.blind_votes
    with deps.sessions.reading() as session:
        is_due = blindness.is_card_to_show(session, now, is_blind=is_blind)
    if is_due:
        with deps.sessions.begin() as session:
            blindness.show_cards(session, now, is_blind=is_blind)


def show_young_cards(deps: Deps) -> None:
    """Have the cards shown anew that another setting concerns, which a replica that did not know it may have shown."""
    with deps.sessions.begin() as session:
        blindness.show_young_cards(session, clock.now())


def prepare_digest(deps: Deps, request: DigestRequest) -> None:
    """Have a requested digest posted with what the database says now, unless it is on its way already."""
    now = clock.now()
    with deps.sessions.reading() as session:
        if is_prepared(session, request):
            return
        facts = read_facts(session, deps, request, now)
        ideas = find_ideas(session, facts.idea_ids)
    with deps.sessions.begin() as session:
        digest_records.send(session, request, facts, ideas, now)


def do_daily_work(deps: Deps) -> None:
    """Do what a morning brings, by Slack's clock: what a wrong one asks for cannot be taken back."""
    now = clock.now()
    if not clock.is_slacks() or now.astimezone(deps.company.zone).time() < _MORNING:
        return
    _bring_back(deps, now)
    with deps.sessions.begin() as session:
        reminders.remind(session, deps.rules, now)
    with deps.sessions.begin() as session:
        if begin_job(session, "invitations", _day(deps, now), now):
            invitations.invite(session, now)


def read_threads(deps: Deps) -> None:
    """Read some of the threads of answered ideas that are to be read this night; the next tick goes on with others."""
    now = clock.now()
    if not clock.is_slacks() or now.astimezone(deps.company.zone).time() < _NIGHT:
        return
    for _ in range(_THREADS_AT_ONCE):
        with deps.sessions.begin() as session:
            thread = questions.next_thread(session, _day(deps, now), now)
        if thread is None:
            return
        replies = _replies(deps, thread)
        with deps.sessions.begin() as session:
            if questions.weigh(session, thread, replies, deps.rules, now):
                log.info("question.unanswered", idea_id=thread.idea_id)


def take_from_the_gone(deps: Deps) -> None:
    """Give open ideas of people who have left to somebody who is there."""
    with deps.sessions.begin() as session:
        taken = owners.take_from_the_gone(session, clock.now())
    if taken:
        log.info("owners.replaced", ideas=taken)


def _bring_back(deps: Deps, now: datetime) -> None:
    is_left = True
    while is_left:
        with deps.sessions.begin() as session:
            is_left = answers.bring_back(session, deps.rules, now) > 0


def _day(deps: Deps, now: datetime) -> str:
    return now.astimezone(deps.company.zone).date().isoformat()


def _replies(deps: Deps, thread: Thread) -> list[ThreadReply]:
    """Return what was written in a thread since its answer; nothing of one that cannot be read any more."""
    oldest = f"{thread.answered_at.timestamp():.6f}"
    try:
        pages = deps.reads.conversations_replies(
            channel=thread.channel_id, ts=thread.message_ts, oldest=oldest, limit=_PAGE
        )
        messages = [message for page in pages for message in page["messages"]]
    except SlackApiError as error:
        failure = failure_of(error)
        if failure.fate in _PASSING:
            raise
        log.info("thread.unreadable", idea_id=thread.idea_id, error=failure.error)
        return []
    return [
        ThreadReply(str(message.get("user")), _moment(message["ts"]), readable(message.get("text")))
        for message in messages
        if message["ts"] != thread.message_ts
    ]


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
