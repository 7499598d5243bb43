"""The forms in which ideas are answered and handed on, how an answer looks before it is sent, and how a form closes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo

from slackblocks import (
    Block,
    DatePicker,
    Element,
    InputBlock,
    ModalView,
    PlainTextInput,
    RichTextElement,
    StaticSelectMenu,
    UserSelectMenu,
)

from bot.answer_forms import AnswerDraft, metadata
from bot.deeds import ANSWER_LIMIT, CONDITION_LIMIT, Deed
from bot.ids import Callback, Field
from bot.views.forms import option, options, view_title
from bot.views.message import checked_view
from bot.views.rich import bold, paragraph, person, plain
from bot.views.text import clean, shorten, votes_text, width
from bot.views.words import (
    STATUS_WORDS,
    description_of,
    heading,
    long_answer_day,
    status_line,
    title_of,
)
from db.queries import IdeaDetails, idea_key
from db.types import Status

_DESCRIPTION_SHOWN = 600
_INPUT_LIMIT = 3_000
_KEY_LIMIT = 20


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The words of one form: its name, what sends it, and what its text is."""

    callback: Callback
    title: str
    submit: str
    label: str
    placeholder: str
    hint: str | None = None


_SHEETS = {
    Deed.ANSWER: _Sheet(
        Callback.WRITE_ANSWER,
        "Answer",
        "Send answer",
        "What do you tell its author?",
        "We build it into the app in spring. Your point about the working day decided it",
        "What was decided, what comes next and when. Everyone can read it.",
    ),
    Deed.DECLINE: _Sheet(
        Callback.DECLINE,
        "Decline",
        "Read it once more",
        "Why not?",
        "We looked at a night shift: four calls a night would cost 38 times what a call-back costs",
        "Say what you looked at, what decided it, and what would change your mind. "
        "Write it as you would say it to them in person: thank them for the thought, and blame nobody.",
    ),
    Deed.PARK: _Sheet(
        Callback.PARK,
        "Park",
        "Park it",
        "What do you tell its author?",
        "We like it, and cannot do it before the new contract",
        "Why not now, and what happens when its time comes. Everyone can read it.",
    ),
    Deed.ROUTE: _Sheet(
        Callback.ROUTE,
        "Route",
        "Hand it on",
        "Why to them?",
        "The delivery slots are set in your system",
        "The answer date stays, so hand it on soon.",
    ),
    Deed.MERGE: _Sheet(
        Callback.MERGE,
        "Merge",
        "Read it once more",
        "What do you tell its author?",
        "You both saw the same thing. It goes on over there, with your votes",
    ),
    Deed.REOPEN: _Sheet(
        Callback.REOPEN,
        "Reopen",
        "Reopen it",
        "What has changed?",
        "The carrier has a new interface, so it costs a tenth now",
        "It waits for an answer again, with a new date. Everyone can read why.",
    ),
    Deed.FINISH: _Sheet(
        Callback.FINISH,
        "Done",
        "It is done",
        "What is different now, in a sentence?",
        "Customers move a delivery in the app; the first hundred did",
        "Everyone who voted for it reads it.",
    ),
}
FORMS: Mapping[Deed, Callback] = {deed: sheet.callback for deed, sheet in _SHEETS.items()}
"""What needs a form, and the form's name."""

PREVIEWED = frozenset({Deed.DECLINE, Deed.MERGE})
"""What is read once more before it is sent."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a form lets somebody choose from: outcomes of an answer, stages to hand an idea on to."""

    outcomes: Sequence[Status] = ()
    stages: Mapping[str, str] = field(default_factory=dict)


def answer_form(
    deed: Deed, idea: IdeaDetails, offer: Offer, draft: AnswerDraft | None = None, *, is_overtaken: bool = False
) -> dict[str, object]:
    """Return the form of a deed, with what was written in it before somebody else's answer, if it was overtaken."""
    sheet, draft = _SHEETS[deed], draft or AnswerDraft()
    first = _meanwhile(idea) if is_overtaken else []
    blocks = [*first, *_about(idea), *_choices(deed, offer, draft), _text_field(sheet, draft)]
    return _form(sheet, idea, sheet.submit, metadata(idea), blocks)


