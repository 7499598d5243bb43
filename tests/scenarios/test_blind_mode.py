"""In blind mode nobody who may still vote learns how many have, until the idea is a day old."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from db.models import Idea, OutboxMessage
from sandbox.server import running_sandbox
from tests.bot import ADMIN, AGENT, CLERK, ENGINEER, GUARD, LEADER, World, running_bot, running_world, wait_until, words
from tests.db.test_vote_concurrency import at_once
from tests.scenarios.test_settings import audited, saved

LINE = "Let customers reschedule deliveries online"
HIDDEN = "votes show after a day"
HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def blind(request: pytest.FixtureRequest) -> Iterator[World]:
    """Yield a workspace with the bot in blind mode."""
    with running_world(request.getfixturevalue("_fresh_sqlite"), "http", cx_blind_votes=True) as world:
        world.runtime._jobs.learn()
        tick(world)
        yield world


def advance(world: World, seconds: float) -> None:
    """Let time pass in the workspace, and the bot look at its clock."""
    world.sandbox.control("advance", seconds=seconds)
    tick(world)


def tick(world: World) -> None:
    """Let the bot do what the clock asks for."""
    world.runtime.deps.heartbeat.beat()
    world.runtime._jobs.show_counts()
    world.settle()


def wanted(world: World) -> int:
    """Return the revision of the one card that Slack is to show."""
    (revision,) = world._rows(select(OutboxMessage.wanted_revision).where(OutboxMessage.kind == "card"))
    return int(revision[0])


def test_a_card_hides_its_count_for_a_day_and_shows_it_by_itself(database_url: str) -> None:
    """Votes count and are not told on the card; 24 hours after the idea was filed the card tells them, once."""
    with running_world(database_url, "http", cx_blind_votes=True) as world:
        tick(world)
        ts = world.file(GUARD, LINE)
        assert HIDDEN in words(world.card(ts))
        for voter in (AGENT, CLERK):
            world.react(voter, ts)
        world.settle()
        assert world._rows(select(Idea.votes)) == [(2,)]
        advance(world, 23 * HOUR)
        assert HIDDEN in words(world.card(ts))
        assert "2 votes" not in words(world.card(ts))
        advance(world, HOUR + 120)
        assert "2 votes" in words(world.card(ts))
        shown = wanted(world)
        advance(world, HOUR)
        assert wanted(world) == shown


def test_cards_show_their_counts_after_a_time_of_being_down(sqlite_url: str) -> None:
    """A bot that was down when an idea's day ended shows the count on its return."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, sqlite_url, "http", cx_blind_votes=True) as world:
            tick(world)
            ts = world.file(GUARD, LINE)
        sandbox.control("advance", seconds=3 * DAY)
        with running_bot(sandbox, sqlite_url, "http", cx_blind_votes=True) as world:
            tick(world)
            assert "no votes yet" in words(world.card(ts))


def test_the_environment_switches_it_at_a_start(sqlite_url: str) -> None:
    """Started with another value than before, the bot shows or hides the counts on the cards that stand there."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, sqlite_url, "http", cx_blind_votes=True) as world:
            tick(world)
            ts = world.file(GUARD, LINE)
        for is_blind in (False, True):
            with running_bot(sandbox, sqlite_url, "http", cx_blind_votes=is_blind) as world:
                tick(world)
                assert (HIDDEN in words(world.card(ts))) is is_blind


def test_an_admin_switches_it_and_the_cards_follow(http_world: World) -> None:
    """Saved in Slack it holds at once for the cards of young ideas, and for no older one; it is audited."""
    old = http_world.file(GUARD, "Answer letters within a week")
    advance(http_world, 2 * DAY)
    ts = http_world.file(GUARD, LINE)
    assert "no votes yet" in words(http_world.card(ts))
    assert "hide or show" in words(saved(http_world, "votes/", blind_votes=["blind"]))
    wait_until(lambda: HIDDEN in words(http_world.card(ts)))
    assert "no votes yet" in words(http_world.card(old))
    saved(http_world, "votes/", blind_votes=[])
    wait_until(lambda: "no votes yet" in words(http_world.card(ts)))
    assert audited(http_world) == [(ADMIN, "blind_votes", False, True), (ADMIN, "blind_votes", True, False)]


def test_other_vote_reactions_are_named_on_blind_cards(blind: World) -> None:
    """A blind card with votes on it says how to vote by the emoji that hold, after an admin named others."""
    ts = blind.file(GUARD, LINE)
    blind.react(AGENT, ts)
    blind.settle()
    saved(blind, "votes/", reactions="tada, +1")
    wait_until(lambda: "tada" in str(blind.card(ts)["blocks"]))


def test_lists_hide_the_count_from_those_who_may_vote(blind: World) -> None:
    """Top, search, show and App Home tell nobody but the author how many voted; an older idea's count is told."""
    blind.react(AGENT, blind.file(GUARD, "Answer letters within a week"))
    advance(blind, 2 * DAY)
    ts = blind.file(GUARD, LINE)
    for voter in (AGENT, CLERK, LEADER):
        blind.react(voter, ts)
    blind.settle()
    for command in ("top", "top all", "search reschedule", "show CX-2"):
        shown = words(blind.command(ENGINEER, command)["ephemeral"])
        assert HIDDEN in shown, command
        assert "3 votes" not in shown, command
        assert "3 votes" in words(blind.command(GUARD, command)["ephemeral"]), command
    assert "3 votes" in words(blind.command(GUARD, "mine")["ephemeral"])
    home = words(blind.open_home(ENGINEER))
    wanted_part, unvoted = home.split("Waiting for my vote")
    assert "CX-1" in wanted_part
    assert "CX-2" not in wanted_part
    assert HIDDEN in unvoted
    assert "3 votes" in words(blind.open_home(GUARD))


def test_a_place_in_a_list_tells_no_count(blind: World) -> None:
    """Ideas that hide their counts stand in one order, whatever their votes, below those with counts."""
    first = blind.file(GUARD, "Answer letters within a week")
    advance(blind, 2 * DAY)
    second, third = (blind.file(GUARD, f"Open the branch at {hour}") for hour in ("seven", "eight"))
    for ts, voters in ((first, [AGENT]), (third, [AGENT, CLERK])):
        for voter in voters:
            blind.react(voter, ts)
    blind.settle()
    assert second
    for command in ("top", "top all"):
        shown = words(blind.command(ENGINEER, command)["ephemeral"])
        assert shown.index("CX-1") < shown.index("CX-2") < shown.index("CX-3"), command


def test_several_replicas_show_a_count_once(database_url: str) -> None:
    """When many look at the clock at the same moment, a card is shown anew by one of them."""
    with running_world(database_url, "http", cx_blind_votes=True) as world:
        tick(world)
        world.file(GUARD, LINE)
        before = wanted(world)
        world.sandbox.control("advance", seconds=DAY + 120)
        world.runtime.deps.heartbeat.beat()
        at_once([world.runtime._jobs.show_counts] * 6, 6)
        assert wanted(world) == before + 1


def test_each_replica_that_learns_of_it_shows_the_cards_anew(sqlite_url: str) -> None:
    """A replica may show a card before it knows of the change, so each asks for the cards once more when it does."""
    with (
        running_sandbox() as sandbox,
        running_bot(sandbox, sqlite_url, "http") as other,
        running_bot(sandbox, sqlite_url, "http") as world,
    ):
        tick(world)
        world.file(GUARD, LINE)
        before = wanted(world)
        saved(world, "votes/", blind_votes=["blind"])
        wait_until(lambda: other.runtime.deps.company.blind_votes)
        wait_until(lambda: wanted(world) == before + 2)
