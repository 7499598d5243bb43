"""The buttons beside an idea, wherever it is shown."""

from collections.abc import Callable

from slackblocks import Button, Element

from bot.ids import Action
from db.queries import IdeaDetails, ListedIdea

Permalink = Callable[[IdeaDetails], str | None]
"""Where an idea's card is to be seen; None while it has none."""


def details_button(idea: IdeaDetails) -> Button:
    """Return the button that shows an idea in full."""
    label = f"Details of {idea.key}"
    return Button("Details", action_id=Action.SHOW_DETAILS, value=str(idea.id), accessibility_label=label)


def card_button(idea: IdeaDetails, permalink: Permalink) -> list[Element]:
    """Return the link to the idea's card, if it has one."""
    url, label = permalink(idea), f"See the card of {idea.key}"
    return [Button("See card", action_id=Action.SEE_CARD, url=url, accessibility_label=label)] if url else []


def vote_button(item: ListedIdea) -> Button:
    """Return the button by which somebody votes, or takes their vote by button back."""
    text, action = ("Take vote back", Action.TAKE_VOTE_BACK) if item.has_button_vote else ("Vote", Action.CAST_VOTE)
    # A screen reader would hear the same word once for each idea.
    label = f"{text}: {item.idea.key}"
    return Button(text, action_id=action, value=str(item.idea.id), accessibility_label=label)
