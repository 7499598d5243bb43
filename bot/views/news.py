"""What people are told when something becomes of an idea: a message to each, and a note in the card's thread."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from slackblocks import (
    ActionsBlock,
    Block,
    Button,
    CheckboxGroup,
    Element,
    InputBlock,
    ModalView,
    Option,
    PlainText,
    RichTextElement,
)

from bot.deeds import ANSWER_LIMIT, Deed
from bot.ids import DIGEST_OPTION, NEWS_FIELD, Action, Callback
from bot.views.deeds import deed_elements
from bot.views.message import Message, checked, checked_view
from bot.views.rich import bold, hint, paragraph, person, plain
from bot.views.text import clean, count_text, short_day, shorten
from bot.views.words import STATUS_WORDS, answer_due, awaits_answer, heading, spoken_title
from db.queries import IdeaDetails, ToldChange
from db.types import NewsKind, Status, Step

SHOWN_CHANGES = 12
"""The most ideas that one message tells of; the others are in App Home and in the lists."""

_WHOLE_WORDS = 3
_SHORT_WORDS = 400

KIND_WORDS = {
    NewsKind.OWN_IDEAS: ("My ideas", "Every answer, and every change of status"),
    NewsKind.VOTED_IDEAS: ("Ideas that I voted for", "When they are answered, shipped or declined"),
    NewsKind.REMINDERS: ("Ideas that wait for my word", "When one is handed to me, and before its answer date"),
    NewsKind.NEXT_IDEA: ("My next idea", "Now and then, an invitation to share one"),
}


_DIGEST_WORDS = ("The weekly digest", "What leadership reads: what people want most, and what comes of it")


@dataclass(frozen=True, slots=True)
class Piece:
    """A change as one reader is told of it: why, what they can do about it, and where the card is to be seen."""

    kind: NewsKind
    change: ToldChange
    deeds: Collection[Deed] = ()
    card_url: str | None = None
    thread_url: str | None = None


def news_letter(pieces: Sequence[Piece], reader_id: str, zone: tzinfo) -> Message:
    """Return the message that tells somebody what became of ideas: each once, in its newest state."""
    shown = pieces[-SHOWN_CHANGES:]
    limit = ANSWER_LIMIT if len(shown) <= _WHOLE_WORDS else _SHORT_WORDS
    blocks: list[Block] = []
    for piece in shown:
        idea = piece.change.idea
        blocks.append(paragraph(f"news|{idea.id}", *_told(piece.change, zone, limit, reader_id, piece.kind)))
        if elements := _elements(piece):
            blocks.append(ActionsBlock(elements, block_id=f"deeds|{idea.id}"))
    if more := len(pieces) - len(shown):
        blocks.append(hint("more", f"And {count_text(more, 'other idea')}; /cxidea show says how one stands."))
    return checked(_spoken_all(shown), [*blocks, choose_news()])


def thread_note(change: ToldChange, zone: tzinfo) -> Message:
    """Return the note in the thread of an idea's card."""
    return checked(_spoken(change), [paragraph("news", *_told(change, zone, ANSWER_LIMIT))])


def choose_news() -> Block:
    """Return the button that opens the form of what somebody is written about."""
    button = Button("What I am told", action_id=Action.NEWS_PREFERENCES)
    return ActionsBlock([button], block_id="news_preferences")


def preferences_form(wanted: Collection[NewsKind], *, wants_digest: bool | None = False) -> dict[str, object]:
    """Return the form in which somebody chooses what they are told; `wants_digest` None: it is not for them."""
    digest = {} if wants_digest is None else {DIGEST_OPTION: _DIGEST_WORDS}
    words = {kind.value: said for kind, said in KIND_WORDS.items()} | digest
    options = {kind: Option(PlainText(title), kind, PlainText(when)) for kind, (title, when) in words.items()}
    chosen = {*wanted, *([DIGEST_OPTION] if wants_digest else [])}
    ticked = [option for kind, option in options.items() if kind in chosen]
    boxes = CheckboxGroup(action_id=NEWS_FIELD, options=list(options.values()), initial_options=ticked or None)
    question = "What do you want direct messages about?"
    view = ModalView(
        title="What I am told",
        submit="Save",
        close="Cancel",
        callback_id=Callback.NEWS_PREFERENCES,
        blocks=[InputBlock(question, boxes, block_id=NEWS_FIELD, optional=True)],
    )
    return checked_view(view)


