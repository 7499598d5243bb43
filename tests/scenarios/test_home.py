"""App Home: what everyone finds there, and what those who answer ideas find above it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot import clock
from db.models import Idea, OutboxMessage, Person, RoleMember, Stage
from tests.bot import AGENT, CLERK, DRIVER, GUARD, LEADER, World, words
from tests.scenarios.test_delivery import row
from tests.scenarios.test_lists import file_many

LINE = "Let customers reschedule deliveries online"


def ids_of(home: dict[str, Any], section: str) -> list[int]:
    """Return the numbers of the ideas in a section of App Home, in order."""
    places = [block["block_id"].partition("|") for block in home["blocks"]]
    return [int(number) for name, _, number in places if name == section and number]


def presses(home: dict[str, Any], section: str, number: int) -> list[str]:
    """Return what can be pressed at an idea in a section."""
    found = [block for block in home["blocks"] if block["block_id"] == f"{section}.press|{number}"]
    return [element["action_id"] for block in found for element in block["elements"]]


def says(home: dict[str, Any], block_id: str) -> str:
    """Return what one block of App Home says; nothing when it is not there."""
    return words({"blocks": [block for block in home["blocks"] if block["block_id"] == block_id]})


def menus(home: dict[str, Any]) -> dict[str, str]:
    """Return what is chosen in the menus of the desk."""
    (filters,) = [block for block in home["blocks"] if block["block_id"] == "desk.filters"]
    return {element["action_id"]: element["initial_option"]["value"] for element in filters["elements"]}


def test_everyone_finds_their_ideas_and_votes(http_world: World) -> None:
    """Home has one's own ideas with status, date and answer, the most wanted of the week, and what waits for a vote."""
    world = http_world
    first = world.file(GUARD, LINE)
    world.file(AGENT, "Tell callers their place in the queue")
    world.file(AGENT, "Open at eight on Saturdays")
    for user in (AGENT, CLERK):
        world.react(user, first)
    world.settle()
    home = world.open_home(GUARD)
    assert "CX-1 · Let customers reschedule deliveries online\nNew · 2 votes · answer due" in says(home, "own|1")
    assert presses(home, "own", 1) == ["list.details", "idea.see_card"]
    assert "2 votes this week · yours" in says(home, "wanted|1")
    assert presses(home, "wanted", 1) == ["idea.see_card"]
    assert ids_of(home, "unvoted") == [3, 2]
    assert presses(home, "unvoted", 2) == ["vote.cast", "idea.see_card"]
    assert ids_of(world.open_home(DRIVER), "wanted") == [1]
    assert ids_of(world.home(DRIVER), "unvoted") == [3, 2], "what is among the most wanted already stands there"


def test_a_newcomer_finds_a_beginning(sqlite_world: World) -> None:
    """Home without any idea leads to the first one, to the form by a button."""
    world = sqlite_world
    home = world.open_home(GUARD)
    assert all(says(home, f"{section}.empty") for section in ("own", "wanted", "unvoted"))
    world.press_at_home(GUARD, "idea.open_form")
    (view,) = world.sandbox.state(GUARD)["views"]
    world.submit(GUARD, view, title=LINE)
    assert ids_of(world.home(GUARD), "own") == [1], "an idea filed from Home stands there at once"


def test_a_vote_in_home_is_answered_there(http_world: World) -> None:
    """A vote pressed in Home counts, Home says so, and offers to take it back."""
    world = http_world
    ts = world.file(GUARD, LINE)
    world.open_home(AGENT)
    home = world.press_at_home(AGENT, "vote.cast", "1")
    assert says(home, "note") == "Your vote for CX-1 counts."
    assert (ids_of(home, "unvoted"), ids_of(home, "wanted")) == ([], [1])
    assert "1 vote" in words(world.card(ts))
    home = world.press_at_home(AGENT, "vote.take_back", "1")
    assert says(home, "note") == "Your vote for CX-1 is taken back."
    assert ids_of(home, "unvoted") == [1]
    assert says(world.open_home(AGENT), "note") == "", "what was said stands until Home is opened anew"


