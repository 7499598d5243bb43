"""Messages from the database as it is now: for outbox rows, and for what a command answers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot import letters
from bot.deeds import Deed, outcomes
from bot.deps import Deps
from bot.digest_rendering import posted_digest, preview_message
from bot.errors import IdeaNotFound
from bot.ids import ListKind, ListRequest, Note
from bot.payloads import named_idea
from bot.rendered import Rendered
from bot.services.digests import DigestRequest, is_overtaken
from bot.services.ideas import UNDO_WINDOW
from bot.services.rights import condition_of, deeds_of, deeds_with_each
from bot.views import cards, digests, lists, notices, receipts, refusals
from bot.views import help as help_view
from bot.views.answers import Offer
from bot.views.history import HISTORY_LIMIT
from bot.views.message import Message
from bot.views.words import Noted
from db import idea_queries as ideas
from db.history_queries import active_stages, idea_history
from db.queries import IdeaDetails, IdeaPage, ListedIdea, blinded, blinded_item, idea_key
from db.types import Edition, MessageKind, Status

_TOP_PERIODS = {"week": timedelta(days=7), "month": timedelta(days=30)}


def render(session: Session, deps: Deps, kind: str, args: dict[str, Any], now: datetime) -> Rendered:
    """Return what an outbox row shows."""
    if kind == MessageKind.CARD:
        return _card(session, deps, args["idea_id"], now)
    if kind == MessageKind.DIGEST:
        is_moot = is_overtaken(session, args["run_id"], now)
        return Rendered(posted_digest(session, deps, args["run_id"]), is_moot=is_moot)
    if kind == MessageKind.THREAD:
        return letters.thread_note(session, deps, args, now)
    if args["view"] in letters.LETTERS:
        return letters.letter(session, deps, args, now, deps.identity.permalink)
    return Rendered(_BY_VIEW[args["view"]](session, deps, args, now))


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks at a list, when, and what they pressed last."""

    viewer_id: str
    now: datetime
    noted: Noted | None = None


def list_message(session: Session, deps: Deps, request: ListRequest, look: Look) -> Message:
    """Return a page of a list, or one idea, as this person sees it."""
    if request.kind == ListKind.SHOW:
        return _one_idea(session, deps, request.argument, look)
    if request.kind == ListKind.SEARCH and not request.argument:
        return help_view.search_for_what()
    page = _page(session, request, look, deps.company.blind_since(look.now))
    return lists.idea_list(request, page, zone=deps.company.zone, permalink=deps.identity.permalink, noted=look.noted)


def filed_receipt(idea: IdeaDetails, deps: Deps, now: datetime, note: Note | None = None) -> Message:
    """Return the answer to an idea in a line."""
    left, company = idea.created_at + UNDO_WINDOW - now, deps.company
    return receipts.filed_receipt(idea, company.zone, stages=company.lists.stages, undo_left=left, note=note)


def require_idea(session: Session, idea_id: int) -> IdeaDetails:
    """Return an idea; raises IdeaNotFound."""
    idea = ideas.find_idea(session, idea_id)
    if idea is None:
        raise IdeaNotFound(idea_key(idea_id))
    return idea


def _card(session: Session, deps: Deps, idea_id: int, now: datetime) -> Rendered:
    idea = blinded(require_idea(session, idea_id), deps.company.blind_since(now))
    message = cards.idea_card(idea, deps.company.zone, vote_reactions=deps.company.vote_reactions)
    is_withdrawn = idea.status == Status.WITHDRAWN
    return Rendered(message, is_moot=is_withdrawn, is_removable=is_withdrawn and idea.votes == 0)


def _one_idea(session: Session, deps: Deps, number: str, look: Look) -> Message:
    if not number:
        return help_view.show_which()
    named = named_idea(number)
    listed = _listed(session, deps, named, look) if named else None
    if listed is None:
        return help_view.unknown_idea(idea_key(named) if named else number)
    if _is_taken_back(listed):
        return help_view.withdrawn_idea(listed.idea.key)
    item = replace(listed, deeds=deeds_of(session, listed.idea, look.viewer_id))
    history = idea_history(session, listed.idea.id, HISTORY_LIMIT)
    return lists.idea_details(
        item, zone=deps.company.zone, permalink=deps.identity.permalink, noted=look.noted, history=history
    )


def details_form(session: Session, deps: Deps, idea_id: int, look: Look) -> dict[str, Any]:
    """Return one idea in full as a view of its own, for App Home; raises IdeaNotFound."""
    listed = _listed(session, deps, idea_id, look)
    if listed is None or _is_taken_back(listed):
        raise IdeaNotFound(idea_key(idea_id))
    return lists.details_view(listed, deps.company.zone, idea_history(session, idea_id, HISTORY_LIMIT))


