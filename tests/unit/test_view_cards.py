from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.views.cards import idea_card
from db.types import Status
from tests.unit.view_samples import IDEA, ZONE, elements, words


def test_a_card_says_what_matters() -> None:
    """A card shows key and title, the text, who and where, the tally, the status and the answer date."""
    shown = words(idea_card(IDEA, ZONE))
    assert "CX-12 · Let customers reschedule deliveries online" in shown
    assert IDEA.description in shown
    assert "@U1 · Use · Delivery\n14 votes · New · answer due Thu 3 Dec" in shown
    assert "edited" not in shown


def test_a_notification_reads_as_a_sentence() -> None:
    """The card's notification names the idea and its tally, escaped."""
    assert idea_card(IDEA, ZONE).text == "New idea CX-12: Let customers reschedule deliveries online - 14 votes"
    hostile = idea_card(replace(IDEA, title="<!channel>", status=Status.PLANNED), ZONE)
    assert hostile.text == "Idea CX-12: &lt;!channel&gt; - 14 votes, planned"


@pytest.mark.parametrize(
    "due", [datetime(2026, 12, 3, 22, 59, 59, tzinfo=UTC), datetime(2026, 12, 3, 23, 0, tzinfo=UTC)]
)
def test_the_answer_date_is_the_day_that_ends_then(due: datetime) -> None:
    """Midnight in the zone still belongs to the day that it ends."""
    assert "answer due Thu 3 Dec" in words(idea_card(replace(IDEA, answer_due_at=due), ZONE))


def test_a_changed_card_says_so_and_an_unnamed_author_is_a_colleague() -> None:
    """An edited idea says "edited"; an author who is not named is "a colleague", and nobody is mentioned."""
    card = idea_card(replace(IDEA, edited_at=IDEA.created_at, author_id=None, description=" \n"), ZONE)
    assert "a colleague · Use · Delivery · edited" in words(card)
    assert not elements(card, "user")
    assert [block["block_id"] for block in card.blocks] == ["title", "facts"]


def test_an_owner_is_named_when_there_is_one() -> None:
    """The owner who reviews stands beside the status."""
    card = idea_card(replace(IDEA, owner_id="U2", status=Status.UNDER_REVIEW), ZONE)
    assert "Under review by @U2 · answer due Thu 3 Dec" in words(card)


def test_a_withdrawn_card_keeps_its_tally() -> None:
    """A withdrawn idea is struck through, says who withdrew it, keeps its tally and awaits no answer."""
    card = idea_card(replace(IDEA, status=Status.WITHDRAWN), ZONE, vote_reactions=["+1"])
    assert all(element["style"].get("strike") for element in card.blocks[0]["elements"][0]["elements"])
    assert words(card).endswith("14 votes · Withdrawn by its author")


@pytest.mark.parametrize("status", [Status.NEW, Status.PLANNED])
def test_a_blind_card_is_the_same_for_any_count(status: Status) -> None:
    """A card that hides its count says when votes show and how to vote, and nothing in it depends on the votes."""
    blind = [replace(IDEA, is_blind=True, status=status, votes=votes) for votes in (0, 1, 14)]
    first, *others = [idea_card(idea, ZONE, vote_reactions=["+1"]) for idea in blind]
    assert all(card == first for card in others)
    assert "votes show after a day · " in words(first)
    assert words(first).endswith("Vote for it with :+1:, or unseen with /cxidea show CX-12")
    assert "votes show after a day" in first.text


def test_how_to_vote_is_said_until_the_first_vote() -> None:
    """A card without votes names the reactions that vote; later the reactions speak for themselves."""
    fresh = idea_card(replace(IDEA, votes=0), ZONE, vote_reactions=["+1", "heart"])
    assert words(fresh).endswith("Vote for it with :+1: :heart:")
    assert "no votes yet" in words(fresh)
    assert not elements(idea_card(IDEA, ZONE, vote_reactions=["+1"]), "emoji")
