"""What reads return: frozen rows, safe to use after the session is closed."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from db.types import Edition, Status


def search_text(*parts: str) -> str:
    """Return texts as they are searched: one form for each character, no case."""
    # Folding may take a character apart again: the İ of İstanbul, typed as one, ends as two.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", "\n".join(parts)).casefold())


def idea_key(idea_id: int) -> str:
    """Return the name by which people call an idea, like `CX-12`."""
    return f"CX-{idea_id}"


@dataclass(frozen=True, slots=True)
class IdeaDetails:
    """One idea with its tally, and where its card stands in Slack (None while it is not posted)."""

    id: int
    title: str
    description: str
    stage: str | None
    touchpoint: str | None
    measure: str | None
    kind: str | None
    author_id: str | None
    owner_id: str | None
    status: Status
    votes: int
    created_at: datetime
    edited_at: datetime | None
    answer_due_at: datetime
    answered_at: datetime | None
    card_channel_id: str | None = None
    card_ts: str | None = None

    @property
    def key(self) -> str:
        """The name by which people call the idea, like `CX-12`."""
        return idea_key(self.id)


@dataclass(frozen=True, slots=True)
class ListedIdea:
    """An idea as one person sees it in a list."""

    idea: IdeaDetails
    is_own: bool
    has_button_vote: bool
    has_reaction_vote: bool


@dataclass(frozen=True, slots=True)
class IdeaPage:
    """One page of a list; pages are counted from 1."""

    ideas: tuple[ListedIdea, ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class TopIdea:
    """An idea that moved people in the week, with the figures that say why it is listed."""

    idea: IdeaDetails
    votes_in_week: int
    age_days: int


@dataclass(frozen=True, slots=True)
class WeekNumbers:
    """What happened in one week; `participants` submitted or voted."""

    ideas: int
    votes: int
    participants: int


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """Everything that a week's digest says, before it is put into words.

    `first_day` and `last_day` are local dates in the digest's time zone. `workforce` is None while nobody has counted.
    `first_time_authors` holds user ids; None stands for an author who is not named.
    """

    channel_id: str
    week: str
    edition: Edition
    is_late: bool
    first_day: date
    last_day: date
    numbers: WeekNumbers
    previous: WeekNumbers
    workforce: int | None
    top: tuple[TopIdea, ...]
    ideas_by_stage: tuple[tuple[str | None, int], ...]
    first_time_authors: tuple[str | None, ...]
    waiting_longest: IdeaDetails | None
