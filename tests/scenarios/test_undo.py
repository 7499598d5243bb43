"""Taking an idea back within ten minutes."""

from datetime import timedelta

from sqlalchemy import update

from bot.services.ideas import UNDO_WINDOW
from db.models import Idea
from tests.bot import AGENT, CLERK, GUARD, World, words
from tests.scenarios.test_editing import receipt
from tests.scenarios.test_submitting import rows


def age(world: World, by: timedelta) -> None:
    """Let all ideas have been filed so much earlier."""
    world.write(update(Idea).values(created_at=world.sandbox.workspace.clock.moment() - by))


def test_an_idea_taken_back_at_once_leaves_no_card(http_world: World) -> None:
    """Undo with no vote and no answer takes the card down, tells the author, and the number is not used again."""
    shown = receipt(http_world)
    http_world.press(GUARD, shown, "idea.undo")
    assert not http_world.cards()
    (renewed,) = http_world.ephemerals(GUARD)
    assert renewed["ts"] == shown["ts"]
    assert "You have withdrawn it" in words(renewed)
    assert rows(http_world)[0]["status"] == "withdrawn"
    assert "CX-2" in words(receipt(http_world))


def test_a_card_with_votes_stays_struck_through(http_world: World) -> None:
    """Undo after a vote leaves the card where it is, struck through; later votes change nothing."""
    shown = receipt(http_world)
    (card,) = http_world.cards()
    http_world.react(AGENT, card["ts"])
    http_world.settle()
    http_world.press(GUARD, shown, "idea.undo")
    struck = http_world.card(card["ts"])
    assert "Withdrawn" in words(struck)
    assert struck["blocks"][0]["elements"][0]["elements"][0]["style"]["strike"] is True
    assert "struck through" in words(http_world.last_ephemeral(GUARD))
    http_world.react(CLERK, card["ts"])
    http_world.settle()
    assert "1 vote" in words(http_world.card(card["ts"]))


def test_a_card_with_a_thread_stays_struck_through(http_world: World) -> None:
    """Undo after somebody wrote in the thread leaves the card, struck through, and nothing says that it is gone."""
    shown = receipt(http_world)
    (card,) = http_world.cards()
    http_world.sandbox.act(
        AGENT, "say", channel=http_world.ideas_channel, text="We tried that once", thread_ts=card["ts"]
    )
    http_world.press(GUARD, shown, "idea.undo")
    struck = http_world.card(card["ts"])
    assert "Withdrawn" in words(struck)
    assert struck["reply_count"] == 1
    assert "unless somebody has written in its thread" in words(http_world.last_ephemeral(GUARD))


def test_after_ten_minutes_the_idea_stays(http_world: World) -> None:
    """Undo after ten minutes is refused kindly, with what can be done instead; a second before, it works."""
    shown = receipt(http_world)
    age(http_world, UNDO_WINDOW)
    http_world.press(GUARD, shown, "idea.undo")
    answer = http_world.last_ephemeral(GUARD)
    assert "Undo works for ten minutes, and they are over" in words(answer)
    assert len(http_world.cards()) == 1
    assert rows(http_world)[0]["status"] == "new"
    assert http_world.press(GUARD, answer, "idea.add_details")["view"]["title"]["text"] == "Add to CX-1"


def test_just_before_ten_minutes_undo_works(sqlite_world: World) -> None:
    """The ten minutes are whole ones."""
    shown = receipt(sqlite_world)
    age(sqlite_world, UNDO_WINDOW - timedelta(seconds=20))
    sqlite_world.press(GUARD, shown, "idea.undo")
    assert rows(sqlite_world)[0]["status"] == "withdrawn"


def test_a_renewed_receipt_says_how_long_undo_works(sqlite_world: World) -> None:
    """A receipt that is renewed names the minutes that are left, and offers no Undo when they are over."""
    shown = receipt(sqlite_world)
    age(sqlite_world, timedelta(minutes=7, seconds=30))
    sqlite_world.press(GUARD, shown, "idea.choose_stage", "use")
    renewed = sqlite_world.last_ephemeral(GUARD)
    assert "Undo works for another 3 minutes." in words(renewed)
    age(sqlite_world, timedelta(minutes=11))
    sqlite_world.press(GUARD, renewed, "idea.choose_stage", "buy")
    assert "Undo" not in words(sqlite_world.last_ephemeral(GUARD))


def test_undo_before_the_card_was_posted_posts_nothing(http_world: World) -> None:
    """An idea taken back while Slack was away never gets a card."""
    http_world.sandbox.control("fault", target="chat.postMessage", kind="status", status=503, count=0)
    shown = http_world.command(GUARD, "An idea that was too quick")["ephemeral"]
    http_world.sandbox.act(GUARD, "press", channel=shown["channel"], ts=shown["ts"], action_id="idea.undo")
    http_world.sandbox.control("clear_faults")
    http_world.settle()
    assert not http_world.cards()
    assert rows(http_world)[0]["status"] == "withdrawn"


def test_undo_pressed_twice_says_the_same(sqlite_world: World) -> None:
    """Another press on Undo, and the same one delivered again, change nothing more."""
    shown = receipt(sqlite_world)
    sqlite_world.press(GUARD, shown, "idea.undo")
    first = words(sqlite_world.last_ephemeral(GUARD))
    assert sqlite_world.deliver("interaction", "block_actions").ok
    trigger = sqlite_world.sandbox.call(lambda: sqlite_world.sandbox.parts.triggers.issue(GUARD))
    assert sqlite_world.deliver("interaction", "block_actions", trigger_id=trigger).ok
    assert words(sqlite_world.last_ephemeral(GUARD)) == first
    assert len(rows(sqlite_world)) == 1
