"""Lists of ideas, and one idea in full, as one person sees them; each with its buttons."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from slackblocks import ActionsBlock, Block, Button, Element, ModalView, RichTextElement

from bot.catalog import KINDS, MEASURES
from bot.ids import COMMAND, LIST_BLOCK_SEPARATOR, SEARCH_LIMIT, Action, ListKind, ListRequest
from bot.views.buttons import Permalink, card_button, details_button, vote_button
from bot.views.deeds import deed_elements
from bot.views.history import history_list
from bot.views.message import Message, checked, checked_view
from bot.views.rich import bold, code, italic, paragraph, person, plain, quote, quoted_words
from bot.views.text import clean, escape, neutral, one_line, short_day, shorten
from bot.views.words import (
    STATUS_WORDS,
    Noted,
    answer_due,
    awaits_answer,
    description_of,
    filed_year,
    heading,
    note_line,
    spoken_title,
    stage_name,
    status_line,
    tally_text,
    touchpoint_name,
)
from db.history_queries import History
from db.queries import IdeaDetails, IdeaPage, ListedIdea

PAGE_LIMIT = 20
"""The most ideas that one page can show: with the longest titles they still fit into a message."""

_DESCRIPTION_ROOM, _ANSWER_ROOM = 5_000, 2_500
"""What fits into one message beside an idea's history; only a text full of emoji is cut."""

_SPOKEN_IDEAS = 5
_TOP_TITLES = {"week": "Most wanted this week", "month": "Most wanted this month", "all": "Most wanted of all time"}
_WORDS_LIMIT = 60


def idea_list(
    request: ListRequest,
    page: IdeaPage,
    *,
    zone: tzinfo,
    permalink: Permalink,
    noted: Noted | None = None,
) -> Message:
    """Return one page of a list; what was pressed on it last is `noted` above it."""
    request = replace(request, argument=one_line(request.argument)[:SEARCH_LIMIT])
    title = _list_title(request)
    blocks: list[Block] = _noted(noted)
    if not page.ideas:
        return _empty_list(request, title, blocks)
    listed = page.ideas[:PAGE_LIMIT]
    blocks.append(paragraph("title", bold(title), *_page_of(page)))
    for item in listed:
        blocks += [paragraph(f"idea{LIST_BLOCK_SEPARATOR}{item.idea.id}", *_summary(item, zone))]
        offered = [*deed_elements(item.idea, item.deeds), *_vote(item), details_button(item.idea)]
        blocks.append(_item_actions(request, item, [*offered, *card_button(item.idea, permalink)]))
    blocks += _paging(request, page)
    return checked(_spoken_list(title, listed), blocks)


def _list_title(request: ListRequest) -> str:
    if request.kind is ListKind.SEARCH:
        return f"Ideas with {quoted_words(request.argument, _WORDS_LIMIT)}"
    if request.kind is ListKind.MINE:
        return "Your ideas"
    return _TOP_TITLES.get(request.argument, "Most wanted")


def _page_of(page: IdeaPage) -> list[RichTextElement]:
    return [plain(f" · page {page.page} of {page.pages}")] if page.pages > 1 else []


def _spoken_list(title: str, listed: Sequence[ListedIdea]) -> str:
    ideas = "; ".join(f"{spoken_title(item.idea)}, {tally_text(item.idea)}" for item in listed[:_SPOKEN_IDEAS])
    return f"{escape(neutral(title))}: {ideas}"


def _noted(noted: Noted | None) -> list[Block]:
    return [paragraph("note", *note_line(noted))] if noted else []


def _summary(item: ListedIdea, zone: tzinfo) -> list[RichTextElement]:
    return [*heading(item.idea), plain("\n"), bold(tally_text(item.idea)), *_state(item, zone)]


def _state(item: ListedIdea, zone: tzinfo) -> list[RichTextElement]:
    idea = item.idea
    author = italic("yours") if item.is_own else person(idea.author_id)
    stage = f" · {stage_name(idea)}" if idea.stage else ""
    state: list[RichTextElement] = [plain(" · "), *status_line(idea, zone), plain(f"{stage} · "), author]
    if awaits_answer(idea):
        state.append(plain(f" · {answer_due(idea, zone)}"))
    if item.has_reaction_vote:
        state.append(plain(" · your reaction on the card counts"))
    return state


def _item_actions(request: ListRequest, item: ListedIdea, elements: list[Element]) -> Block:
    return ActionsBlock(elements, block_id=f"{request.encode()}{LIST_BLOCK_SEPARATOR}{item.idea.id}")


def _vote(item: ListedIdea) -> list[Element]:
    return [vote_button(item)] if item.can_vote else []


