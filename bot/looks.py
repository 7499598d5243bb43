"""What somebody looks at in App Home: which ideas wait for them, whose, and on which page."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from db.types import OPEN_STATUSES, Status

ANY_STAGE, NO_STAGE = "any", "none"
_STAGE_PREFIX = "stage/"
_STAGE_LIMIT = 64
_LAST_PAGE = 100_000


class HomeStatus(StrEnum):
    """Which ideas a leader or owner looks at."""

    WAITING = "waiting"
    NEW = "new"
    UNDER_REVIEW = "under_review"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    PARKED = "parked"
    OPEN = "open"

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses of these ideas; none for all that wait for an answer, whatever their status."""
        if self is HomeStatus.WAITING:
            return ()
        return OPEN_STATUSES if self is HomeStatus.OPEN else (Status(self.value),)


class HomeOwner(StrEnum):
    """Whose ideas a leader looks at."""

    EVERYBODY = "everybody"
    MINE = "mine"


def stage_choice(stage: str | None) -> str:
    """Return a stage as the menu's options name it; None: the ideas for which none is chosen yet."""
    return NO_STAGE if stage is None else _STAGE_PREFIX + stage


def chosen_stage(choice: str) -> str | None:
    """Return the stage that an option means; None for any and for none. Raises ValueError for what is no option."""
    if choice in {ANY_STAGE, NO_STAGE}:
        return None
    prefix, found, stage = choice.partition(_STAGE_PREFIX)
    if prefix or not found or not 0 < len(stage) <= _STAGE_LIMIT:
        raise ValueError("not a stage of the menu")
    return stage


@dataclass(frozen=True, slots=True)
class HomeLook:
    """What a person chose; `stage` is the option of the menu."""

    status: HomeStatus = HomeStatus.WAITING
    stage: str = ANY_STAGE
    owner: HomeOwner = HomeOwner.EVERYBODY
    page: int = 1

    def args(self) -> dict[str, Any]:
        """Return it as an outbox row keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> "HomeLook":
        """Return what a row keeps, and where it keeps nothing what everybody begins with."""
        begin = cls()
        return cls(
            HomeStatus(args.get("status", begin.status)),
            str(args.get("stage", begin.stage)),
            HomeOwner(args.get("owner", begin.owner)),
            int(args.get("page", begin.page)),
        )


def page_number(value: str) -> int:
    """Return the page that a button means; raises ValueError for what is none."""
    if not (value.isascii() and value.isdecimal()):
        raise ValueError("a page is a number")
    return max(1, min(int(value[:9]), _LAST_PAGE))
