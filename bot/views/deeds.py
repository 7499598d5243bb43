"""The buttons by which people do something with an idea: what is not theirs to do is not there."""

from collections.abc import Collection

from slackblocks import Button, ConfirmationDialogue, Element, Option, OverflowMenu, PlainText

from bot.deeds import Deed
from bot.ids import Action
from db.queries import IdeaDetails

BUTTONS = {
    Deed.ANSWER: (Action.ANSWER, "Answer"),
    Deed.FINISH: (Action.FINISH, "It is done"),
    Deed.SPONSOR: (Action.SPONSOR, "Sponsor"),
    Deed.JUST_DO_IT: (Action.JUST_DO_IT, "Just do it"),
    Deed.PARK: (Action.PARK, "Park"),
    Deed.DECLINE: (Action.DECLINE, "Decline"),
    Deed.ROUTE: (Action.ROUTE, "Route"),
    Deed.REOPEN: (Action.REOPEN, "Reopen"),
    Deed.WITHDRAW: (Action.WITHDRAW, "Withdraw"),
}
"""What is a button of its own, in this order."""

MORE = {
    Deed.REVIEW: "Take under review",
    Deed.MERGE: "Merge into another idea",
}
"""What stands in the menu beside the buttons."""

JUST_DO_IT_WORDS = (
    "Yes, please go ahead: you know best how. When it is done, press “It is done” at your idea "
    "(/cxidea mine shows it) and say in a sentence what has changed. It then counts as shipped, with credit to you."
)
"""What an author reads whose idea they may carry out themselves."""
_IN_MENU = (Deed.SPONSOR, Deed.PARK, Deed.DECLINE, Deed.ROUTE)
_FIRST = frozenset({Deed.ANSWER, Deed.FINISH})


def deed_elements(idea: IdeaDetails, deeds: Collection[str]) -> list[Element]:
    """Return the buttons, and the menu, for what somebody can do with an idea; each carries its number."""
    elements: list[Element] = [_button(idea, deed) for deed in BUTTONS if deed in deeds]
    options = [Option(PlainText(words), f"{deed}/{idea.id}") for deed, words in MORE.items() if deed in deeds]
    return [*elements, OverflowMenu(action_id=Action.MORE_DEEDS, options=options)] if options else elements


def answer_elements(idea: IdeaDetails, deeds: Collection[str]) -> list[Element]:
    """Return *Answer*, and a menu with the rest, for where many people see the same and only some may press."""
    options = [Option(PlainText(BUTTONS[deed][1]), f"{deed}/{idea.id}") for deed in _IN_MENU if deed in deeds]
    elements: list[Element] = [_button(idea, Deed.ANSWER)] if Deed.ANSWER in deeds else []
    return [*elements, OverflowMenu(action_id=Action.MORE_DEEDS, options=options)] if options else elements


def _button(idea: IdeaDetails, deed: Deed) -> Button:
    action, words = BUTTONS[deed]
    # A screen reader would hear the same word once for each idea.
    return Button(
        words,
        action_id=action,
        value=str(idea.id),
        style="primary" if deed in _FIRST else None,
        confirm=_question(idea, deed),
        accessibility_label=f"{words}: {idea.key}",
    )


def _question(idea: IdeaDetails, deed: Deed) -> ConfirmationDialogue | None:
    """Return what is asked before what a button does at once, and that cannot be taken back."""
    if deed is Deed.WITHDRAW:
        text = f"{idea.key} takes no more votes then, and nobody answers it. This cannot be undone."
        return ConfirmationDialogue("Withdraw your idea?", PlainText(text), "Withdraw it", "Keep it", "danger")
    if deed is Deed.JUST_DO_IT:
        text = (
            f"{idea.key} is then in progress, and its author reads that they may go ahead, and how to say it is done."
        )
        return ConfirmationDialogue("Let its author just do it?", PlainText(text), "Yes, go ahead", "Not yet")
    return None
