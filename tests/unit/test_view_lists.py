from dataclasses import replace

import pytest

from bot.ids import COMMAND, LIST_BLOCK_SEPARATOR, Action, ListKind, ListRequest, Note
from bot.views import help, lists  # noqa: A004  # the product's word
from bot.views.message import Message
from bot.views.words import Noted
from db.queries import IdeaPage, ListedIdea
from db.types import Status
from tests.unit.view_samples import IDEA, NOW, ZONE, button, elements, listed, permalink, words

TOP = ListRequest(ListKind.TOP, "month", 2)


def show(*items: ListedIdea, request: ListRequest = TOP, pages: int = 1, noted: Noted | None = None) -> Message:
    page = IdeaPage(items, request.page, pages, len(items))
    return lists.idea_list(request, page, zone=ZONE, permalink=permalink, noted=noted)


def test_a_list_says_of_each_idea_what_matters() -> None:
    """Each idea shows key, title, tally, status, stage, author and answer date, and leads to its card."""
    message = show(listed(IDEA))
    assert "Most wanted this month" in words(message)
    assert "CX-12 · Let customers reschedule deliveries online\n14 votes · New · Use · @U1 · answer due" in words(
        message
    )
    assert button(message, Action.SEE_CARD)["url"] == "https://example.org/12"
    assert message.text.startswith("Most wanted this month: CX-12: Let customers")


def test_a_vote_button_carries_the_idea_and_its_list() -> None:
    """The vote button's value is the idea's number, and its block id leads back to the list."""
    message = show(listed(IDEA))
    assert button(message, Action.CAST_VOTE)["value"] == "12"
    assert f"top/2/month{LIST_BLOCK_SEPARATOR}12" in {block["block_id"] for block in message.blocks}


def test_a_vote_by_button_can_be_taken_back() -> None:
    """Who voted by button can take the vote back; who reacted reads that the reaction counts."""
    voted = show(listed(IDEA, button=True))
    assert button(voted, Action.TAKE_VOTE_BACK)["value"] == "12"
    assert "your reaction on the card counts" in words(show(listed(IDEA, reaction=True)))


def test_no_vote_is_offered_where_none_counts() -> None:
    """One's own ideas say "yours"; withdrawn and merged ones take no votes."""
    own = show(listed(IDEA, is_own=True))
    assert "yours" in words(own)
    for message in (own, *(show(listed(replace(IDEA, status=s))) for s in (Status.WITHDRAWN, Status.MERGED))):
        offered = [each["action_id"] for each in elements(message, "button")]
        assert offered == [Action.SHOW_DETAILS, Action.SEE_CARD, Action.TURN_PAGE_BACK]


def test_an_idea_without_a_card_has_no_link() -> None:
    """While an idea's card is not posted, nothing leads to it; one's own in full has no empty row of buttons."""
    page = IdeaPage((listed(IDEA, is_own=True),), 1, 1, 1)
    message = lists.idea_list(TOP.turned_to(1), page, zone=ZONE, permalink=lambda _: None)
    assert [each["action_id"] for each in elements(message, "button")] == [Action.SHOW_DETAILS]
    full = lists.idea_details(listed(IDEA, is_own=True), zone=ZONE, permalink=lambda _: None)
    assert not elements(full, "actions")


def test_pages_turn_both_ways() -> None:
    """In the middle of a list both neighbours can be turned to, at its ends only one."""
    middle = show(listed(IDEA), pages=7)
    assert "page 2 of 7" in words(middle)
    assert button(middle, Action.TURN_PAGE)["value"] == "top/3/month"
    assert button(middle, Action.TURN_PAGE_BACK)["value"] == "top/1/month"
    first = show(listed(IDEA), request=TOP.turned_to(1), pages=2)
    assert not [each for each in elements(first, "button") if each["action_id"] == Action.TURN_PAGE_BACK]
    last = show(listed(IDEA), request=TOP.turned_to(7), pages=7)
    assert not [each for each in elements(last, "button") if each["action_id"] == Action.TURN_PAGE]


