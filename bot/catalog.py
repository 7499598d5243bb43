"""In what an idea is filed: its fields, and the words for stages, touchpoints, measures and kinds, by key."""

import unicodedata
from dataclasses import dataclass

STAGES = {
    "discover": "Discover",
    "choose": "Choose",
    "buy": "Buy",
    "start": "Start",
    "use": "Use",
    "get_help": "Get help",
    "renew_or_leave": "Renew or leave",
    "whole_journey": "The whole journey",
}
TOUCHPOINTS = {
    "contact_centre": "Contact centre",
    "branch_or_store": "Branch or store",
    "website": "Website",
    "mobile_app": "Mobile app",
    "email_and_letters": "E-mail and letters",
    "billing": "Billing",
    "product": "Product",
    "delivery": "Delivery",
    "marketing": "Marketing",
    "partner": "Partner",
    "other": "Other",
}
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

_UNSEEN_KINDS = frozenset({"Cc", "Cf", "Cn", "Cs", "Mn", "Zl", "Zp", "Zs"})
"""Unicode's categories of control characters, joiners, blanks, and marks that need a letter to stand on."""

_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that are drawn as nothing."""


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
