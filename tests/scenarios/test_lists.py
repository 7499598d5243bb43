"""Lists: what colleagues want most, one's own ideas, searching, one idea in full, paging, voting in place."""

from typing import Any

from sqlalchemy import update

from bot.catalog import IdeaText
from bot.services.ideas import Filing, submit_idea
from db.models import Idea, Vote
from tests.bot import AGENT, CLERK, ENGINEER, GUARD, World, words


def file_many(world: World, titles: list[str], author: str = GUARD) -> None:
    """File ideas by the service that the command uses, and wait for their cards."""
    deps = world.runtime.deps
    now = world.sandbox.workspace.clock.moment()
    with deps.sessions.begin() as session:
        for title in titles:
            submit_idea(session, Filing(f"test:{title}", author, IdeaText(title), now), deps.rules)
    world.settle()


def listed(message: dict[str, Any]) -> list[str]:
    """Return the keys of the ideas that a list shows, in order."""
    blocks = (block["block_id"] for block in message["blocks"])
    return [f"CX-{block_id.partition('|')[2]}" for block_id in blocks if block_id.startswith("idea|")]


def buttons(message: dict[str, Any], key: str) -> list[str]:
    """Return what the buttons below one idea of a list say."""
    number = key.partition("-")[2]
    return [
        element["text"]["text"]
        for block in message["blocks"]
        if block["type"] == "actions" and block["block_id"].endswith(f"|{number}")
        for element in block["elements"]
    ]


def ask(world: World, user: str, text: str) -> dict[str, Any]:
    """Type a subcommand; return the list."""
    shown: dict[str, Any] = world.command(user, text)["ephemeral"]
    return shown


def test_top_is_sorted_by_votes_of_its_period(http_world: World) -> None:
    """`top` counts the votes of the last month, `top week` of seven days, `top all` of all time."""
    file_many(http_world, ["First of three ideas", "Second of three ideas", "Third of three ideas"])
    old = http_world.sandbox.workspace.clock.moment().replace(year=2020)
    cards = {f"CX-{number}": card["ts"] for number, card in enumerate(http_world.cards(), start=1)}
    for user in (AGENT, CLERK):
        http_world.react(user, cards["CX-2"])
    http_world.settle()
    http_world.write(update(Vote).values(voted_at=old))
    http_world.write(update(Idea).where(Idea.id == 2).values(created_at=old))
    http_world.react(AGENT, cards["CX-3"])
    http_world.settle()
    assert listed(ask(http_world, ENGINEER, "top all")) == ["CX-2", "CX-3", "CX-1"]
    for typed in ("top", "top month", "TOP week"):
        assert listed(ask(http_world, ENGINEER, typed)) == ["CX-3", "CX-1"]
    assert "Most wanted this month" in words(ask(http_world, ENGINEER, "Top"))


def test_mine_shows_ones_own_ideas_newest_first_without_votes_for_oneself(sqlite_world: World) -> None:
    """`mine` lists the asker's ideas only, and offers no vote on them."""
    file_many(sqlite_world, ["An older idea", "A newer idea"])
    file_many(sqlite_world, ["Of somebody else"], author=AGENT)
    mine = ask(sqlite_world, GUARD, "mine")
    assert listed(mine) == ["CX-2", "CX-1"]
    assert buttons(mine, "CX-1") == ["Withdraw", "Details", "See card"]
    assert "yours" in words(mine)
    assert buttons(ask(sqlite_world, AGENT, "top"), "CX-3") == ["Details", "See card"]
    assert buttons(ask(sqlite_world, AGENT, "top"), "CX-1") == ["Vote", "Details", "See card"]


SEARCHED = ["Über den Wolken", "50% off_season parcels", "Café au lait for waiting people", "A/B test the letters"]
FOUND = {
    "ÜBER": ["CX-1"],
    "u\u0308ber wol": ["CX-1"],
    "wolken den": ["CX-1"],
    "%": ["CX-2"],
    "_": ["CX-2"],
    "0% OFF_": ["CX-2"],
    "5_%": [],
    "cafe\u0301": ["CX-3"],
    "ＣＡＦÉ": ["CX-3"],
    "/": ["CX-4"],
    "letters parcels": [],
    "e": ["CX-4", "CX-3", "CX-2", "CX-1"],
    "'; drop table ideas; --": [],
}