def test_leaders_find_what_waits_above_the_rest(http_world: World) -> None:
    """A leader sees what waits, the oldest date first, what is overdue in words, each with all that can be done."""
    world = http_world
    for line in (LINE, "Tell callers their place in the queue", "Open at eight on Saturdays"):
        world.file(GUARD, line)
    world.write(update(Idea).where(Idea.id == 3).values(answer_due_at=clock.now() - timedelta(days=4)))
    world.write(update(Idea).where(Idea.id == 2).values(settled_at=clock.now(), status="planned"))
    home = world.open_home(LEADER)
    assert ids_of(home, "desk") == [3, 1]
    assert says(home, "desk.sum") == "2 ideas, 1 overdue, oldest date first."
    assert says(home, "desk|3").partition("\n")[2].startswith("Overdue since ")
    assert says(home, "desk|1").partition("\n")[2].startswith("Due ")
    first, *_, last = found = presses(home, "desk", 1)
    assert (first, last) == ("answer.write", "idea.see_card")
    assert {"answer.sponsor", "answer.park", "answer.decline", "answer.route", "answer.more"} < set(found)
    sections = [block["block_id"] for block in home["blocks"]]
    assert sections.index("desk") < sections.index("own")


def test_employees_find_no_desk(sqlite_world: World) -> None:
    """Who answers nothing sees nothing of what only leaders and owners do."""
    sqlite_world.file(GUARD, LINE)
    home = sqlite_world.open_home(AGENT)
    assert not [block for block in home["blocks"] if block["block_id"].startswith("desk")]
    assert not [action for action in words_of_actions(home) if action.startswith(("answer.", "home."))]


def words_of_actions(home: dict[str, Any]) -> list[str]:
    """Return the actions of all that can be pressed in App Home."""
    return [
        element["action_id"]
        for block in home["blocks"]
        for element in block.get("elements", ())
        if "action_id" in element
    ]


def test_owners_find_what_is_theirs_alone(http_world: World) -> None:
    """An owner who is no leader sees their ideas only: by themselves, by a group, or as a stage's deputy."""
    world = http_world
    file_many(world, [f"Idea number {number}" for number in range(1, 6)])
    world.write(update(Idea).where(Idea.id == 1).values(owner_id=AGENT))
    world.write(update(Idea).where(Idea.id == 2).values(owner_id="S0OWNERS01"))
    world.write(insert(RoleMember).values(role="owner", user_id=AGENT, source="S0OWNERS01"))
    world.write(update(Idea).where(Idea.id == 3).values(stage="use", owner_id=CLERK))
    world.write(update(Stage).where(Stage.key == "use").values(deputy_id=AGENT))
    world.write(update(Idea).where(Idea.id == 4).values(owner_id=CLERK))
    home = world.open_home(AGENT)
    assert ids_of(home, "desk") == [1, 2, 3]
    assert "home.choose_owner" not in menus(home)
    assert presses(home, "desk", 3)[0] == "answer.write"
    assert ids_of(world.open_home(CLERK), "desk") == [3, 4]
    world.write(update(OutboxMessage).values(args={"user_id": AGENT, "owner": "everybody", "status": "open"}))
    assert ids_of(world.open_home(AGENT), "desk") == [1, 2, 3], "a look that was forged shows no more"


@pytest.mark.parametrize("standing", ["deactivated", "guest"])
def test_those_who_have_left_find_nothing(sqlite_world: World, standing: str) -> None:
    """A leader who is not of the company any more finds no idea and no desk; neither does a guest."""
    world = sqlite_world
    world.file(GUARD, LINE)
    world.learn()
    assert ids_of(world.open_home(LEADER), "desk") == [1]
    world.write(update(Person).where(Person.user_id == LEADER).values(standing=standing))
    home = world.open_home(LEADER)
    assert "CX-1" not in words(home)
    assert words_of_actions(home) == ["idea.open_form", "news.preferences"]


