"""The desk of those who answer ideas: what waits for them in App Home, with filters, pages and all that can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from slackblocks import (
    ActionsBlock,
    Block,
    Button,
    DividerBlock,
    Element,
    HeaderBlock,
    Option,
    PlainText,
    RichTextElement,
    StaticSelectMenu,
)

from bot.deeds import Deed
from bot.ids import Action
from bot.looks import ANY_STAGE, HomeLook, HomeOwner, HomeStatus, stage_choice
from bot.views.buttons import Permalink, card_button
from bot.views.deeds import deed_elements
from bot.views.home_items import item_blocks, stage_words
from bot.views.rich import bold, hint, paragraph, person, plain
from bot.views.text import count_text, short_day, shorten, votes_text
from bot.views.words import STATUS_WORDS, answer_day, awaits_answer
from db.queries import IdeaDetails

PAGE_SIZE = 10
_OPTION_LIMIT, _MOST_STAGES = 75, 97

_STATUS_OPTIONS = {
    HomeStatus.WAITING: "Waiting for an answer",
    HomeStatus.NEW: "New",
    HomeStatus.UNDER_REVIEW: "Under review",
    HomeStatus.PLANNED: "Planned",
    HomeStatus.IN_PROGRESS: "In progress",
    HomeStatus.PARKED: "Parked",
    HomeStatus.OPEN: "All open",
}
_OWNER_OPTIONS = {HomeOwner.EVERYBODY: "Everybody's to answer", HomeOwner.MINE: "Mine to answer only"}


@dataclass(frozen=True, slots=True)
class DeskIdea:
    """An idea with what the viewer may do with it."""

    idea: IdeaDetails
    deeds: frozenset[Deed]


@dataclass(frozen=True, slots=True)
class Desk:
    """A page of ideas as `look` chose them; `stages` are those to choose from, by key and name.

    `is_leaders`: the viewer may look at everybody's; others see only what is theirs.
    """

    look: HomeLook
    ideas: tuple[DeskIdea, ...]
    page: int
    pages: int
    total: int
    overdue: int
    stages: Sequence[tuple[str, str]]
    is_leaders: bool


def desk_blocks(desk: Desk, *, zone: tzinfo, now: datetime, permalink: Permalink) -> list[Block]:
    """Return the desk: how much there is, filters, the ideas with their buttons, and the pages."""
    blocks: list[Block] = [
        DividerBlock(block_id="desk.line"),
        HeaderBlock(_STATUS_OPTIONS[desk.look.status], block_id="desk"),
        paragraph("desk.sum", *_sum(desk)),
        ActionsBlock(_filters(desk), block_id="desk.filters"),
    ]
    for each in desk.ideas[:PAGE_SIZE]:
        elements = [*deed_elements(each.idea, each.deeds), *card_button(each.idea, permalink)]
        blocks += item_blocks("desk", each.idea, _state(each.idea, zone, now), elements)
    return blocks + _paging(desk)


def _sum(desk: Desk) -> list[RichTextElement]:
    if desk.total == 0:
        is_all = desk.look == HomeLook(page=desk.look.page)
        return [plain("Nobody waits for you. Thank you." if is_all else "Nothing here: try the other filters.")]
    words: list[RichTextElement] = [bold(count_text(desk.total, "idea"))]
    if desk.overdue:
        words += [plain(", "), bold(f"{desk.overdue:,} overdue")]
    first = (desk.page - 1) * PAGE_SIZE + 1
    where = f". Here are {first:,} to {first + len(desk.ideas) - 1:,}, oldest date first." if desk.pages > 1 else ""
    return [*words, plain(where or ", oldest date first." if desk.total > 1 else ".")]


def _filters(desk: Desk) -> list[Element]:
    stages = [(ANY_STAGE, "Every stage"), (stage_choice(None), "No stage yet")]
    stages += [(stage_choice(key), name) for key, name in desk.stages[:_MOST_STAGES]]
    known = {choice for choice, _ in stages}
    stage = desk.look.stage if desk.look.stage in known else ANY_STAGE
    menus: list[Element] = [
        _menu(
            Action.CHOOSE_HOME_STATUS, [(key.value, words) for key, words in _STATUS_OPTIONS.items()], desk.look.status
        ),
        _menu(Action.CHOOSE_HOME_STAGE, stages, stage),
    ]
    if desk.is_leaders:
        owners = [(key.value, words) for key, words in _OWNER_OPTIONS.items()]
        menus.append(_menu(Action.CHOOSE_HOME_OWNER, owners, desk.look.owner))
    return menus


def _menu(action: Action, choices: Sequence[tuple[str, str]], chosen: str) -> StaticSelectMenu:
    options = {value: Option(PlainText(shorten(words, _OPTION_LIMIT)), value) for value, words in choices}
    return StaticSelectMenu(action_id=action, options=list(options.values()), initial_option=options[chosen])


def _state(idea: IdeaDetails, zone: tzinfo, now: datetime) -> list[RichTextElement]:
    state = _due(idea, zone, now)
    state.append(plain(f" · {votes_text(idea.votes)} · {STATUS_WORDS[idea.status]} · {stage_words(idea)} · by "))
    state.append(person(idea.author_id))
    return [*state, plain(" · with "), person(idea.owner_id)] if idea.owner_id else state


def _due(idea: IdeaDetails, zone: tzinfo, now: datetime) -> list[RichTextElement]:
    if not awaits_answer(idea):
        answered = idea.answered_at and short_day(idea.answered_at.astimezone(zone).date(), year=now.year)
        return [plain(f"Answered {answered}" if answered else "Answered")]
    day = short_day(answer_day(idea, zone), year=now.astimezone(zone).year)
    return [bold(f"Overdue since {day}" if idea.answer_due_at <= now else f"Due {day}")]


def _paging(desk: Desk) -> list[Block]:
    buttons: list[Element] = []
    if desk.page > 1:
        buttons.append(Button("Previous page", action_id=Action.TURN_HOME_PAGE_BACK, value=str(desk.page - 1)))
    if desk.page < desk.pages:
        buttons.append(Button("Next page", action_id=Action.TURN_HOME_PAGE, value=str(desk.page + 1)))
    if not buttons:
        return []
    return [ActionsBlock(buttons, block_id="desk.pages"), hint("desk.page", f"Page {desk.page:,} of {desk.pages:,}")]
