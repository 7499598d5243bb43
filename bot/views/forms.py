"""The forms in which an idea is shared and changed, and the words about their fields."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from slackblocks import Block, InputBlock, ModalView, Option, PlainText, PlainTextInput, StaticSelectMenu

from bot.catalog import DESCRIPTION_LIMIT, KINDS, MEASURES, TITLE_LIMIT, IdeaText, Lists
from bot.ids import Callback, Field
from bot.views.message import checked_view
from bot.views.rich import bold, channel, paragraph, plain
from bot.views.text import clean, one_line, shorten, width
from bot.views.words import awaits_answer, heading, long_answer_day, stage_name, touchpoint_name
from db.queries import IdeaDetails

PRIVATE_CONVERSATION_NOTICE = (
    "This is from a private conversation. Read it once more before you share it: "
    "everyone in the ideas channel will see it."
)

_VIEW_TITLE_LIMIT = 24
_OPTION_LIMIT = 75


def idea_form(draft: IdeaText, lists: Lists, *, notice: str | None = None) -> dict[str, Any]:
    """Return the form for a new idea; `notice` stands above its fields."""
    blocks: list[Block] = [paragraph("notice", bold(notice))] if notice else []
    view = ModalView(
        title="Share a CX idea",
        submit="Share idea",
        close="Cancel",
        callback_id=Callback.SUBMIT_IDEA,
        blocks=[*blocks, *_fields(draft, lists)],
    )
    return checked_view(view)


def edit_form(idea: IdeaDetails, lists: Lists) -> dict[str, Any]:
    """Return the form in which the author changes an idea; it carries the idea's number alone.

    A stage or touchpoint that is no longer on the list is still offered where the idea has it.
    """
    draft = IdeaText(idea.title, idea.description, idea.stage, idea.touchpoint, idea.measure, idea.kind)
    view = ModalView(
        title=view_title(f"Add to {idea.key}"),
        submit="Save",
        close="Cancel",
        callback_id=Callback.EDIT_IDEA,
        private_metadata=str(idea.id),
        blocks=_fields(draft, _with_own(lists, idea)),
    )
    return checked_view(view)


def _with_own(lists: Lists, idea: IdeaDetails) -> Lists:
    stage = {idea.stage: stage_name(idea)} if idea.stage and idea.stage not in lists.stages else {}
    is_listed = idea.touchpoint is None or idea.touchpoint in lists.touchpoints
    touchpoint = {} if is_listed else {str(idea.touchpoint): touchpoint_name(idea)}
    return Lists({**lists.stages, **stage}, {**lists.touchpoints, **touchpoint})


def _fields(draft: IdeaText, lists: Lists) -> list[Block]:
    return [
        _title_field(draft.title),
        _description_field(draft),
        _menu(Field.STAGE, "Where on the customer's journey?", lists.stages, draft.stage),
        _menu(Field.TOUCHPOINT, "Where does the customer meet us?", lists.touchpoints, draft.touchpoint),
        _menu(Field.MEASURE, "Which figure should it move?", MEASURES, draft.measure),
        _menu(Field.KIND, "What does it do?", KINDS, draft.kind),
    ]


def _title_field(title: str) -> InputBlock:
    value = shorten(one_line(title), 2 * TITLE_LIMIT)
    field = PlainTextInput(
        action_id=Field.TITLE,
        initial_value=value,
        # A title of emoji may be within our limit and beyond Slack's count; cut here, it would be lost by saving.
        max_length=max(TITLE_LIMIT, width(value)),
        focus_on_load=not value,
        placeholder="Let customers reschedule deliveries online",
    )
    return InputBlock(label="Your idea in one line", element=field, block_id=Field.TITLE)


def _description_field(draft: IdeaText) -> InputBlock:
    field = PlainTextInput(
        action_id=Field.DESCRIPTION,
        initial_value=_as_stored(clean(draft.description)),
        multiline=True,
        max_length=DESCRIPTION_LIMIT,
        focus_on_load=bool(one_line(draft.title)),
        placeholder="A case you remember says more than a summary",
    )
    label = "What happens today, and what would be better?"
    return InputBlock(label=label, element=field, block_id=Field.DESCRIPTION, optional=True)


def _as_stored(description: str) -> str:
    """Return a description whole: one that a form took, a form can show, however Slack counts its emoji."""
    return description if len(description) <= DESCRIPTION_LIMIT else shorten(description, DESCRIPTION_LIMIT)


def _menu(field: Field, label: str, words: Mapping[str, str], chosen: str | None) -> InputBlock:
    menu = StaticSelectMenu(
        action_id=field,
        options=options(words),
        initial_option=option(chosen, words[chosen]) if chosen is not None and chosen in words else None,
        placeholder="Leave open, or choose",
    )
    return InputBlock(label=label, element=menu, block_id=field, optional=True)


def options(words: Mapping[str, str]) -> list[Option]:
    """Return a menu's options, in the catalog's order."""
    return [option(key, word) for key, word in words.items()]


def option(key: str, word: str) -> Option:
    """Return one option of a menu."""
    return Option(PlainText(shorten(word, _OPTION_LIMIT)), key)


def view_title(title: str) -> str:
    """Return a form's title, cut to Slack's limit."""
    return shorten(title, _VIEW_TITLE_LIMIT)


def filed_view(idea: IdeaDetails, ideas_channel_id: str, zone: tzinfo) -> dict[str, Any]:
    """Return the view with which the form closes: the number, the answer date, and what happens next."""
    answer = [plain("You will have an answer by "), bold(long_answer_day(idea, zone)), plain(", under its card.")]
    card = [
        plain("Its card is on its way to "),
        channel(ideas_channel_id),
        plain(": colleagues vote on it there and add what they know in its thread. "),
        plain("The more you tell them, the better the answer."),
    ]
    blocks: list[Block] = [
        paragraph("filed", *heading(idea)),
        *([paragraph("answer", *answer)] if awaits_answer(idea) else []),
        paragraph("next", *card),
    ]
    return checked_view(ModalView(title=view_title(f"Filed as {idea.key}"), close="Done", blocks=blocks))


def edited_view(idea: IdeaDetails) -> dict[str, Any]:
    """Return the view with which the form of changes closes."""
    saved = plain("Saved. The card shows it in a moment, marked as edited; votes stay as they are.")
    blocks: list[Block] = [paragraph("title", *heading(idea)), paragraph("saved", saved)]
    return checked_view(ModalView(title=view_title(f"{idea.key} is saved"), close="Done", blocks=blocks))


def field_errors(idea: IdeaText) -> dict[str, str]:
    """Return what is wrong with a filled form, by field; empty when it can be filed."""
    errors: dict[str, str] = {}
    if idea.is_title_missing:
        errors[Field.TITLE] = title_missing()
    if idea.is_title_too_long:
        errors[Field.TITLE] = title_too_long(len(idea.title))
    if idea.is_description_too_long:
        errors[Field.DESCRIPTION] = description_too_long(len(idea.description))
    return errors


def text_of_message(message: str, link: str | None) -> str:
    """Return the description for an idea from a message: its text, cut to fit, and where it stands."""
    source = f"\n\nFrom: {link}" if link else ""
    return (shorten(message, DESCRIPTION_LIMIT - len(source)) + source).lstrip()


def title_missing() -> str:
    """Return the error of a title without a word in it."""
    return "Give your idea a title; a few words are enough."


def title_too_long(length: int) -> str:
    """Return the error of a title with `length` characters."""
    return f"A title fits in {TITLE_LIMIT} characters; yours has {length:,}. The rest can go into the text below."


def description_too_long(length: int) -> str:
    """Return the error of a description with `length` characters."""
    limit = f"{DESCRIPTION_LIMIT:,}"
    return (
        f"This text fits in {limit} characters; yours has {length:,}. The rest can go into the thread under the card."
    )
