from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.ids import Action, Note
from bot.views import receipts, refusals
from bot.views.message import Message
from tests.unit.view_samples import IDEA, LISTS, NOW, ZONE, button, elements, words


def receipt(now: datetime = NOW, note: Note | None = None, stage: str | None = None) -> Message:
    idea = replace(IDEA, stage=stage)
    return receipts.filed_receipt(
        idea, ZONE, stages=LISTS.stages, undo_left=NOW + timedelta(minutes=10) - now, note=note
    )


def test_a_receipt_says_number_and_answer_date_and_offers_more() -> None:
    """The author reads the number and the answer date, and can add details, choose a stage or undo."""
    message = receipt()
    assert "Filed as CX-12 · Let customers" in words(message)
    assert "an answer by Thursday 3 December." in words(message)
    assert button(message, Action.ADD_DETAILS)["value"] == button(message, Action.UNDO)["value"] == "12"
    assert [block["block_id"] for block in message.blocks if block["type"] == "actions"] == ["receipt|12"]
    (menu,) = elements(message, "static_select")
    assert (menu["action_id"], menu["placeholder"]["text"]) == (Action.CHOOSE_STAGE, "Stage: not chosen yet")
    assert "initial_option" not in menu


def test_a_chosen_stage_stands_in_the_menu() -> None:
    """After a stage is chosen the receipt says so and the menu shows it."""
    message = receipt(note=Note.STAGE_CHOSEN, stage="use")
    assert elements(message, "static_select")[0]["initial_option"]["value"] == "use"
    assert "The stage of CX-12 is set" in words(message)


@pytest.mark.parametrize(
    ("minutes", "words_"), [(0, "ten minutes"), (7, "another 3 minutes"), (9, "another 1 minute."), (9.9, "1 minute.")]
)
def test_undo_says_how_long_it_works(minutes: float, words_: str) -> None:
    """While undo works, the receipt says for how long."""
    assert words_ in words(receipt(NOW + timedelta(minutes=minutes)))


def test_undo_is_gone_after_its_time() -> None:
    """From the tenth minute on there is no undo to press."""
    message = receipt(NOW + timedelta(minutes=10))
    assert not [each for each in elements(message, "button") if each["action_id"] == Action.UNDO]
    assert "Undo" not in words(message)


def test_a_withdrawn_idea_says_what_became_of_its_card() -> None:
    """Whether the card stays or goes is said, and which idea it was."""
    assert "stays, struck through" in words(receipts.withdrawn_receipt(IDEA, had_support=True))
    assert "taken down" in words(receipts.withdrawn_receipt(IDEA, had_support=False))


def test_undo_too_late_says_what_still_works() -> None:
    """Too late to undo, the author can still change what the idea says."""
    message = receipts.undo_too_late(IDEA)
    assert "ten minutes" in words(message)
    assert button(message, Action.ADD_DETAILS)["value"] == "12"


def test_a_kept_text_opens_the_form_again() -> None:
    """A text whose form did not open is kept in a button, as far as a button carries it, else to copy."""
    assert button(receipts.kept_text("my idea"), Action.OPEN_FORM)["value"] == "my idea"
    assert "my idea" in words(receipts.kept_text("my idea"))
    long = receipts.kept_text("x" * 2001)
    assert not elements(long, "button")
    assert "x" * 2001 in words(long)
    assert "value" not in button(receipts.kept_text(" "), Action.OPEN_FORM)


def test_a_line_too_long_comes_back() -> None:
    """A line over the limit comes back whole with both numbers."""
    message = receipts.line_too_long("x" * 4000)
    assert "3,000 characters; yours has 4,000" in words(message)
    assert "x" * 4000 in words(message)


def test_refusals_say_what_to_do_instead() -> None:
    """What may not be done names where to look or what to do, and never a bare no."""
    assert "The last one is in #C2" in words(refusals.only_leaders_post("C2"))
    assert refusals.only_leaders_preview("C2").text.endswith("in <#C2>.")
    assert words(refusals.only_leaders_preview(None)).endswith("with /cxidea top.")
    assert words(refusals.refusal("Not this.")) == "Not this."


def test_what_broke_gives_the_text_back() -> None:
    """A failure names its reference, says whether something is filed, and gives back what was typed."""
    message = refusals.something_broke("9f3a", typed="my idea")
    assert "reference 9f3a" in message.text
    assert "not filed yet" in words(message)
    assert words(message).endswith("my idea")
    assert "Nothing has changed" in words(refusals.database_away())
    assert "9f3a" in refusals.form_broke("9f3a")
    assert "still here" in refusals.form_database_away()