def test_search_takes_words_as_they_are(http_world: World) -> None:
    """All words must occur, in any order, case and composition of accents; wildcards are only signs."""
    file_many(http_world, SEARCHED)
    for typed, keys in FOUND.items():
        assert listed(ask(http_world, AGENT, f"search {typed}")) == keys, typed


def test_search_finds_words_of_the_description(sqlite_world: World) -> None:
    """What stands in an idea's text is found as well as its title, until it is withdrawn."""
    sqlite_world.submit(
        GUARD, sqlite_world.form(GUARD), title="Open at eight", description="People wait OUTSIDE in rain"
    )
    assert listed(ask(sqlite_world, AGENT, "search rain eight")) == ["CX-1"]
    sqlite_world.write(update(Idea).values(status="withdrawn"))
    assert listed(ask(sqlite_world, AGENT, "search rain")) == []


def test_empty_lists_say_what_to_do(sqlite_world: World) -> None:
    """A list without ideas says so, and how to fill it."""
    assert "yours can be the first" in words(ask(sqlite_world, AGENT, "top"))
    assert "You have not shared one yet" in words(ask(sqlite_world, AGENT, "mine"))
    assert "Which idea?" in words(ask(sqlite_world, AGENT, "show"))
    assert "What should I look for?" in words(ask(sqlite_world, AGENT, "search"))
    assert "There is no idea “CX-77”" in words(ask(sqlite_world, AGENT, "show cx-77"))
    assert "There is no idea “CX-99999999999”" in words(ask(sqlite_world, AGENT, "show CX-99999999999"))
    assert "There is no idea “CX-0”" in words(ask(sqlite_world, AGENT, "show CX-0"))


def test_an_empty_search_offers_to_file_what_was_searched(sqlite_world: World) -> None:
    """Nothing found: one press opens the form with the words as title."""
    shown = ask(sqlite_world, AGENT, "search Parcel boxes at the station")
    assert "Nothing found" in words(shown)
    view = sqlite_world.press(AGENT, shown, "idea.open_form")["view"]
    assert view["state"]["values"]["title"]["title"]["value"] == "Parcel boxes at the station"


def test_lists_turn_both_ways_in_place(http_world: World) -> None:
    """More ideas than a page holds can be paged through, forth and back, in the same message, each shown once."""
    file_many(http_world, [f"Idea number {number} of many" for number in range(1, 22)])
    shown = ask(http_world, AGENT, "top all")
    assert "page 1 of 3" in words(shown)
    pages = [listed(shown)]
    for _ in range(2):
        http_world.press(AGENT, shown, "list.turn_page")
        (shown,) = http_world.ephemerals(AGENT)
        pages.append(listed(shown))
    assert [key for page in pages for key in page] == [f"CX-{number}" for number in range(1, 22)]
    assert "Next page" not in words(shown)
    for page in (pages[1], pages[0]):
        http_world.press(AGENT, shown, "list.turn_page_back")
        (shown,) = http_world.ephemerals(AGENT)
        assert listed(shown) == page
    assert "Previous page" not in words(shown)


def test_a_vote_on_a_later_page_stays_on_that_page(sqlite_world: World) -> None:
    """Voting renews the list where it stands, on the page where the button was."""
    file_many(sqlite_world, [f"Idea number {number} of many" for number in range(1, 11)])
    shown = ask(sqlite_world, AGENT, "search idea")
    sqlite_world.press(AGENT, shown, "list.turn_page")
    (shown,) = sqlite_world.ephemerals(AGENT)
    assert listed(shown) == ["CX-2", "CX-1"]
    sqlite_world.press(AGENT, shown, "vote.cast", "1")
    (shown,) = sqlite_world.ephemerals(AGENT)
    assert "page 2 of 2" in words(shown)
    assert "Your vote for CX-1 counts." in words(shown)


