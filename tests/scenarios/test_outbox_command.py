"""`cxidea outbox`: whoever runs the bot sees what waits and why, and decides what the bot cannot."""

from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import Result

from sandbox.people import IDEAS_CHANNEL
from tests.bot import AGENT, CLERK, GUARD, World, wait_until, words
from tests.commands import run_cxidea
from tests.scenarios.test_delivery import calls, row
from tests.votes import tally

LINE = "Let customers reschedule deliveries online"


def outbox(world: World, *arguments: str) -> Result:
    """Run the command beside the bot."""
    return run_cxidea("outbox", *arguments, DATABASE_URL=world.settings.database_url.get_secret_value())


def fail_posts(world: World, **fault: Any) -> None:
    """Let Slack refuse posts until further notice."""
    world.sandbox.control("fault", target="chat.postMessage", count=0, **fault)


def test_an_empty_outbox_has_no_lines(sqlite_world: World) -> None:
    """While Slack shows everything, the command prints nothing and ends with 0."""
    sqlite_world.file(GUARD, LINE)
    done = outbox(sqlite_world)
    assert (done.exit_code, done.stdout) == (0, "")


def test_what_waits_for_a_channel_says_what_mends_it(sqlite_world: World) -> None:
    """A card for an archived channel is listed with Slack's word for the trouble and with the remedy."""
    world = sqlite_world
    world.sandbox.control("archive", channel=IDEAS_CHANNEL)
    world.command(GUARD, LINE)
    wait_until(lambda: row(world).state == "blocked")
    (line,) = (line for line in outbox(world).stdout.splitlines() if line.startswith("card:1  "))
    assert "is_archived" in line
    assert "unarchive the channel" in line


def test_a_refused_card_is_sent_on_command(sqlite_world: World) -> None:
    """A card that Slack refused for good is listed as dead, and `retry` sends it once Slack takes it."""
    world = sqlite_world
    world.sandbox.control("fault", target="chat.postMessage", kind="error", error="invalid_blocks")
    world.command(GUARD, LINE)
    wait_until(lambda: row(world).state == "dead")
    assert "card:1  dead (invalid_blocks)" in outbox(world).stdout
    done = outbox(world, "retry", "card:1")
    assert (done.exit_code, done.stdout) == (0, "card:1 goes out as soon as the bot runs\n")
    wait_until(world.cards)
    world.settle()
    assert len(world.cards()) == 1
    assert outbox(world).stdout == ""


def test_a_deleted_card_is_posted_anew_with_its_votes(sqlite_world: World) -> None:
    """`retry` posts a card that an admin deleted again; who had voted on it still counts, and new reactions do too."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.react(AGENT, ts)
    world.settle()
    world.sandbox.control("delete_message", channel=IDEAS_CHANNEL, ts=ts)
    world.write(_raise_card())
    wait_until(lambda: row(world).state == "dead")
    assert "posts it anew" in outbox(world).stdout
    outbox(world, "retry", "card:1")
    wait_until(world.cards)
    (card,) = world.cards()
    assert tally(card) == 1
    world.react(CLERK, card["ts"])
    world.settle()
    assert tally(world.card(card["ts"])) == 2


def test_what_may_stand_is_decided_by_a_person(sqlite_world: World) -> None:
    """Without the right to look, nothing is sent twice: the row waits, and `retry` or `drop` decides."""
    world = sqlite_world
    world.sandbox.control("fault", target="conversations.history", kind="error", error="missing_scope", count=0)
    for line in (LINE, "Show the queue time before I call you"):
        world.sandbox.control("fault", target="chat.postMessage", kind="drop_before")
        world.command(GUARD, line)
        wait_until(lambda: not any(fault.target == "chat.postMessage" for fault in world.sandbox.parts.faults.active))
    wait_until(lambda: row(world).state == row(world, "card:2").state == "unknown")
    assert "may stand in Slack already" in outbox(world).stdout
    assert outbox(world, "drop", "card:2").stdout == "card:2 is never sent\n"
    outbox(world, "retry", "card:1")
    wait_until(world.cards)
    world.settle()
    assert [LINE in words(card) for card in world.cards()] == [True]
    assert outbox(world).stdout == ""


def test_a_dropped_message_stays_dropped(sqlite_world: World) -> None:
    """What was dropped is not sent when Slack would take it again."""
    world = sqlite_world
    world.sandbox.control("archive", channel=IDEAS_CHANNEL)
    world.command(GUARD, LINE)
    wait_until(lambda: row(world).state == "blocked")
    outbox(world, "drop", "card:1")
    tried = len(_posts_of_cards(world))
    world.sandbox.control("unarchive", channel=IDEAS_CHANNEL)
    world.file(AGENT, "Show the queue time before I call you")
    assert len(_posts_of_cards(world)) == tried + 1


@pytest.mark.parametrize("verb", ["retry", "drop"])
def test_an_unknown_key_is_refused(sqlite_world: World, verb: str) -> None:
    """A key that no waiting message has ends with 1 and a line that says where the keys are."""
    done = outbox(sqlite_world, verb, "card:99")
    assert done.exit_code == 1
    assert "No message card:99 waits or is given up. The list: cxidea outbox\n" in done.stderr


def _posts_of_cards(world: World) -> list[Any]:
    """Return the attempts at a card; the admins, too, are told of an archived channel."""
    return [post for post in calls(world, "chat.postMessage") if post.request["channel"] == IDEAS_CHANNEL]


def _raise_card() -> Any:
    return text("UPDATE outbox SET wanted_revision = wanted_revision + 1 WHERE key = 'card:1'")