@pytest.mark.parametrize(
    ("request_", "title"),
    [
        (ListRequest(ListKind.TOP, "week"), "Most wanted this week"),
        (ListRequest(ListKind.TOP, "all"), "Most wanted of all time"),
        (ListRequest(ListKind.MINE), "Your ideas"),
        (ListRequest(ListKind.SEARCH, "parcel"), "Ideas with “parcel”"),
    ],
)
def test_each_list_has_its_title(request_: ListRequest, title: str) -> None:
    """A list, empty or not, begins with what it is."""
    assert title in words(show(listed(IDEA), request=request_))
    assert title in words(show(request=request_))


def test_an_empty_list_says_what_to_do_instead() -> None:
    """An empty list leads to sharing an idea; an empty search offers its words as one."""
    assert COMMAND in words(show(request=ListRequest(ListKind.MINE)))
    search = show(request=ListRequest(ListKind.SEARCH, "parcel"))
    assert button(search, Action.OPEN_FORM)["value"] == "parcel"


@pytest.mark.parametrize(
    ("noted", "sentence"),
    [
        (Noted(Note.VOTE_COUNTED, 9), "Your vote for CX-9 counts."),
        (Noted(Note.VOTE_TAKEN_BACK, 9), "Your vote for CX-9 is taken back."),
        (
            Noted(Note.REACTION_STANDS, 9),
            "Your vote by button for CX-9 is off, but your reaction on its card still counts.",
        ),
        (Noted(Note.REACTION_STANDS, 9, ("heart",)), "but your :heart: on its card still counts. Take it off there."),
        (
            Noted(Note.REACTION_STANDS, 9, ("heart", "+1")),
            "your :heart: :+1: on its card still count. Take them off there.",
        ),
        (Noted(Note.OWN_IDEA, 9), "CX-9 is your own idea"),
        (Noted(Note.NO_VOTE, 9), "yours for CX-9 cannot count"),
        (Noted(Note.IDEA_CLOSED, 9), "takes no more votes"),
    ],
)
def test_a_press_is_answered_above_the_list(noted: Noted, sentence: str) -> None:
    """The refreshed list says first what the press did."""
    message = show(listed(IDEA), noted=noted)
    assert sentence in words(Message("", message.blocks[:1]))


def test_a_reaction_keeps_its_skin_tone() -> None:
    """A reaction that still stands is shown as it was given."""
    message = show(listed(IDEA), noted=Noted(Note.REACTION_STANDS, 9, ("+1::skin-tone-4",)))
    assert {key: elements(message, "emoji")[0][key] for key in ("name", "skin_tone")} == {"name": "+1", "skin_tone": 4}


def test_one_idea_is_shown_in_full() -> None:
    """`show` gives everything about an idea, with its buttons."""
    idea = replace(IDEA, owner_id="U2", edited_at=NOW, answered_at=NOW, settled_at=NOW)
    message = lists.idea_details(listed(idea), zone=ZONE, permalink=permalink, noted=Noted(Note.VOTE_COUNTED, 12))
    shown = words(message)
    for fact in (IDEA.description, "14 votes", "Stage: Use", "Touchpoint: Delivery", "Should move: NPS", "@U2"):
        assert fact in shown
    assert "Kind: Improves the journey" in shown
    assert "Filed: Mon 23 Nov 2026, edited Mon 23 Nov 2026, answered Mon 23 Nov 2026" in shown
    assert "answer due" not in shown
    assert "show/1/12|12" in {block["block_id"] for block in message.blocks}


def test_help_names_the_channel_the_commands_and_the_votes() -> None:
    """Help says where ideas are, what can be typed, and which reactions vote."""
    shown = words(help.help_message("C1", ["+1", "heart"]))
    assert "#C1" in shown
    assert ":+1: :heart:" in shown
    for command in ("top", "mine", "search", "show CX-12", "digest"):
        assert f"{COMMAND} {command}" in shown


def test_what_is_missing_gets_an_example() -> None:
    """An unknown idea, a search without words, and `show` alone each say what to type instead."""
    assert "no idea “CX-99”" in help.unknown_idea("CX-99").text
    for message in (help.unknown_idea("CX-99"), help.search_for_what(), help.show_which()):
        assert f"{COMMAND} " in message.text
        assert f"{COMMAND} " in words(message)