def _paging(request: ListRequest, page: IdeaPage) -> list[Block]:
    buttons: list[Element] = []
    if page.page > 1:
        value = request.turned_to(page.page - 1).encode()
        buttons.append(Button("Previous page", action_id=Action.TURN_PAGE_BACK, value=value))
    if page.page < page.pages:
        value = request.turned_to(page.page + 1).encode()
        buttons.append(Button("Next page", action_id=Action.TURN_PAGE, value=value))
    return [ActionsBlock(buttons, block_id="pages")] if buttons else []


def _empty_list(request: ListRequest, title: str, blocks: list[Block]) -> Message:
    words = _EMPTY.get(request.kind, _EMPTY[ListKind.TOP])
    if request.kind is not ListKind.SEARCH:
        blocks.append(
            paragraph("empty", bold(title), plain(f"\n{words} Type "), code(f"{COMMAND} your idea in a line"))
        )
        return checked(f"{title}: {words}", blocks)
    blocks.append(paragraph("empty", bold(title), plain(f"\n{words}")))
    if request.argument:
        button = Button("File it as an idea", action_id=Action.OPEN_FORM, value=request.argument)
        blocks.append(ActionsBlock([button], block_id="file"))
    return checked(f"{escape(neutral(title))}: nothing found", blocks)


_EMPTY = {
    ListKind.TOP: "Nothing here yet, so yours can be the first.",
    ListKind.MINE: "You have not shared one yet. What would have helped the last customer you met?",
    ListKind.SEARCH: "Nothing found. Try fewer or other words, or be the first:",
}


def idea_details(
    item: ListedIdea,
    *,
    zone: tzinfo,
    permalink: Permalink,
    noted: Noted | None = None,
    history: History | None = None,
) -> Message:
    """Return everything about one idea; what was pressed on it last is `noted` above it."""
    idea = item.idea
    blocks = [*_noted(noted), *details_blocks(item, zone, history)]
    if elements := [*deed_elements(idea, item.deeds), *_vote(item), *card_button(idea, permalink)]:
        blocks.append(_item_actions(ListRequest(ListKind.SHOW, str(idea.id)), item, elements))
    return checked(f"{spoken_title(idea)} - {tally_text(idea)}, {STATUS_WORDS[idea.status].lower()}", blocks)


def details_blocks(item: ListedIdea, zone: tzinfo, history: History | None = None) -> list[Block]:
    """Return what there is to read about one idea: its text, where it stands, the newest answer, what happened."""
    idea = item.idea
    blocks: list[Block] = [paragraph("title", *heading(idea))]
    if description := shorten(description_of(idea), _DESCRIPTION_ROOM):
        blocks.append(paragraph("description", plain(description)))
    blocks.append(paragraph("state", bold(tally_text(idea)), *_state(item, zone)))
    blocks += _answer(idea, zone)
    blocks.append(paragraph("facts", *_facts(idea, zone)))
    return blocks + history_list(idea, history or History(), zone)


def details_view(item: ListedIdea, zone: tzinfo, history: History) -> dict[str, object]:
    """Return everything about one idea to read in a view of its own."""
    blocks = details_blocks(item, zone, history)
    return checked_view(ModalView(title=item.idea.key, close="Close", blocks=blocks))


def _answer(idea: IdeaDetails, zone: tzinfo) -> list[Block]:
    """Return the newest answer with who gave it and when."""
    if idea.newest_answer_at is None:
        return []
    day = short_day(idea.newest_answer_at.astimezone(zone).date(), year=filed_year(idea, zone))
    return [
        paragraph("answered", person(idea.answered_by), plain(f" answered on {day}:")),
        quote("answer", shorten(clean(idea.answer or "").strip(), _ANSWER_ROOM)),
    ]


def _facts(idea: IdeaDetails, zone: tzinfo) -> list[RichTextElement]:
    lines = [
        ("Stage", stage_name(idea)),
        ("Touchpoint", touchpoint_name(idea)),
        ("Should move", idea.measure and MEASURES.get(idea.measure, idea.measure)),
        ("Kind", idea.kind and KINDS.get(idea.kind, idea.kind)),
        ("Filed", _history(idea, zone)),
    ]
    return [plain("\n".join(f"{name}: {fact}" for name, fact in lines if fact))]


def _history(idea: IdeaDetails, zone: tzinfo) -> str:
    moments = [("", idea.created_at), ("edited ", idea.edited_at), ("answered ", idea.answered_at)]
    return ", ".join(f"{what}{short_day(at.astimezone(zone).date(), year=0)}" for what, at in moments if at)