def preview_form(
    deed: Deed, idea: IdeaDetails, draft: AnswerDraft, actor_id: str, target: IdeaDetails | None = None
) -> dict[str, object]:
    """Return the form with the answer above it as its author will read it; sent off unchanged, it is the answer."""
    sheet = _SHEETS[deed]
    into = [_into_field(draft.into)] if deed is Deed.MERGE else []
    blocks = [*_as_read(idea, draft, actor_id, target), *into, _text_field(sheet, draft)]
    return _form(sheet, idea, "Send it", metadata(idea, draft), blocks)


def _form(sheet: _Sheet, idea: IdeaDetails, submit: str, carried: str, blocks: list[Block]) -> dict[str, object]:
    view = ModalView(
        title=view_title(f"{sheet.title} {idea.key}"),
        submit=submit,
        close="Cancel",
        callback_id=sheet.callback,
        private_metadata=carried,
        blocks=blocks,
    )
    return checked_view(view)


def _about(idea: IdeaDetails) -> list[Block]:
    text = shorten(description_of(idea), _DESCRIPTION_SHOWN)
    votes = plain(f"\n{votes_text(idea.votes)}")
    return [paragraph("idea", *heading(idea), *([plain(f"\n{text}")] if text else []), votes)]


def _meanwhile(idea: IdeaDetails) -> list[Block]:
    """Return what somebody else has answered while this form was open."""
    who = person(idea.answered_by) if idea.answered_by else plain("Somebody")
    words = shorten(clean(idea.answer or ""), ANSWER_LIMIT)
    became = [bold(f"{STATUS_WORDS[idea.status]}. "), plain(f"“{words}”")]
    return [
        paragraph("meanwhile", who, plain(" answered while you wrote, so yours is not sent yet:")),
        paragraph("theirs", *became),
        paragraph("replace", plain("Send yours to replace it, or close this form to leave it as it is.")),
    ]


def _as_read(idea: IdeaDetails, draft: AnswerDraft, actor_id: str, target: IdeaDetails | None) -> list[Block]:
    became = "Declined. "
    if target is not None:
        became = f"Merged into {target.key} · {title_of(target)} ({votes_text(target.votes)}). "
    words = shorten(clean(draft.text), 2 * ANSWER_LIMIT)
    return [
        paragraph("preview", plain("This is how its author will read it. Change it below, or send it.")),
        paragraph("told", person(actor_id), plain(" answered "), *heading(idea)),
        paragraph("words", bold(became), plain(f"“{words}”")),
    ]


def _choices(deed: Deed, offer: Offer, draft: AnswerDraft) -> list[Block]:
    """Return the fields above the text."""
    if deed is Deed.ANSWER:
        return [_outcome_field(offer.outcomes, draft.status)]
    if deed is Deed.PARK:
        return [_until_field(draft.until), _condition_field(draft.condition)]
    if deed is Deed.ROUTE:
        return [_person_field(), *_stage_field(offer.stages)]
    return [_into_field(draft.into)] if deed is Deed.MERGE else []


def _text_field(sheet: _Sheet, draft: AnswerDraft) -> Block:
    value = shorten(clean(draft.text), _INPUT_LIMIT)
    element = PlainTextInput(
        action_id=Field.TEXT,
        initial_value=value,
        multiline=True,
        max_length=max(ANSWER_LIMIT, width(value)),  # A text of emoji may be within our limit and beyond Slack's count.
        focus_on_load=sheet.callback in _TEXT_FIRST,
        placeholder=sheet.placeholder,
    )
    return InputBlock(label=sheet.label, element=element, block_id=Field.TEXT, hint=sheet.hint)


_TEXT_FIRST = frozenset({Callback.DECLINE, Callback.REOPEN, Callback.FINISH})


def _outcome_field(outcomes: Sequence[Status], chosen: Status | None) -> Block:
    listed = {status: option(status, STATUS_WORDS[status]) for status in outcomes}
    initial = next(iter(listed.values())) if len(listed) == 1 else listed.get(chosen) if chosen else None
    menu = StaticSelectMenu(
        action_id=Field.OUTCOME,
        options=list(listed.values()),
        initial_option=initial,
        placeholder="Choose what becomes of it",
    )
    return InputBlock(label="What becomes of it?", element=menu, block_id=Field.OUTCOME)