def _elements(piece: Piece) -> list[Element]:
    key = piece.change.idea.key
    elements = deed_elements(piece.change.idea, piece.deeds)
    if piece.card_url:
        label = f"See the card of {key}"
        elements.append(Button("See it", action_id=Action.SEE_CARD, url=piece.card_url, accessibility_label=label))
    if piece.thread_url:
        label = f"Reply in the thread of {key}"
        elements.append(
            Button("Reply", action_id=Action.REPLY_IN_THREAD, url=piece.thread_url, accessibility_label=label)
        )
    return elements


def _told(
    change: ToldChange, zone: tzinfo, limit: int, reader_id: str | None = None, kind: NewsKind | None = None
) -> list[RichTextElement]:
    """Return a change in a sentence, then its status and the words that were said."""
    said = shorten(clean(change.text).strip(), limit)
    sentences: list[list[RichTextElement]] = [
        _outcome(change, zone),
        [plain(f"“{said}”")] if said else [],
        [plain(f"{_waiting(change)}, {answer_due(change.idea, zone)}.")] if _waiting(change) else [],
    ]
    parts = [*_happened(change), *_concern(change, reader_id, kind)]
    for number, sentence in enumerate(filter(None, sentences)):
        parts += [plain(" " if number else "\n"), *sentence]
    return parts


def _happened(change: ToldChange) -> list[RichTextElement]:
    """Return who did what to which idea."""
    title = heading(change.idea)
    if change.step is Step.ASKED:
        return [plain("A question of the author's found no reply for five working days: "), *title]
    if change.actor_id is None:
        is_handed = change.step is Step.OWNER
        words = "Its owner has left, so this idea is yours to answer: " if is_handed else "Its day has come: "
        return [plain(words), *title]
    return [person(change.actor_id), plain(f" {_verb(change)} "), *title]


def _verb(change: ToldChange) -> str:
    if change.step is Step.OWNER:
        return "hands you"
    if change.after == Status.UNDER_REVIEW:
        return {Status.NEW: "looks into"}.get(Status(change.before or Status.NEW), "reopened")
    return "has done" if change.detail.get("deed") == Deed.FINISH else "answered"


def _concern(change: ToldChange, reader_id: str | None, kind: NewsKind | None) -> list[RichTextElement]:
    """Return why the reader is told, where it is not plain: their own idea needs no reason."""
    if kind is NewsKind.VOTED_IDEAS:
        return [plain(", which you voted for")]
    if kind is NewsKind.OWN_IDEAS and change.idea.author_id != reader_id:
        return [plain(", which your idea was merged into")]
    return []


def _outcome(change: ToldChange, zone: tzinfo) -> list[RichTextElement]:
    """Return what the idea's status is after the change; of a question or a new owner, when the answer is due."""
    if change.step is not Step.STATUS:
        return [bold(f"{STATUS_WORDS[change.idea.status]}.")] if change.step is Step.ASKED else []
    status, detail = Status(change.after or Status.NEW), change.detail
    if change.into is not None:
        return [bold("Merged into "), *heading(change.into), plain(". Its votes count there now.")]
    if status is Status.PARKED:
        return [bold("Parked"), plain(f" {_term(change.idea, zone)}.")]
    if detail.get("deed") == Deed.JUST_DO_IT:
        return [bold("Just do it."), plain(" The author makes it, and says when it is done.")]
    if gained := int(detail.get("gained", 0)):
        return [bold(f"{STATUS_WORDS[status]}"), plain(f", with {count_text(gained, 'vote')} more since.")]
    return [bold(f"{STATUS_WORDS[status]}.")]


def _term(idea: IdeaDetails, zone: tzinfo) -> str:
    terms = []
    if idea.parked_until:
        terms.append(f"until {short_day(idea.parked_until, year=idea.created_at.astimezone(zone).year)}")
    if idea.parked_condition:
        terms.append(f"until: {shorten(clean(idea.parked_condition).strip(), _SHORT_WORDS)}")
    return ", or ".join(terms) or "for now"


def _waiting(change: ToldChange) -> str:
    """Return how it waits for an answer, if that is part of the news."""
    if not awaits_answer(change.idea):
        return ""
    if change.step is Step.OWNER:
        return "It waits for your answer"
    is_back = change.after == Status.UNDER_REVIEW and change.before != Status.NEW
    return "It waits for an answer again" if is_back or change.step is Step.ASKED else ""


def _spoken_all(pieces: Sequence[Piece]) -> str:
    return "; ".join(_spoken(piece.change) for piece in pieces)


def _spoken(change: ToldChange) -> str:
    """Return a change as a notification says it."""
    title = spoken_title(change.idea)
    if change.step is Step.OWNER:
        return f"Yours to answer: {title}"
    if change.step is Step.ASKED:
        return f"Waiting for an answer again: {title}"
    return f"{STATUS_WORDS[Status(change.after or Status.NEW)]}: {title}"
