"""What each digest says is kept beside it, so that it can be shown anew when something becomes of its ideas."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.services.digests import DigestRequest, enqueue_run, run_of
from bot.services.readers import begin_telling
from db.digest_models import DigestItem, DigestRun
from db.digest_queries import regular_before
from db.digests import DigestFacts
from db.queries import IdeaDetails
from db.types import waits_for_answer

_FACTS: TypeAdapter[DigestFacts] = TypeAdapter(DigestFacts)


def send(
    session: Session, request: DigestRequest, facts: DigestFacts, ideas: dict[int, IdeaDetails], now: datetime
) -> None:
    """Have a requested digest posted, and keep what it says; nothing when it is on its way already.

    `ideas` are those that it names, as they are now.
    """
    run = run_of(session, request, is_held=True)  # Another replica may be about to send it, too.
    if run is None or run.prepared_at is not None:
        return
    run.facts = _FACTS.dump_python(facts, mode="json")
    items = _items(run.id, facts, ideas)
    if items:
        session.execute(insert(DigestItem), items)
    begin_telling(session, run, request, now)
    enqueue_run(session, request, now)


def facts_of(run: DigestRun) -> DigestFacts | None:
    """Return what a digest says; None for one that was posted before this was kept."""
    return None if run.facts is None else _FACTS.validate_python(run.facts)


def last_facts(session: Session, request: DigestRequest) -> DigestFacts | None:
    """Return what the channel's newest regular digest before this one said; None while none is kept."""
    conditions = regular_before(request.channel_id, request.week)
    earlier = select(DigestRun).where(*conditions, DigestRun.facts.is_not(None))
    run = session.scalar(earlier.order_by(DigestRun.week.desc()).limit(1))
    return facts_of(run) if run else None


def _items(run_id: int, facts: DigestFacts, ideas: dict[int, IdeaDetails]) -> list[dict[str, Any]]:
    movers = {mover.idea_id for mover in facts.movers}
    shown = dict.fromkeys([*movers, *facts.waiting.idea_ids, *((facts.quiet_idea,) if facts.quiet_idea else ())])
    return [
        {
            "run_id": run_id,
            "idea_id": idea.id,
            "is_mover": idea.id in movers,
            "is_question": waits_for_answer(idea.status, idea.settled_at),
            "votes": idea.votes,
        }
        for idea in (ideas[number] for number in shown if number in ideas)
    ]