def _until_field(until: date | None) -> Block:
    picker = DatePicker(action_id=Field.UNTIL, initial_date=until.isoformat() if until else None)
    return _optional(Field.UNTIL, "Until when?", picker, "It comes back by itself that day.")


def _condition_field(condition: str) -> Block:
    element = PlainTextInput(
        action_id=Field.CONDITION,
        initial_value=shorten(clean(condition), CONDITION_LIMIT),
        max_length=CONDITION_LIMIT,
        placeholder="The new contract with the carrier is signed",
    )
    return _optional(Field.CONDITION, "Or what has to happen first?", element, "A day, this, or both.")


def _person_field() -> Block:
    element = UserSelectMenu(action_id=Field.PERSON, placeholder="Choose a colleague")
    return _optional(Field.PERSON, "To whom?", element)


def _stage_field(stages: Mapping[str, str]) -> list[Block]:
    if not stages:
        return []
    menu = StaticSelectMenu(action_id=Field.STAGE, options=options(stages), placeholder="Choose a stage")
    return [_optional(Field.STAGE, "Or to whoever looks after", menu, "Choose one of the two.")]


def _into_field(into: str) -> Block:
    element = PlainTextInput(
        action_id=Field.INTO, initial_value=shorten(clean(into), _KEY_LIMIT), max_length=_KEY_LIMIT, placeholder="CX-12"
    )
    return InputBlock(label="Into which idea?", element=element, block_id=Field.INTO)


def _optional(name: Field, label: str, element: Element, hint: str | None = None) -> Block:
    return InputBlock(label=label, element=element, block_id=name, hint=hint, optional=True)


def decided_view(deed: Deed, idea: IdeaDetails, zone: tzinfo) -> dict[str, object]:
    """Return the view with which a form closes: where the idea stands now, and who is told."""
    blocks: list[Block] = [
        paragraph("idea", *heading(idea), plain("\n"), *status_line(idea, zone)),
        paragraph("next", *_NEXT.get(deed, _told)(idea, zone)),
    ]
    return checked_view(ModalView(title=view_title(f"{idea.key}: done"), close="Close", blocks=blocks))


_AUTHOR = "Its author reads your words in a direct message, and everybody in the thread of its card."
_VOTERS = "Those who voted for it are told, too."


def _told(_idea: IdeaDetails, _zone: tzinfo) -> list[RichTextElement]:
    return [plain(f"{_AUTHOR} {_VOTERS}")]


def _parked(idea: IdeaDetails, _zone: tzinfo) -> list[RichTextElement]:
    back = "It comes back by itself, with the votes it has gained by then."
    again = back if idea.parked_until else "Take it under review again when its time has come."
    return [plain(f"{_AUTHOR} {_VOTERS} {again}")]


def _merged(idea: IdeaDetails, _zone: tzinfo) -> list[RichTextElement]:
    return [plain(f"{_AUTHOR} {_VOTERS} Its votes count for {idea_key(idea.merged_into or idea.id)} now.")]


def _reopened(idea: IdeaDetails, zone: tzinfo) -> list[RichTextElement]:
    return [plain(f"{_AUTHOR} It is due to be answered by "), bold(long_answer_day(idea, zone)), plain(".")]


def _handed_on(idea: IdeaDetails, zone: tzinfo) -> list[RichTextElement]:
    owner = person(idea.owner_id) if idea.owner_id else plain("All leaders")
    stays = f" can answer it now. Its answer date stays: {long_answer_day(idea, zone)}."
    return [owner, plain(stays if idea.settled_at is None else " can answer it now.")]


_NEXT: Mapping[Deed, Callable[[IdeaDetails, tzinfo], list[RichTextElement]]] = {
    Deed.PARK: _parked,
    Deed.MERGE: _merged,
    Deed.REOPEN: _reopened,
    Deed.ROUTE: _handed_on,
}
