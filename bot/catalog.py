"""In what an idea is filed: its fields, and the words for stages, touchpoints, measures and kinds, by key."""

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

_INVISIBLE = " \t\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2800\u3164\ufeff"


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
        return not self.title.strip(_INVISIBLE)

    @property
    def is_title_too_long(self) -> bool:
        """Whether the title passes its limit."""
        return len(self.title) > TITLE_LIMIT

    @property
    def is_description_too_long(self) -> bool:
        """Whether the description passes its limit."""
        return len(self.description) > DESCRIPTION_LIMIT
