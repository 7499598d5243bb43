"""App Home from the database as it is now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.deps import Deps
from bot.ids import Note
from bot.looks import ANY_STAGE, HomeLook, HomeOwner, chosen_stage
from bot.services.rights import Viewer, gone_among, viewer_of
from bot.settings_page import settings_blocks
from bot.views.home import OWN_LIMIT, UNVOTED_LIMIT, WANTED_LIMIT, Home, WantedIdea, home
from bot.views.home_desk import PAGE_SIZE, Desk, DeskIdea
from bot.views.words import Noted
from db import home_queries as queries
from db.home_queries import DeskFilter
from db.idea_queries import listed_ideas
from db.queries import blinded_item

_WEEK, _FRESH = timedelta(days=7), timedelta(days=30)


def home_view(session: Session, deps: Deps, args: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return what an outbox row of App Home shows; the number of statements does not depend on the ideas."""
    viewer = viewer_of(session, args["user_id"])
    shown = _ideas(session, viewer, now, deps.company.blind_since(now)) if viewer.is_active else Home(is_member=False)
    if viewer.is_active:
        shown = replace(shown, desk=_desk(session, viewer, HomeLook.of(args), now))
    shown = replace(shown, **_said(args.get("notice") or {}))
    settings = settings_blocks(session, deps) if viewer.is_admin else []
    return home(shown, zone=deps.company.zone, now=now, permalink=deps.identity.permalink, settings_blocks=settings)


def _ideas(session: Session, viewer: Viewer, now: datetime, blind_since: datetime | None) -> Home:
    """Return what everyone sees."""
    own, own_total = queries.own_ideas(session, viewer.user_id, OWN_LIMIT)
    wanted = queries.most_wanted(session, now - _WEEK, WANTED_LIMIT, blind_since)
    unvoted = queries.unvoted_ideas(session, viewer.user_id, now - _FRESH, UNVOTED_LIMIT, wanted)
    items = listed_ideas(session, viewer.user_id, {*own, *wanted, *unvoted})
    return Home(
        is_member=True,
        own=tuple(items[number] for number in own),
        own_total=own_total,
        wanted=tuple(WantedIdea(items[number], votes) for number, votes in wanted.items()),
        unvoted=tuple(blinded_item(items[number], blind_since) for number in unvoted),
    )


def _desk(session: Session, viewer: Viewer, look: HomeLook, now: datetime) -> Desk | None:
    """Return what somebody answers; None for those who answer nothing."""
    if not (viewer.is_leader or viewer.owns_stage or queries.owns_an_idea(session, viewer.whose.owners)):
        return None
    stages = queries.stages_to_choose(session)
    look = _possible(look, stages)
    page = queries.desk_page(session, _filter(viewer, look), look.page, PAGE_SIZE, now)
    items = listed_ideas(session, viewer.user_id, page.idea_ids)
    ideas = [items[number].idea for number in page.idea_ids]
    gone = gone_among(session, {idea.author_id for idea in ideas if idea.author_id})
    return Desk(
        look=look,
        ideas=tuple(DeskIdea(idea, viewer.deeds(idea, gone)) for idea in ideas),
        page=page.page,
        pages=page.pages,
        total=page.total,
        overdue=page.overdue,
        stages=stages,
        is_leaders=viewer.is_leader,
    )


def _possible(look: HomeLook, stages: Sequence[tuple[str, str]]) -> HomeLook:
    """Return the look without a stage that is not on the list, or not any more."""
    is_known = chosen_stage(look.stage) in {None, *(key for key, _ in stages)}
    return look if is_known else replace(look, stage=ANY_STAGE)


def _filter(viewer: Viewer, look: HomeLook) -> DeskFilter:
    sees_all = viewer.is_leader and look.owner is HomeOwner.EVERYBODY
    stages = () if look.stage == ANY_STAGE else (chosen_stage(look.stage),)
    return DeskFilter(look.status.statuses, stages, None if sees_all else viewer.whose)


def _said(notice: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said about the last press."""
    if "note" in notice:
        return {"note": Noted(Note(notice["note"]), notice["idea_id"], tuple(notice.get("reactions", ())))}
    return {"notice": str(notice.get("text", ""))}