def _listed(session: Session, deps: Deps, idea_id: int, look: Look) -> ListedIdea | None:
    listed = ideas.listed_idea(session, look.viewer_id, idea_id)
    return blinded_item(listed, deps.company.blind_since(look.now)) if listed else None


def answer_offer(session: Session, idea: IdeaDetails) -> Offer:
    """Return what the forms about an idea let people choose from."""
    return Offer(outcomes(condition_of(session, idea)), active_stages(session))


def _is_taken_back(listed: ListedIdea) -> bool:
    """Tell whether an idea's author has taken it back before anybody took it up: it is theirs alone then."""
    return listed.idea.status == Status.WITHDRAWN and listed.idea.card_ts is None and not listed.is_own


def _page(session: Session, request: ListRequest, look: Look, blind_since: datetime | None) -> IdeaPage:
    if request.kind == ListKind.MINE:
        return _offering(session, ideas.ideas_by_author(session, look.viewer_id, request.page), look.viewer_id)
    if request.kind == ListKind.SEARCH:
        page = ideas.ideas_with_words(session, look.viewer_id, request.page, request.argument, blind_since)
    else:
        period = _TOP_PERIODS.get(request.argument)
        since = look.now - period if period else None
        page = ideas.top_ideas(session, look.viewer_id, request.page, since, blind_since)
    return replace(page, ideas=tuple(blinded_item(item, blind_since) for item in page.ideas))


def _offering(session: Session, page: IdeaPage, author_id: str) -> IdeaPage:
    """Return a page of somebody's own ideas with what they can do with each as its author or maker."""
    offered = {Deed.WITHDRAW, Deed.FINISH}
    deeds = deeds_with_each(session, [item.idea for item in page.ideas], author_id)
    items = [replace(item, deeds=deeds[item.idea.id] & offered) for item in page.ideas]
    return replace(page, ideas=tuple(items))


def _list_reply(session: Session, deps: Deps, args: dict[str, Any], now: datetime) -> Message:
    noted = None
    if "note" in args:
        noted = Noted(Note(args["note"]), args["idea_id"], tuple(args.get("reactions", ())))
    return list_message(session, deps, ListRequest.decode(args["list"]), Look(args["user_id"], now, noted))


def _receipt_reply(session: Session, deps: Deps, args: dict[str, Any], now: datetime) -> Message:
    return filed_receipt(require_idea(session, args["idea_id"]), deps, now, Note(args["note"]))


def _withdrawn_reply(session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    idea = require_idea(session, args["idea_id"])
    return receipts.withdrawn_receipt(idea, had_support=idea.votes > 0)


def _too_late_reply(session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    return receipts.undo_too_late(require_idea(session, args["idea_id"]))


def _noted_reply(_session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    return receipts.noted(Noted(Note(args["note"]), args["idea_id"]))


def _text_reply(_session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    return refusals.refusal(args["text"])


def _kept_reply(_session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    return receipts.kept_text(args["text"])


def _preview_reply(session: Session, deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    request = DigestRequest(args["channel_id"], args["week"], Edition(args["edition"]), args["timezone"])
    return preview_message(session, deps, request, args["user_id"])


def _only_leaders_reply(_session: Session, deps: Deps, _args: dict[str, Any], _now: datetime) -> Message:
    return refusals.only_leaders_post(next(iter(deps.company.digest_channels), None))


def _on_its_way_reply(_session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    return digests.digest_on_its_way(args["channel_ids"], args["week"])


def _channel_blocked(_session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    return notices.channel_blocked(args["channel_id"], args["error"])


def _posted_before_reply(_session: Session, _deps: Deps, args: dict[str, Any], _now: datetime) -> Message:
    return digests.digest_posted_before(args["channel_ids"], args["week"])


_BY_VIEW: dict[str, Callable[[Session, Deps, dict[str, Any], datetime], Message]] = {
    "channel_blocked": _channel_blocked,
    "digest_on_its_way": _on_its_way_reply,
    "digest_posted_before": _posted_before_reply,
    "kept": _kept_reply,
    "list": _list_reply,
    "noted": _noted_reply,
    "only_leaders": _only_leaders_reply,
    "preview": _preview_reply,
    "receipt": _receipt_reply,
    "text": _text_reply,
    "too_late": _too_late_reply,
    "withdrawn": _withdrawn_reply,
}
