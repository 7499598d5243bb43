"""What the author alone reads: that an idea is filed or withdrawn, and texts that come back to them."""

from collections.abc import Mapping
from datetime import timedelta, tzinfo

from slackblocks import ActionsBlock, Block, Button, Element, RichText, StaticSelectMenu

from bot.catalog import DESCRIPTION_LIMIT
from bot.ids import COMMAND, Action, Note
from bot.views.forms import option, options
from bot.views.message import Message, checked
from bot.views.rich import bold, code, hint, paragraph, plain, quote
from bot.views.text import clean, count_text, shorten, width
from bot.views.words import Noted, heading, long_answer_day, note_line, spoken_title
from db.queries import IdeaDetails

BUTTON_VALUE_LIMIT = 2_000
RETURNED_LIMIT = 11_000
"""Characters of a text that a message can give back beside its own words."""


def filed_receipt(
    idea: IdeaDetails,
    zone: tzinfo,
    *,
    stages: Mapping[str, str],
    undo_left: timedelta,
    note: Note | None = None,
) -> Message:
    """Return the answer to an idea in a line: its number, its answer date, and what can still be done with it.

    `stages` are those that can be chosen; `undo_left` is how long *Undo* still works.
    """
    day = long_answer_day(idea, zone)
    answer = [plain("\nYou will have an answer by "), bold(day), plain(".")]
    blocks: list[Block] = [paragraph("note", *note_line(Noted(note, idea.id)))] if note else []
    blocks += [
        paragraph("filed", plain("Filed as "), *heading(idea), *answer),
        _actions(idea, stages, can_undo=undo_left > timedelta()),
    ]
    if undo_left > timedelta():
        blocks.append(hint("undo", _undo_time(undo_left)))
    return checked(f"Filed as {spoken_title(idea)}. You will have an answer by {day}.", blocks)


def _actions(idea: IdeaDetails, stages: Mapping[str, str], *, can_undo: bool) -> ActionsBlock:
    number = str(idea.id)
    chosen = option(idea.stage, stages[idea.stage]) if idea.stage and idea.stage in stages else None
    elements: list[Element] = [
        Button("Add details", action_id=Action.ADD_DETAILS, value=number),
        StaticSelectMenu(
            action_id=Action.CHOOSE_STAGE,
            options=options(stages),
            initial_option=chosen,
            placeholder="Stage: not chosen yet",
        ),
    ]
    if can_undo:
        elements.append(Button("Undo", action_id=Action.UNDO, value=number))
    return ActionsBlock(elements, block_id=f"receipt|{number}")


def _undo_time(left: timedelta) -> str:
    minutes = max(1, -(-left // timedelta(minutes=1)))
    if minutes >= 10:  # noqa: PLR2004  # the ten minutes that the sentence names
        return "Undo works for ten minutes."
    return f"Undo works for another {count_text(minutes, 'minute')}."


def withdrawn_receipt(idea: IdeaDetails, *, had_support: bool) -> Message:
    """Return the answer to *Undo*; with votes or a discussion the card stays, struck through."""
    stays = "Colleagues had voted or written already, so its card stays, struck through."
    goes = "Its card is taken down, unless somebody has written in its thread; then it stays, struck through."
    words = stays if had_support else goes
    block = paragraph("withdrawn", *heading(idea), plain(f"\nYou have withdrawn it. {words}"))
    return checked(f"You have withdrawn {spoken_title(idea)}. {words}", [block])


def noted(note: Noted) -> Message:
    """Return what a press did, in a line."""
    words = note_line(note)
    spoken = "".join(part.text for part in words if isinstance(part, RichText))
    return checked(spoken, [paragraph("noted", *words)])


def undo_too_late(idea: IdeaDetails) -> Message:
    """Return the answer to *Undo* after its ten minutes."""
    words = "Undo works for ten minutes, and they are over, so the idea stays. You can still change what it says:"
    change = Button("Add details", action_id=Action.ADD_DETAILS, value=str(idea.id))
    blocks: list[Block] = [
        paragraph("too_late", *heading(idea), plain(f"\n{words}")),
        ActionsBlock([change], block_id=f"receipt|{idea.id}"),
    ]
    return checked(f"{spoken_title(idea)} stays. Undo works for ten minutes, and they are over.", blocks)


def kept_text(text: str) -> Message:
    """Return the answer when Slack no longer opens a form: the text is kept, and a button tries again."""
    kept = clean(text).strip()
    words = "Slack did not open the form in time. " + ("Your text is kept:" if kept else "Try it again:")
    texts = [returned(kept)] if kept else []
    return checked(words.replace(":", "."), [paragraph("late", plain(words)), *texts, _reopening(kept)])


def _reopening(kept: str) -> Block:
    # A button carries only so much; a longer text is there to copy.
    if width(kept) > BUTTON_VALUE_LIMIT:
        return paragraph("copy", plain("Copy it, and open the form with "), code(COMMAND))
    button = Button("Open it again", action_id=Action.OPEN_FORM, value=kept or None)
    return ActionsBlock([button], block_id="reopen")


def line_too_long(text: str) -> Message:
    """Return the answer to a line that no idea can hold, with the line itself."""
    limit = f"An idea's text fits in {DESCRIPTION_LIMIT:,} characters; yours has {width(text):,}."
    words = f"{limit} Nothing is filed yet. Here it is to copy: make it shorter and send it again."
    return checked(words, [paragraph("too_long", plain(words)), returned(text)])


def returned(text: str) -> Block:
    """Return a block that gives a text back to its author, whole as far as a message holds it."""
    return quote("returned", shorten(clean(text).strip("\n"), RETURNED_LIMIT))
