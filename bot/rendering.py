"""Messages from the database as it is now: for outbox rows, and for what a command answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.deps import Deps
from bot.errors import IdeaNotFound
from bot.ids import ListKind, ListRequest, Note
from bot.services.digest_facts import read_digest
from bot.services.digests import DigestRequest, request_of
from bot.services.ideas import UNDO_WINDOW
from bot.views import cards, digests, lists, receipts
from bot.views import help as help_view
from bot.views.message import Message, checked
from bot.views.rich import paragraph, plain
from bot.views.words import Noted
from db import idea_queries as ideas
from db.models import DigestRun
from db.queries import IdeaDetails, IdeaPage, idea_key
from db.types import MessageKind, Status

_TOP_PERIODS = {"week": timedelta(days=7), "month": timedelta(days=30)}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What Slack must show; a withdrawn idea's card is taken down instead, when nobody has answered it."""

    message: Message
    is_removable: bool = False


def render(session: Session, deps: Deps, kind: str, args: dict[str, Any], now: datetime) -> Rendered:
    """Return what an outbox row shows."""
    if kind == MessageKind.CARD:
        return _card(session, deps, args["idea_id"])
    if kind == MessageKind.DIGEST:
        return Rendered(_digest(session, deps, args["run_id"]))
    return Rendered(_REPLIES[args["view"]](session, deps, args, now))


def list_message(
    session: Session, deps: Deps, viewer_id: str, request: ListRequest, now: datetime, noted: Noted | None = None
) -> Message:
    """Return a page of a list, or one idea, as this person sees it."""
    look = {"zone": deps.settings.zone, "permalink": permalink_of(deps), "noted": noted}
    if request.kind == ListKind.SHOW:
        return _one_idea(session, viewer_id, request.argument, look)
    if request.kind == ListKind.SEARCH and not request.argument:
        return help_view.search_for_what()
    return lists.idea_list(request, _page(session, viewer_id, request, now), **look)


def preview_message(session: Session, deps: Deps, request: DigestRequest) -> Message:
    """Return a digest as only its reader sees it, with buttons to post it or to look at the other week."""
    facts = read_digest(session, request, deps.settings.cx_workforce)
    return digests.digest_preview(facts, permalink=permalink_of(deps), zone=ZoneInfo(request.timezone))


def digest_message(session: Session, deps: Deps, request: DigestRequest) -> Message:
    """Return a digest as a leadership channel shows it."""
    facts = read_digest(session, request, deps.settings.cx_workforce)
    return digests.digest(facts, permalink=permalink_of(deps), zone=ZoneInfo(request.timezone))


def filed_receipt(idea: IdeaDetails, deps: Deps, now: datetime, note: Note | None = None) -> Message:
    """Return the answer to an idea in a line."""
    undo_until = idea.created_at + UNDO_WINDOW
    return receipts.filed_receipt(idea, deps.settings.zone, undo_until=undo_until, now=now, note=note)


def permalink_of(deps: Deps) -> Callable[[IdeaDetails], str | None]:
    """Return the function that knows where an idea's card is to be seen."""

    def permalink(idea: IdeaDetails) -> str | None:
        return deps.identity.get().permalink(idea.card_channel_id, idea.card_ts) if deps.identity.is_known else None

    return permalink


def require_idea(session: Session, idea_id: int) -> IdeaDetails:
    """Return an idea; raises IdeaNotFound."""
    idea = ideas.find_idea(session, idea_id)
    if idea is None:
        raise IdeaNotFound(idea_key(idea_id))
    return idea


def _card(session: Session, deps: Deps, idea_id: int) -> Rendered:
    idea = require_idea(session, idea_id)
    message = cards.idea_card(idea, deps.settings.zone, vote_reactions=deps.settings.cx_vote_reactions)
    return Rendered(message, is_removable=idea.status == Status.WITHDRAWN and idea.votes == 0)


def _digest(session: Session, deps: Deps, run_id: int) -> Message:
    run = session.get_one(DigestRun, run_id)
    return digest_message(session, deps, request_of(run))


def _one_idea(session: Session, viewer_id: str, number: str, look: dict[str, Any]) -> Message:
    if not number:
        return help_view.show_which()
    listed = ideas.listed_idea(session, viewer_id, int(number))
    return lists.idea_details(listed, **look) if listed else help_view.unknown_idea(idea_key(int(number)))


def _page(session: Session, viewer_id: str, request: ListRequest, now: datetime) -> IdeaPage:
    if request.kind == ListKind.MINE:
        return ideas.ideas_by_author(session, viewer_id, request.page)
    if request.kind == ListKind.SEARCH:
        return ideas.ideas_with_words(session, viewer_id, request.page, request.argument)
    period = _TOP_PERIODS.get(request.argument)
    return ideas.top_ideas(session, viewer_id, request.page, now - period if period else None)


def _list_reply(session: Session, deps: Deps, args: dict[str, Any], now: datetime) -> Message:
    noted = None
    if "note" in args:
        noted = Noted(Note(args["note"]), args["idea_id"], tuple(args.get("reactions", ())))
    return list_message(session, deps, args["user_id"], ListRequest.decode(args["list"]), now, noted)


def _receipt_reply(session: Session, deps: Deps, args: dict[str, Any], now: datetime) -> Message:
    return filed_receipt(require_idea(session, args["idea_id"]), deps, now, Note(args["note"]))


def _withdrawn_reply(session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    idea = require_idea(session, args["idea_id"])
    return receipts.withdrawn_receipt(idea, had_support=idea.votes > 0)


def _too_late_reply(session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    return receipts.undo_too_late(require_idea(session, args["idea_id"]))


def _text_reply(_session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    return checked(args["text"], [paragraph("text", plain(args["text"]))])


def _kept_reply(_session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    return receipts.kept_text(args["text"])


def _preview_reply(session: Session, deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    request = DigestRequest(args["channel_id"], args["week"], args["edition"], args["timezone"])
    return preview_message(session, deps, request)


_REPLIES: dict[str, Callable[[Session, Deps, dict[str, Any], datetime], Message]] = {
    "kept": _kept_reply,
    "list": _list_reply,
    "preview": _preview_reply,
    "receipt": _receipt_reply,
    "text": _text_reply,
    "too_late": _too_late_reply,
    "withdrawn": _withdrawn_reply,
}
