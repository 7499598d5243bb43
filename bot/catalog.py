"""In what an idea is filed: its fields, the company's own lists, and the words for measures and kinds, by key."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

MEASURES = {
    "nps": "NPS",
    "csat": "CSAT",
    "ces": "CES",
    "first_response_time": "First response time",
    "retention": "Retention",
    "churn": "Churn",
    "lifetime_value": "Lifetime value",
}
KINDS = {
    "fixes_service_problem": "Fixes a service problem",
    "improves_journey": "Improves the journey",
}

TITLE_LIMIT = 120
DESCRIPTION_LIMIT = 3000

NAME_LIMIT = 75
"""Characters of a stage or touchpoint: a menu shows no more."""

_UNSEEN_KINDS = frozenset({"Cc", "Cf", "Cn", "Cs", "Mn", "Zl", "Zp", "Zs"})
"""Unicode's categories of control characters, joiners, blanks, and marks that need a letter to stand on."""

_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that are drawn as nothing."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The stages and touchpoints under which an idea can be filed, by key, in the company's order."""

    stages: Mapping[str, str] = field(default_factory=dict)
    touchpoints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IdeaText:
    """What an author says of an idea, in part or whole; None for what they did not choose."""

    title: str = ""
    description: str = ""
    stage: str | None = None
    touchpoint: str | None = None
    measure: str | None = None
    kind: str | None = None

    @property
    def is_title_missing(self) -> bool:
        """Whether nothing visible stands in the title."""
        return not any(map(_is_seen, self.title))

    @property
    def is_title_too_long(self) -> bool:
        """Whether the title passes its limit."""
        return len(self.title) > TITLE_LIMIT

    @property
    def is_description_too_long(self) -> bool:
        """Whether the description passes its limit."""
        return len(self.description) > DESCRIPTION_LIMIT


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN_KINDS and character not in _BLANK_LETTERS
