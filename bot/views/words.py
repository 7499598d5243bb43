"""How an idea is spoken of wherever it is shown: its title, its status, its answer date, notes about it."""

from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from slackblocks import RichTextElement

from bot.catalog import DESCRIPTION_LIMIT, NAME_LIMIT, TITLE_LIMIT
from bot.deeds import CONDITION_LIMIT
from bot.ids import Note
from bot.views.rich import bold, emoji_row, person, plain
from bot.views.text import clean, escape, long_day, neutral, one_line, short_day, shorten, votes_text
from db.queries import IdeaDetails, idea_key
from db.types import OPEN_STATUSES, Status, waits_for_answer

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
    Note.SPONSORED: "{key} is yours to answer now; its answer date stays.",
    Note.REVIEWED: "{key} is under review. Its answer date stands: only an answer in words stops the clock.",
    Note.GOES_AHEAD: "{key} goes ahead. Its author is told, and says when it is done.",
    Note.WITHDRAWN: "You have withdrawn {key}.",
}


def title_of(idea: IdeaDetails) -> str:
    """Return the idea's title on one line, whole up to the limit, counted generously."""
    return shorten(one_line(idea.title), 2 * TITLE_LIMIT) or "Untitled"


def description_of(idea: IdeaDetails) -> str:
    """Return the idea's description, whole up to the limit, counted generously; empty when there is none."""
    return shorten(clean(idea.description).strip("\n"), 2 * DESCRIPTION_LIMIT).rstrip()


def tally_text(idea: IdeaDetails) -> str:
    """Return how many voted, like `6 votes`, or when that will be said."""
    return "votes show after a day" if idea.is_blind else votes_text(idea.votes)


def heading(idea: IdeaDetails) -> list[RichTextElement]:
    """Return the idea's key and title in bold, struck through when it is withdrawn."""
    is_struck = idea.status is Status.WITHDRAWN
    return [bold(f"{idea.key} · ", struck=is_struck), bold(title_of(idea), struck=is_struck)]


def spoken_title(idea: IdeaDetails) -> str:
    """Return key and title for a fallback text, escaped."""
    return f"{idea.key}: {escape(neutral(title_of(idea)))}"


def stage_name(idea: IdeaDetails) -> str:
    """Return the idea's stage as people read it, also one that is no longer on the list."""
    return entry_name(idea.stage_name or idea.stage) or "not chosen yet"


def touchpoint_name(idea: IdeaDetails) -> str:
    """Return the idea's touchpoint as people read it; empty when none was chosen."""
    return entry_name(idea.touchpoint_name or idea.touchpoint)


def entry_name(name: str | None) -> str:
    """Return the name of a stage or touchpoint on one line, whole up to its limit; empty for none."""
    return shorten(one_line(name or ""), NAME_LIMIT)


def status_line(idea: IdeaDetails, zone: tzinfo) -> list[RichTextElement]:
    """Return where the idea stands, with what belongs to that: whose it is, until when, into which, made by whom."""
    line: list[RichTextElement] = [plain(_status_words(idea, zone))]
    if idea.owner_id and (idea.status in OPEN_STATUSES or awaits_answer(idea)):
        line += [plain(" by " if idea.status is Status.UNDER_REVIEW else " with "), person(idea.owner_id)]
    if idea.maker_id and idea.status in _MAKING:
        line += [plain(" · made by "), person(idea.maker_id)]
    return line


_MAKING = frozenset({Status.IN_PROGRESS, Status.SHIPPED})


def _status_words(idea: IdeaDetails, zone: tzinfo) -> str:
    if idea.status is Status.MERGED and idea.merged_into:
        return f"Merged into {idea_key(idea.merged_into)}"
    if idea.status is Status.PARKED:
        return parked_words(idea.parked_until, idea.parked_condition, year=filed_year(idea, zone))
    return STATUS_WORDS[idea.status]


def parked_words(until: date | None, condition: str | None, *, year: int) -> str:
    """Return when a parked idea comes back, like `Parked until Thu 3 Dec, or: the carrier has signed`."""
    day = f" until {short_day(until, year=year)}" if until else ""
    happens = (
        f"{', or' if until else ' until'}: {shorten(one_line(condition), 2 * CONDITION_LIMIT)}" if condition else ""
    )
    return f"Parked{day}{happens}"


def awaits_answer(idea: IdeaDetails) -> bool:
    """Return whether the idea's answer date still stands."""
    return waits_for_answer(idea.status, idea.settled_at)


def answer_day(idea: IdeaDetails, zone: tzinfo) -> date:
    """Return the last day on which an answer is in time."""
    # An answer is due at the end of a day, and midnight already belongs to the next one.
    return (idea.answer_due_at - timedelta(microseconds=1)).astimezone(zone).date()


def filed_year(idea: IdeaDetails, zone: tzinfo) -> int:
    """Return the year that dates about the idea leave out."""
    return idea.created_at.astimezone(zone).year


def answer_due(idea: IdeaDetails, zone: tzinfo) -> str:
    """Return the answer date as on a card, like `answer due Thu 3 Dec`."""
    return f"answer due {short_day(answer_day(idea, zone), year=filed_year(idea, zone))}"


def long_answer_day(idea: IdeaDetails, zone: tzinfo) -> str:
    """Return the answer date as in a sentence, like `Thursday 3 December`."""
    return long_day(answer_day(idea, zone), year=filed_year(idea, zone))


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