def test_filters_and_pages_hold_together(http_world: World) -> None:
    """A filter begins at its first page, pages turn both ways, and opening Home anew keeps the filters alone."""
    world = http_world
    file_many(world, [f"Idea number {number}" for number in range(1, 24)])
    world.write(update(Idea).where(Idea.id > 11).values(stage="use"))
    assert ids_of(world.open_home(LEADER), "desk") == list(range(1, 11))
    assert says(world.home(LEADER), "desk.sum") == "23 ideas. Here are 1 to 10, oldest date first."
    assert ids_of(world.press_at_home(LEADER, "home.turn_page", "2"), "desk") == list(range(11, 21))
    assert ids_of(world.press_at_home(LEADER, "home.turn_page", "3"), "desk") == [21, 22, 23]
    home = world.press_at_home(LEADER, "home.choose_stage", "stage/use")
    assert ids_of(home, "desk") == list(range(12, 22))
    assert ids_of(world.press_at_home(LEADER, "home.turn_page", "2"), "desk") == [22, 23]
    assert ids_of(world.press_at_home(LEADER, "home.turn_page_back", "1"), "desk") == list(range(12, 22))
    world.press_at_home(LEADER, "home.turn_page", "2")
    home = world.open_home(LEADER)
    assert (ids_of(home, "desk")[0], menus(home)["home.choose_stage"]) == (12, "stage/use")
    assert ids_of(world.press_at_home(LEADER, "home.choose_stage", "none"), "desk") == list(range(1, 11))
    assert ids_of(world.press_at_home(LEADER, "home.choose_owner", "mine"), "desk") == []
    assert "try the other filters" in says(world.home(LEADER), "desk.sum")


def test_each_status_can_be_looked_at(http_world: World) -> None:
    """Filtered by a status the desk shows the open ideas that have it, answered ones too."""
    world = http_world
    statuses = ["new", "under_review", "planned", "in_progress", "parked", "shipped", "declined", "withdrawn"]
    file_many(world, [f"Idea number {number}" for number in range(1, 9)])
    for number, status in enumerate(statuses, start=1):
        settled = None if number < 3 else clock.now()
        world.write(update(Idea).where(Idea.id == number).values(status=status, settled_at=settled))
    world.write(update(Idea).where(Idea.id == 7).values(settled_at=None))
    world.open_home(LEADER)
    found = {}
    for status in ("new", "under_review", "planned", "in_progress", "parked", "open", "waiting"):
        found[status] = ids_of(world.press_at_home(LEADER, "home.choose_status", status), "desk")
    alone = {status: [number] for number, status in enumerate(statuses[:5], start=1)}
    assert found == alone | {"open": [1, 2, 3, 4, 5], "waiting": [1, 2, 7]}


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("home.choose_status", "withdrawn"),
        ("home.choose_stage", "use"),
        ("home.choose_stage", "stage/" + "x" * 65),
        ("home.choose_owner", "U0LINDQV02"),
        ("home.turn_page", "1e3"),
        ("vote.cast", "99"),
    ],
)
def test_what_no_button_says_is_refused_in_home(sqlite_world: World, action: str, value: str) -> None:
    """A press with a value that no button of Home has changes nothing, and Home says what is wrong."""
    world = sqlite_world
    file_many(world, [f"Idea number {number}" for number in range(1, 13)])
    world.open_home(LEADER)
    world.press_at_home(LEADER, "home.turn_page", "2")
    before = row(world, f"home:{LEADER}").args
    assert before["page"] == 2
    press = {"type": "button", "action_id": action, "value": value, "block_id": "desk.pages"}
    assert world.deliver("interaction", "block_actions", actions=[press], trigger_id="1.forged").ok
    home = world.home(LEADER)
    assert says(home, "note").startswith(("This button or form is not one", "There is no CX-99"))
    after = row(world, f"home:{LEADER}").args
    assert (
        {name: after[name] for name in before} == before | {"notice": after["notice"]} if "notice" in before else before
    )
    assert ids_of(home, "desk") == [11, 12]


def test_a_stage_off_the_list_is_no_filter_any_more(sqlite_world: World) -> None:
    """When the stage that somebody looked at is taken off the list, they see every stage again."""
    world = sqlite_world
    file_many(world, ["An idea", "Another idea"])
    world.open_home(LEADER)
    assert ids_of(world.press_at_home(LEADER, "home.choose_stage", "stage/use"), "desk") == []
    world.write(update(Stage).where(Stage.key == "use").values(is_active=False))
    home = world.open_home(LEADER)
    assert ids_of(home, "desk") == [1, 2]
    assert menus(home)["home.choose_stage"] == "any"
