"""Lists of ideas, and one idea in full, as one person sees them; each with its buttons."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import tzinfo

from slackblocks import ActionsBlock, Block, Button, Element, RichTextElement

from bot.catalog import KINDS, MEASURES, TOUCHPOINTS
from bot.ids import COMMAND, LIST_BLOCK_SEPARATOR, SEARCH_LIMIT, Action, ListKind, ListRequest
from bot.views.message import Message, checked
from bot.views.rich import bold, code, italic, paragraph, person, plain, quoted_words
from bot.views.text import escape, neutral, one_line, short_day, votes_text
from bot.views.words import (
    STATUS_WORDS,
    Noted,
    answer_due,
    awaits_answer,
    description_of,
    heading,
    note_line,
    spoken_title,
    stage_name,
)
from db.queries import IdeaDetails, IdeaPage, ListedIdea
from db.types import VOTABLE_STATUSES

Permalink = Callable[[IdeaDetails], str | None]

PAGE_LIMIT = 20
"""The most ideas that one page can show: with the longest titles they still fit into a message."""

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
        blocks += _item_actions(request, item, permalink)
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
    ideas = "; ".join(f"{spoken_title(item.idea)}, {votes_text(item.idea.votes)}" for item in listed[:_SPOKEN_IDEAS])
    return f"{escape(neutral(title))}: {ideas}"


def _noted(noted: Noted | None) -> list[Block]:
    return [paragraph("note", *note_line(noted))] if noted else []


def _summary(item: ListedIdea, zone: tzinfo) -> list[RichTextElement]:
    return [*heading(item.idea), plain("\n"), bold(votes_text(item.idea.votes)), *_state(item, zone)]


def _state(item: ListedIdea, zone: tzinfo) -> list[RichTextElement]:
    idea = item.idea
    author = italic("yours") if item.is_own else person(idea.author_id)
    words = [STATUS_WORDS[idea.status], *([stage_name(idea.stage)] if idea.stage else [])]
    state: list[RichTextElement] = [plain(f" · {' · '.join(words)} · "), author]
    if awaits_answer(idea):
        state.append(plain(f" · {answer_due(idea, zone)}"))
    if item.has_reaction_vote:
        state.append(plain(" · your reaction on the card counts"))
    return state


def _item_actions(request: ListRequest, item: ListedIdea, permalink: Permalink) -> list[Block]:
    elements: list[Element] = []
    if not item.is_own and item.idea.status in VOTABLE_STATUSES:
        elements.append(_vote_button(item))
    if url := permalink(item.idea):
        label = f"See the card of {item.idea.key}"
        elements.append(Button("See card", action_id=Action.SEE_CARD, url=url, accessibility_label=label))
    block_id = f"{request.encode()}{LIST_BLOCK_SEPARATOR}{item.idea.id}"
    return [ActionsBlock(elements, block_id=block_id)] if elements else []


def _vote_button(item: ListedIdea) -> Button:
    text, action = ("Take vote back", Action.TAKE_VOTE_BACK) if item.has_button_vote else ("Vote", Action.CAST_VOTE)
    # A screen reader would hear the same word once for each idea.
    label = f"{text}: {item.idea.key}"
    return Button(text, action_id=action, value=str(item.idea.id), accessibility_label=label)


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
) -> Message:
    """Return everything about one idea; what was pressed on it last is `noted` above it."""
    idea = item.idea
    blocks = [*_noted(noted), paragraph("title", *heading(idea))]
    if description := description_of(idea):
        blocks.append(paragraph("description", plain(description)))
    blocks.append(paragraph("state", bold(votes_text(idea.votes)), *_state(item, zone)))
    blocks.append(paragraph("facts", *_facts(idea, zone)))
    blocks += _item_actions(ListRequest(ListKind.SHOW, str(idea.id)), item, permalink)
    return checked(f"{spoken_title(idea)} - {votes_text(idea.votes)}, {STATUS_WORDS[idea.status].lower()}", blocks)


def _facts(idea: IdeaDetails, zone: tzinfo) -> list[RichTextElement]:
    lines = [
        ("Stage", stage_name(idea.stage)),
        ("Touchpoint", idea.touchpoint and TOUCHPOINTS.get(idea.touchpoint, idea.touchpoint)),
        ("Should move", idea.measure and MEASURES.get(idea.measure, idea.measure)),
        ("Kind", idea.kind and KINDS.get(idea.kind, idea.kind)),
        ("Filed", _history(idea, zone)),
    ]
    facts: list[RichTextElement] = [plain("\n".join(f"{name}: {fact}" for name, fact in lines if fact))]
    if idea.owner_id:
        facts += [plain("\nLooked after by "), person(idea.owner_id)]
    return facts


def _history(idea: IdeaDetails, zone: tzinfo) -> str:
    moments = [("", idea.created_at), ("edited ", idea.edited_at), ("answered ", idea.answered_at)]
    return ", ".join(f"{what}{short_day(at.astimezone(zone).date(), year=0)}" for what, at in moments if at)
