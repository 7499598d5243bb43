"""What can be done with an idea, by whom, and from which status: the table that forms, buttons and rules share."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from db.types import CLOSED_STATUSES, OPEN_STATUSES, Status

REASON_LEAST = 40
"""The fewest characters of a reason for declining: less is no reason."""

ANSWER_LIMIT = 2_000
"""The most characters of an answer: it stands on the card's thread, in messages and in lists."""

CONDITION_LIMIT = 200
"""The most characters of what a parked idea waits for: it stands on the card."""


class Deed(StrEnum):
    """Something a person does with an idea."""

    ANSWER = "answer"
    DECLINE = "decline"
    PARK = "park"
    MERGE = "merge"
    REVIEW = "review"
    REOPEN = "reopen"
    JUST_DO_IT = "just_do_it"
    FINISH = "finish"
    WITHDRAW = "withdraw"
    SPONSOR = "sponsor"
    ROUTE = "route"


ALLOWED: Mapping[Status, frozenset[Status]] = {
    Status.NEW: frozenset(Status) - {Status.NEW},
    Status.UNDER_REVIEW: frozenset(
        {Status.PLANNED, Status.IN_PROGRESS, Status.DECLINED, Status.PARKED, Status.MERGED, Status.WITHDRAWN}
    ),
    Status.PLANNED: frozenset({Status.IN_PROGRESS, Status.SHIPPED, Status.DECLINED, Status.PARKED}),
    Status.IN_PROGRESS: frozenset({Status.PLANNED, Status.SHIPPED, Status.DECLINED, Status.PARKED}),
    Status.PARKED: frozenset({Status.UNDER_REVIEW}),
    Status.DECLINED: frozenset({Status.UNDER_REVIEW}),
    Status.SHIPPED: frozenset(),
    Status.MERGED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}
"""Which status may follow which."""

ANSWERED = (Status.PLANNED, Status.IN_PROGRESS, Status.SHIPPED)
"""What *Answer* leads to; declining and parking have forms of their own."""

_UNANSWERED = frozenset({Status.NEW, Status.UNDER_REVIEW})
_ANSWERABLE_AGAIN = frozenset(Status) - {*_UNANSWERED, *CLOSED_STATUSES}
STATUS_AFTER: Mapping[Deed, Status] = {
    Deed.DECLINE: Status.DECLINED,
    Deed.PARK: Status.PARKED,
    Deed.MERGE: Status.MERGED,
    Deed.REVIEW: Status.UNDER_REVIEW,
    Deed.REOPEN: Status.UNDER_REVIEW,
    Deed.JUST_DO_IT: Status.IN_PROGRESS,
    Deed.FINISH: Status.SHIPPED,
    Deed.WITHDRAW: Status.WITHDRAWN,
}
"""What each deed leads to; an answer says so itself."""

_POSSIBLE_BY_STATUS = (Deed.DECLINE, Deed.PARK, Deed.MERGE, Deed.WITHDRAW)


@dataclass(frozen=True, slots=True)
class Standpoint:
    """What one person is to one idea, by the database at this moment.

    `is_owner`: they own it, are in the group that does, or are the deputy of its stage's owner. Nobody outside the
    company, and nobody who has left it, is anything.
    """

    is_leader: bool = False
    is_owner: bool = False
    is_author: bool = False
    is_maker: bool = False

    @property
    def may_answer(self) -> bool:
        """Whether the person may answer it."""
        return self.is_leader or self.is_owner


@dataclass(frozen=True, slots=True)
class Condition:
    """What of an idea decides what can be done with it."""

    status: Status
    waits: bool
    has_author: bool
    """Whether its author is there to do it themselves."""


def outcomes(condition: Condition) -> tuple[Status, ...]:
    """Return the statuses that an answer may give; the present one too where somebody asked after an answer."""
    again = {condition.status} if condition.waits and condition.status in _ANSWERABLE_AGAIN else set()
    following = ALLOWED[condition.status].intersection(ANSWERED) | again
    return tuple(status for status in Status if status in following)


def possible(condition: Condition) -> frozenset[Deed]:
    """Return what can be done with an idea, by whomever."""
    following = ALLOWED[condition.status]
    deeds = {deed for deed in _POSSIBLE_BY_STATUS if STATUS_AFTER[deed] in following}
    is_open = condition.status in OPEN_STATUSES
    deeds |= {Deed.SPONSOR, Deed.ROUTE} if is_open or condition.waits else set()
    deeds |= {Deed.ANSWER} if outcomes(condition) else set()
    if Status.UNDER_REVIEW in following:
        deeds.add(Deed.REOPEN if condition.status == Status.DECLINED else Deed.REVIEW)
    if condition.status in _UNANSWERED and condition.has_author:
        deeds.add(Deed.JUST_DO_IT)
    if condition.status == Status.IN_PROGRESS:
        deeds.add(Deed.FINISH)
    return frozenset(deeds)


def permitted(standpoint: Standpoint) -> frozenset[Deed]:
    """Return what a person may do with an idea, whatever its status."""
    deeds: set[Deed] = set()
    if standpoint.may_answer:
        deeds |= set(Deed) - {Deed.FINISH, Deed.WITHDRAW, Deed.SPONSOR}
    if standpoint.is_leader and not standpoint.is_owner:
        deeds.add(Deed.SPONSOR)
    if standpoint.is_author:
        deeds.add(Deed.WITHDRAW)
    if standpoint.is_maker:
        deeds.add(Deed.FINISH)
    return frozenset(deeds)
