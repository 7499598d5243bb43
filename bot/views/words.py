"""How an idea is spoken of wherever it is shown: its title, its status, its answer date, notes about it."""

from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from slackblocks import RichTextElement

from bot.catalog import DESCRIPTION_LIMIT, STAGES, TITLE_LIMIT
from bot.ids import Note
from bot.views.rich import bold, emoji_row, plain
from bot.views.text import clean, escape, long_day, neutral, one_line, short_day, shorten
from db.queries import IdeaDetails, idea_key
from db.types import Status

STATUS_WORDS = {
    Status.NEW: "New",
    Status.UNDER_REVIEW: "Under review",
    Status.PLANNED: "Planned",
    Status.IN_PROGRESS: "In progress",
    Status.SHIPPED: "Shipped",
    Status.DECLINED: "Declined",
    Status.PARKED: "Parked",
    Status.MERGED: "Merged into another idea",
    Status.WITHDRAWN: "Withdrawn by its author",
}

_STAGE_LIMIT = 75
_WAITING = frozenset({Status.NEW, Status.UNDER_REVIEW})

_NOTES = {
    Note.VOTE_COUNTED: "Your vote for {key} counts.",
    Note.VOTE_TAKEN_BACK: "Your vote for {key} is taken back.",
    Note.OWN_IDEA: "{key} is your own idea, so its votes come from the others.",
    Note.NO_VOTE: (
        "Votes come from the company's own people, so yours for {key} cannot count. "
        "What you know about it is welcome in the thread under its card."
    ),
    Note.IDEA_CLOSED: "{key} is withdrawn or merged into another idea, so it takes no more votes.",
    Note.STAGE_CHOSEN: "The stage of {key} is set; its card shows it too.",
}


def title_of(idea: IdeaDetails) -> str:
    """Return the idea's title on one line, whole up to the limit, counted generously."""
    return shorten(one_line(idea.title), 2 * TITLE_LIMIT) or "Untitled"


def description_of(idea: IdeaDetails) -> str:
    """Return the idea's description, whole up to the limit, counted generously; empty when there is none."""
    return shorten(clean(idea.description).strip("\n"), 2 * DESCRIPTION_LIMIT).rstrip()


def heading(idea: IdeaDetails) -> list[RichTextElement]:
    """Return the idea's key and title in bold, struck through when it is withdrawn."""
    is_struck = idea.status is Status.WITHDRAWN
    return [bold(f"{idea.key} · ", struck=is_struck), bold(title_of(idea), struck=is_struck)]


def spoken_title(idea: IdeaDetails) -> str:
    """Return key and title for a fallback text, escaped."""
    return f"{idea.key}: {escape(neutral(title_of(idea)))}"


def stage_name(stage: str | None) -> str:
    """Return the stage as people read it; a stage that is no longer in the list keeps its key."""
    return "not chosen yet" if stage is None else shorten(STAGES.get(stage, stage), _STAGE_LIMIT)


def awaits_answer(idea: IdeaDetails) -> bool:
    """Return whether the idea's answer date still stands."""
    return idea.answered_at is None and idea.status in _WAITING


def answer_day(idea: IdeaDetails, zone: tzinfo) -> date:
    """Return the last day on which an answer is in time."""
    # An answer is due at the end of a day, and midnight already belongs to the next one.
    return (idea.answer_due_at - timedelta(microseconds=1)).astimezone(zone).date()


def _filed_year(idea: IdeaDetails, zone: tzinfo) -> int:
    return idea.created_at.astimezone(zone).year


def answer_due(idea: IdeaDetails, zone: tzinfo) -> str:
    """Return the answer date as on a card, like `answer due Thu 3 Dec`."""
    return f"answer due {short_day(answer_day(idea, zone), year=_filed_year(idea, zone))}"


def long_answer_day(idea: IdeaDetails, zone: tzinfo) -> str:
    """Return the answer date as in a sentence, like `Thursday 3 December`."""
    return long_day(answer_day(idea, zone), year=_filed_year(idea, zone))


@dataclass(frozen=True, slots=True)
class Noted:
    """What a refreshed list says about one of its ideas; `reactions` still stand on the card, by Slack's names."""

    note: Note
    idea_id: int
    reactions: tuple[str, ...] = ()


def note_line(noted: Noted) -> list[RichTextElement]:
    """Return the note as a sentence."""
    key = idea_key(noted.idea_id)
    if noted.note is not Note.REACTION_STANDS:
        return [plain(_NOTES[noted.note].format(key=key))]
    if not noted.reactions:
        return [plain(f"Your vote by button for {key} is off, but your reaction on its card still counts.")]
    counts, pronoun = ("still counts", "it") if len(noted.reactions) == 1 else ("still count", "them")
    return [
        plain(f"Your vote by button for {key} is off, but your "),
        *emoji_row(noted.reactions),
        plain(f" on its card {counts}. Take {pronoun} off there."),
    ]
