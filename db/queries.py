"""What reads return: frozen rows, safe to use after the session is closed."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from db.types import VOTABLE_STATUSES, Status, Step


def search_text(*parts: str) -> str:
    """Return texts as they are searched: one form for each character, no case."""
    # Folding may take a character apart again: the İ of İstanbul, typed as one, ends as two.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", "\n".join(parts)).casefold())


def idea_key(idea_id: int) -> str:
    """Return the name by which people call an idea, like `CX-12`."""
    return f"CX-{idea_id}"


@dataclass(frozen=True, slots=True)
class IdeaDetails:
    """One idea with its tally, its newest answer, and where its card stands in Slack (None while it is not posted).

    `answered_at` is the time of the first answer; it waits for one, or for another one, while `settled_at` is None.
    `is_blind`: whoever this is shown to may still vote, and is not to know how many have.
    """

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
    settled_at: datetime | None = None
    answer_id: int | None = None
    maker_id: str | None = None
    parked_until: date | None = None
    parked_condition: str | None = None
    merged_into: int | None = None
    answer: str | None = None
    answered_by: str | None = None
    newest_answer_at: datetime | None = None
    stage_name: str | None = None
    touchpoint_name: str | None = None
    card_channel_id: str | None = None
    card_ts: str | None = None
    is_blind: bool = False

    @property
    def key(self) -> str:
        """The name by which people call the idea, like `CX-12`."""
        return idea_key(self.id)


def blinded(idea: IdeaDetails, since: datetime | None) -> IdeaDetails:
    """Return an idea as voters see it, of whom those filed since a moment (None: none) hide how many voted."""
    is_blind = since is not None and idea.created_at > since and idea.status in VOTABLE_STATUSES
    return replace(idea, is_blind=True) if is_blind else idea


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change that somebody is told of, with its idea as it is now; `into` is the one that it was merged into."""

    idea: IdeaDetails
    step: Step
    before: str | None
    after: str | None
    actor_id: str | None
    text: str
    detail: Mapping[str, Any]
    into: IdeaDetails | None = None


@dataclass(frozen=True, slots=True)
class ListedIdea:
    """An idea as one person sees it in a list; `deeds` are what they are offered to do with it."""

    idea: IdeaDetails
    is_own: bool
    can_vote: bool
    has_button_vote: bool
    has_reaction_vote: bool
    deeds: frozenset[str] = frozenset()


def blinded_item(item: ListedIdea, since: datetime | None) -> ListedIdea:
    """Return an idea of a list as its reader sees it: authors have no vote, and may know how many others do."""
    return item if item.is_own else replace(item, idea=blinded(item.idea, since))


@dataclass(frozen=True, slots=True)
class IdeaPage:
    """One page of a list; pages are counted from 1."""

    ideas: tuple[ListedIdea, ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class WeekNumbers:
    """What happened in one week; `participants` submitted or voted, `authors` and `voters` are how many did either."""

    ideas: int
    votes: int
    participants: int
    authors: int | None = None
    voters: int | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """How the company is doing: `month` are the last 30 days, the answers those of the last 90.

    `median_days` and `slow_days` are the working days within which half, and nine of ten, ideas got a first answer;
    they and `share_in_time` are None while there was none.
    """

    month: WeekNumbers
    workforce: int | None
    waiting: int
    overdue: int
    answers: int
    median_days: float | None
    slow_days: float | None
    share_in_time: float | None