def test_a_vote_by_button_is_cast_and_taken_back_in_place(http_world: World) -> None:
    """Vote counts on list and card, Take vote back undoes it, and a press that comes again changes nothing."""
    file_many(http_world, ["Open at eight tomorrow"])
    shown = ask(http_world, AGENT, "top")
    http_world.press(AGENT, shown, "vote.cast")
    assert http_world.deliver("interaction", "block_actions").ok
    (shown,) = http_world.ephemerals(AGENT)
    assert "Your vote for CX-1 counts." in words(shown)
    assert buttons(shown, "CX-1") == ["Take vote back", "Details", "See card"]
    assert "1 vote" in words(http_world.cards()[0])
    http_world.press(AGENT, shown, "vote.take_back")
    (shown,) = http_world.ephemerals(AGENT)
    assert "Your vote for CX-1 is taken back." in words(shown)
    assert buttons(shown, "CX-1") == ["Vote", "Details", "See card"]
    assert "no votes yet" in words(http_world.cards()[0])


def test_a_press_that_comes_again_late_does_not_vote_again(sqlite_world: World) -> None:
    """A press delivered once more after its vote was taken back leaves it taken back."""
    world = sqlite_world
    file_many(world, ["Open at eight tomorrow"])
    world.press(AGENT, ask(world, AGENT, "top"), "vote.cast")
    (cast,) = (entry.request for entry in world.sandbox.parts.journal.entries if entry.name == "block_actions")
    world.press(AGENT, world.last_ephemeral(AGENT), "vote.take_back")
    assert world.forge("interactive", cast).ok
    assert "no votes yet" in words(world.cards()[0])


def test_a_reaction_keeps_the_vote_that_the_button_takes_back(sqlite_world: World) -> None:
    """Button and reaction together are one vote; taking the button's back says which reaction to take off."""
    file_many(sqlite_world, ["Open at eight tomorrow"])
    ts = sqlite_world.cards()[0]["ts"]
    sqlite_world.react(AGENT, ts, "heart")
    sqlite_world.settle()
    shown = ask(sqlite_world, AGENT, "show 1")
    assert "your reaction on the card counts" in words(shown)
    sqlite_world.press(AGENT, shown, "vote.cast")
    (shown,) = sqlite_world.ephemerals(AGENT)
    assert "1 vote" in words(sqlite_world.card(ts))
    sqlite_world.press(AGENT, shown, "vote.take_back")
    (shown,) = sqlite_world.ephemerals(AGENT)
    assert "Take it off there." in words(shown)
    assert {"type": "emoji", "name": "heart"} in shown["blocks"][0]["elements"][0]["elements"]
    assert "1 vote" in words(sqlite_world.card(ts))
    sqlite_world.react(AGENT, ts, "heart", is_on=False)
    sqlite_world.settle()
    assert "no votes yet" in words(sqlite_world.card(ts))


def test_show_has_everything_of_an_idea(sqlite_world: World) -> None:
    """`show` gives one idea in full, under any spelling of its key, with its buttons."""
    fields = {"description": "People wait outside", "stage": "buy", "touchpoint": "branch_or_store", "measure": "csat"}
    sqlite_world.submit(GUARD, sqlite_world.form(GUARD), title="Open at eight", kind="fixes_service_problem", **fields)
    for typed in ("show CX-1", "show cx1", "SHOW 001"):
        shown = words(ask(sqlite_world, AGENT, typed))
        for part in (
            "CX-1 · Open at eight",
            "People wait outside",
            "Buy",
            "Branch or store",
            "CSAT",
            "Fixes a service",
        ):
            assert part in shown
    assert buttons(ask(sqlite_world, AGENT, "show 1"), "CX-1") == ["Vote", "See card"]


def test_what_its_author_took_back_is_shown_to_nobody_else(sqlite_world: World) -> None:
    """An idea whose card is taken down shows its words to its author alone."""
    shown = sqlite_world.command(GUARD, "Something that I should not say")["ephemeral"]
    sqlite_world.settle()
    sqlite_world.press(GUARD, shown, "idea.undo")
    answer = words(ask(sqlite_world, AGENT, "show 1"))
    assert "CX-1 was withdrawn by its author" in answer
    assert "should not say" not in answer
    assert "should not say" in words(ask(sqlite_world, GUARD, "show 1"))
    assert "should not say" not in words(ask(sqlite_world, AGENT, "top all"))


def test_help_says_what_can_be_typed_and_where_the_ideas_are(sqlite_world: World) -> None:
    """Help names the ideas channel, every subcommand and the vote reactions."""
    shown = ask(sqlite_world, AGENT, "help")
    for part in ("top", "mine", "search", "show CX-12", "stats", "digest", "To vote"):
        assert part in words(shown)
    assert f"<#{sqlite_world.ideas_channel}>" in words(shown)
