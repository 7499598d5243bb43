"""Direct messages to people and notes in threads, from the database as it is when they leave.

Whoever does not want a message, or is not of the company, gets none; in quiet hours it waits.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.deeds import Deed
from bot.deps import Deps
from bot.digest_rendering import sent_digest
from bot.quiet import next_allowed, zone_named
from bot.rendered import NOTHING, Rendered
from bot.services.invitations import mentor_for, shipped_idea
from bot.services.people import find_person
from bot.services.preferences import wanted_kinds
from bot.services.reminders import promises_by_person
from bot.services.rights import deeds_with_each
from bot.views import news, reminders
from bot.views.message import Message
from bot.views.news import Piece
from db import idea_queries as ideas
from db import news_queries
from db.queries import IdeaDetails, ToldChange
from db.types import NewsKind, Occasion, Standing, Step

Permalink = Callable[[IdeaDetails], str | None]

_UNKNOWN_SECONDS = 5
"""Until somebody of whom nothing is known may have been looked up."""
_CARD_SECONDS = 2
"""Until a card that a note hangs on may stand."""
_OFFERED = frozenset({Deed.ANSWER, Deed.ROUTE})


def letter(session: Session, deps: Deps, args: dict[str, Any], now: datetime, permalink: Permalink) -> Rendered:
    """Return a direct message: nothing for whoever is not to get it, and not before their quiet hours are over."""
    person = find_person(session, args["user_id"])
    if person.standing is Standing.UNKNOWN:
        return Rendered(Message("", []), wait_until=now + timedelta(seconds=_UNKNOWN_SECONDS))
    wanted = wanted_kinds(session, args["user_id"], deps.company.news)
    message = LETTERS[args["view"]](session, deps, args | {"wanted": wanted, "now": now, "permalink": permalink})
    if person.standing is not Standing.MEMBER or message is None:
        return NOTHING
    allowed_at = next_allowed(now, zone_named(person.timezone) or deps.company.zone, deps.company.quiet_hours)
    return Rendered(message, wait_until=allowed_at if allowed_at > now else None)


def thread_note(session: Session, deps: Deps, args: dict[str, Any], now: datetime) -> Rendered:
    """Return a note in the thread of an idea's card; it waits for a card that is not posted yet."""
    change = news_queries.told_change(session, args["change_id"])
    if news_queries.is_card_gone(session, change.idea.id):
        return NOTHING
    wait_until = None if change.idea.card_ts else now + timedelta(seconds=_CARD_SECONDS)
    message = news.thread_note(change, deps.company.zone)
    return Rendered(message, thread_ts=change.idea.card_ts, wait_until=wait_until)


def _news(session: Session, deps: Deps, args: dict[str, Any]) -> Message | None:
    user_id = args["user_id"]
    told = news_queries.told_changes(session, args["key"], args["wanted"])
    deeds = deeds_with_each(session, [change.idea for _, change in told], user_id)
    pieces = [_piece(user_id, kind, change, deeds[change.idea.id], args["permalink"]) for kind, change in told]
    return news.news_letter(pieces, user_id, deps.company.zone) if pieces else None


def _piece(user_id: str, kind: NewsKind, change: ToldChange, deeds: frozenset[Deed], permalink: Permalink) -> Piece:
    offered = _OFFERED if change.step is Step.OWNER else {Deed.FINISH}
    url = permalink(change.idea)
    is_own = kind is NewsKind.OWN_IDEAS and change.idea.author_id == user_id
    thread = f"{url}?thread_ts={change.idea.card_ts}&cid={change.idea.card_channel_id}" if url and is_own else None
    return Piece(kind, change, deeds & offered, url, thread)


def _reminder(session: Session, deps: Deps, args: dict[str, Any]) -> Message | None:
    if NewsKind.REMINDERS not in args["wanted"]:
        return None
    user_id, day = args["user_id"], date.fromisoformat(args["day"])
    promises = promises_by_person(session, day, deps.rules).get(user_id, ())
    found = ideas.find_ideas(session, [promise.idea_id for promise in promises])
    deeds = deeds_with_each(session, found.values(), user_id)
    dues = [
        reminders.Due(found[promise.idea_id], promise.due, deeds[promise.idea_id] & _OFFERED)
        for promise in promises
        if promise.idea_id in found
    ]
    return reminders.reminder(dues, args["now"].astimezone(deps.company.zone).date()) if dues else None


def _next_idea(session: Session, _deps: Deps, args: dict[str, Any]) -> Message | None:
    if NewsKind.NEXT_IDEA not in args["wanted"]:
        return None
    user_id, occasion = args["user_id"], Occasion(args["occasion"])
    if occasion is Occasion.DECLINED:
        return reminders.next_idea(occasion, None, mentor_for(session, user_id))
    number = shipped_idea(session, user_id)
    return reminders.next_idea(occasion, ideas.find_idea(session, number) if number else None, None)


def _digest(session: Session, deps: Deps, args: dict[str, Any]) -> Message | None:
    return sent_digest(session, deps, args["run_id"], args["user_id"])


LETTERS: dict[str, Callable[[Session, Deps, dict[str, Any]], Message | None]] = {
    "digest": _digest,
    "news": _news,
    "next_idea": _next_idea,
    "reminder": _reminder,
}
"""The views of direct messages that somebody can turn off, and that keep quiet hours."""
