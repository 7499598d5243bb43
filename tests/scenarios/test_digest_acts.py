"""Leaders decide inside the digest: each press is one of theirs, and the message says what has become of its ideas."""

from datetime import timedelta
from typing import Any

import pytest

from bot.ids import LIST_BLOCK_SEPARATOR
from sandbox.people import DIGEST_CHANNEL
from tests.bot import AGENT, CLERK, ENGINEER, GUARD, LEADER, World, words
from tests.scenarios.test_digest_schedule import monday, tick

FIRST, SECOND = "Let customers reschedule deliveries online", "Tell callers their place in the queue"
WHY_NOT = "We looked at a night shift: four calls a night would cost 38 times what a call-back costs."


@pytest.fixture
def told(sqlite_world: World) -> World:
    """Return a world whose leadership channel has read a week with two ideas, the first of which moved people."""
    world = sqlite_world
    first = world.file(GUARD, FIRST)
    world.file(AGENT, SECOND)
    for user in (CLERK, ENGINEER):
        world.react(user, first)
    world.settle()
    to_monday(world)
    return world


def to_monday(world: World) -> None:
    """Let the next Monday come, and its digest be posted."""
    world.sandbox.control("jump_to", time=(monday(world) + timedelta(seconds=5)).isoformat())
    tick(world)


def digest(world: World, place: int = 0) -> dict[str, Any]:
    """Return a digest as it stands in the leadership channel, the oldest first."""
    world.settle()
    return world.cards(DIGEST_CHANNEL)[place]


def item(world: World, section: str, number: int = 1) -> str:
    """Return what the newest digest but one, or the only one, says of an idea in one of its sections."""
    return "".join(
        words({"blocks": [block]})
        for block in digest(world)["blocks"]
        if block["block_id"] == f"{section}{LIST_BLOCK_SEPARATOR}{number}"
    )


def press(world: World, user: str, action: str, value: str) -> Any:
    """Press a button of the digest; return what came of it."""
    return world.press(user, digest(world) | {"channel": DIGEST_CHANNEL}, action, value)


def test_an_answer_given_in_the_digest_stands_in_it(told: World) -> None:
    """*Answer* opens the form; when it is sent off the digest strikes the idea through, with who and when."""
    assert item(told, "top") == f"1. CX-1 · {FIRST} – 2 votes, all this week, {age(told)}"
    view = press(told, LEADER, "answer.write", "1")["view"]
    told.submit(LEADER, view, outcome="planned", text="We build it into the app in spring.")
    today = told.sandbox.workspace.clock.moment()
    said = f"CX-1 · {FIRST} – Planned, says <@{LEADER}>, {today:%a} {today.day} {today:%b}"
    assert item(told, "top") == f"1. {said}"
    pressed = [each for block in digest(told)["blocks"] for each in block.get("elements", ()) if "action_id" in each]
    assert [each["value"] for each in pressed if each["type"] == "button"] == ["2"]
    assert item(told, "waiting", 2).startswith(f"CX-2 · {SECOND} – due ")


def test_the_figures_of_a_digest_stay(told: World) -> None:
    """What happens afterwards shows at the ideas; the week's numbers remain those of its moment."""
    before = words(digest(told))
    told.file(CLERK, "Offer a chat on the returns page")
    told.react(LEADER, told.cards()[0]["ts"])
    press(told, LEADER, "answer.more", "sponsor/1")
    after = words(digest(told))
    assert after != before
    assert after.replace(f", with <@{LEADER}>", "") == before


@pytest.mark.parametrize(("user", "is_allowed"), [(LEADER, True), (CLERK, False)])
def test_rights_are_checked_at_the_press(told: World, user: str, is_allowed: bool) -> None:  # noqa: FBT001  # a case
    """Everybody in the channel sees the buttons; who may not press one reads why, and nothing changes."""
    press(told, user, "answer.more", "sponsor/2")
    assert (f"with <@{user}>" in item(told, "waiting", 2)) is is_allowed
    said = words(told.last_ephemeral(user))
    assert ("is yours to answer now" in said) is is_allowed


@pytest.mark.parametrize("deed", ["park", "decline", "route"])
def test_the_menu_opens_the_forms(told: World, deed: str) -> None:
    """Park, Decline and Route open their forms from the digest's menu."""
    view = press(told, LEADER, "answer.more", f"{deed}/1")["view"]
    assert view["callback_id"] == f"answer.{deed}"
    assert FIRST in words(view)


def test_the_next_digest_says_what_became_of_the_questions(told: World) -> None:
    """The digest after it opens its books: what was answered, what was not; and it repeats nothing without news."""
    view = press(told, LEADER, "answer.more", "decline/1")["view"]
    told.submit(LEADER, told.submit(LEADER, view, text=WHY_NOT)["view"])
    told.react(CLERK, told.cards()[1]["ts"])
    to_monday(told)
    said = words(digest(told, 1))
    assert "The last digest asked for 2 answers: 1 was given, 1 is still open (1 without a stage)." in said
    assert "1 vote this week" in said
    assert f"CX-1 · {FIRST}" not in said


def test_an_idea_is_not_repeated_until_something_happens(told: World) -> None:
    """A few more votes do not bring last week's idea back; twice as many, or an answer, do."""
    card = told.cards()[0]["ts"]
    told.react(LEADER, card)
    to_monday(told)
    assert "What moved people" not in words(digest(told, 1))
    told.react("U0OKAFOR07", card)
    to_monday(told)
    assert f"1. CX-1 · {FIRST} – 1 vote this week, 4 in all" in words(digest(told, 2))


def age(world: World) -> str:
    """Return how old the ideas were when their week ended."""
    today = world.sandbox.workspace.clock.moment()
    filed = float(world.cards()[0]["ts"])
    days = int((today.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() - filed) // 86_400)
    return f"{days} day{'' if days == 1 else 's'} old" if days else "less than a day old"
