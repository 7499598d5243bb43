"""The words in which an idea is filed: stages, touchpoints, measures and kinds, by key."""

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
