"""Digests from the database: their figures as they were when they went out, their ideas as they are now."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot import clock
from bot.deps import Deps
from bot.services.calendar import rhythm_of
from bot.services.charts import charts_are_taken
from bot.services.digest_facts import read_digest
from bot.services.digest_records import facts_of
from bot.services.digests import (
    DigestRequest,
    channels_in,
    is_prepared,
    request_of,
    rhythm_instead,
    week_instead,
)
from bot.services.readers import is_reader
from bot.services.rights import Role, deeds_by_anybody, deeds_with_each, has_role
from bot.views import digests
from bot.views.digest_items import DigestPage
from bot.views.digests import Preview
from bot.views.message import Message
from db.digest_models import DigestRun
from db.digests import DigestFacts
from db.idea_queries import find_ideas


def read_facts(session: Session, deps: Deps, request: DigestRequest, now: datetime) -> DigestFacts:
    """Return what a digest says by the database at this moment."""
    return read_digest(session, request, deps.rules, deps.company.workforce, now)


def posted_digest(session: Session, deps: Deps, run_id: int) -> Message:
    """Return a digest that went out: what it said, with what has become of its ideas since."""
    run = session.get_one(DigestRun, run_id)
    facts = facts_of(run) or read_facts(session, deps, request_of(run), clock.now())
    return digests.digest(_page(session, deps, facts, run.timezone, run.prepared_at))


def sent_digest(session: Session, deps: Deps, run_id: int, user_id: str) -> Message | None:
    """Return a digest that went out as one of its readers gets it, who acts in it as far as they may; None: no more."""
    run = session.get_one(DigestRun, run_id)
    facts = facts_of(run)
    if facts is None or not is_reader(session, user_id):
        return None
    page = _page(session, deps, facts, run.timezone, run.prepared_at)
    deeds = deeds_with_each(session, page.ideas.values(), user_id)
    return digests.digest_letter(replace(page, deeds=deeds))


def digest_message(session: Session, deps: Deps, request: DigestRequest) -> Message:
    """Return a digest as a leadership channel would get it now."""
    facts = read_facts(session, deps, request, clock.now())
    return digests.digest(_page(session, deps, facts, request.timezone))


def preview_message(session: Session, deps: Deps, request: DigestRequest, user_id: str) -> Message:
    """Return a digest as only its reader sees it, with buttons to post it or to look at another one."""
    now = clock.now()
    facts = read_facts(session, deps, request, now)
    preview = Preview(
        other_week=week_instead(request),
        other_rhythm=rhythm_instead(session, request, now) or "",
        is_admins=has_role(session, Role.ADMIN, user_id),
        is_posted=is_prepared(session, request),
        channels=tuple(each.channel_id for each in channels_in(session, rhythm_of(request.week))),
    )
    return digests.digest_preview(_page(session, deps, facts, request.timezone), preview)


def _page(
    session: Session, deps: Deps, facts: DigestFacts, timezone: str, sent_at: datetime | None = None
) -> DigestPage:
    ideas = find_ideas(session, facts.idea_ids)
    return DigestPage(
        facts=facts,
        ideas=ideas,
        deeds=deeds_by_anybody(session, ideas.values()),
        zone=ZoneInfo(timezone),
        permalink=deps.identity.permalink,
        home_link=deps.identity.home_link(),
        sent_at=sent_at,
        with_charts=charts_are_taken(session, clock.now()),
    )
