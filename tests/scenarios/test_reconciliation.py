"""Votes that were missed are found again: at the start, on every new connection, at night, and by hand."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.reconciliation import reconcile
from bot.services import repairs
from bot.services.repairs import Card, Listed
from db.models import Idea, Reaction
from sandbox.people import BOT_USER_ID, DIGEST_CHANNEL, IDEAS_CHANNEL
from tests.bot import AGENT, CLERK, DRIVER, GUARD, LEADER, MANAGER, World, running_world, wait_until
from tests.votes import reaction_body, send, settled_tally, tally

LINE = "Let customers reschedule deliveries online"


def lose(world: World, kind: str = "reaction_added", count: int = 1) -> None:
    """Let Slack lose the next events of a kind."""
    world.sandbox.control("fault", target=kind, kind="lose", count=count)


def calls(world: World) -> list[str]:
    """Return the names of the bot's calls so far that read messages."""
    names = [entry.name for entry in world.sandbox.parts.journal.entries if entry.kind == "api"]
    return [name for name in names if name in {"conversations.history", "reactions.get"}]


def live_until_the_next_night(world: World) -> None:
    """Let a day go by, until the nightly work is due and begun."""
    at_three = world.sandbox.workspace.clock.moment().replace(hour=3, minute=5) + timedelta(days=1)
    world.sandbox.control("jump_to", time=at_three.isoformat())
    world.runtime.deps.heartbeat.beat()
    world.runtime._jobs.do_nightly_work()


def is_learning(world: World) -> bool:
    """Return whether the bot learns anew what Slack says, or compares, or is about to."""
    jobs = world.runtime._jobs
    # Asked for it is until its thread runs: look here first.
    is_asked_for = any(jobs._scheduler.get_job(name) for name in ("learn", "compare"))
    names = {"job-learn", "job-compare"}
    return is_asked_for or any(each.is_alive() for each in jobs._threads._threads if each.name in names)


@pytest.fixture
def sqlite_world(sqlite_world: World) -> World:
    """Return the bot when what it begins with, learning and comparing, is over: a test asks for its own."""
    wait_until(lambda: not is_learning(sqlite_world))
    return sqlite_world


def copy_of(world: World, channel_id: str) -> str:
    """Have the bot's message in a channel stand there twice, as a replica leaves it that posts late and dies."""
    workspace = world.sandbox.workspace
    (first,) = workspace.channels[channel_id].messages.values()
    again = replace(first, ts="", reactions={})
    return world.sandbox.call(lambda: workspace.post(again)).ts


def test_a_second_card_and_a_second_digest_are_removed(sqlite_world: World) -> None:
    """What a replica posted late, and died before it could take it back, is found by comparing; the first one stays."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.press(LEADER, world.command(LEADER, "digest")["ephemeral"], "digest.post")
    world.runtime._jobs.prepare_digests()
    wait_until(lambda: world.cards(DIGEST_CHANNEL))
    world.settle()
    digest_ts = world.cards(DIGEST_CHANNEL)[0]["ts"]
    for channel_id in (IDEAS_CHANNEL, DIGEST_CHANNEL):
        copy_of(world, channel_id)
    world.react(AGENT, ts)
    world.settle()
    reconcile(world.runtime.deps)
    assert [card["ts"] for card in world.cards()] == [ts]
    assert [digest["ts"] for digest in world.cards(DIGEST_CHANNEL)] == [digest_ts]
    assert settled_tally(world, ts) == 1


def test_a_copy_that_slack_keeps_stops_nothing(sqlite_world: World) -> None:
    """A second card that cannot be removed is left for the next comparison, and votes are found all the same."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    copy_of(world, IDEAS_CHANNEL)
    lose(world)
    world.react(AGENT, ts)
    world.sandbox.control("fault", target="chat.delete", kind="error", error="cant_delete_message")
    reconcile(world.runtime.deps)
    assert settled_tally(world, ts) == 1
    assert len(world.cards()) == 2
    reconcile(world.runtime.deps)
    assert [card["ts"] for card in world.cards()] == [ts]


def test_a_new_connection_finds_what_was_lost(request: pytest.FixtureRequest) -> None:
    """Slack asks for a new connection and has lost events: after it the card shows who really reacted."""
    with running_world(str(request.getfixturevalue("_fresh_sqlite")), "socket") as world:
        ts = world.file(GUARD, LINE)
        world.react(AGENT, ts)
        world.settle()
        lose(world, "*", count=4)
        world.react(AGENT, ts, is_on=False)
        for user in (CLERK, DRIVER, MANAGER):
            world.react(user, ts)
        assert settled_tally(world, ts) == 1
        world.sandbox.control("drop_sockets", reason="refresh_requested")
        wait_until(lambda: tally(world.card(ts)) == 3, seconds=20)


def test_once_a_night(sqlite_world: World) -> None:
    """After three in the morning one replica compares, once in that night."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    lose(world)
    world.react(AGENT, ts)
    world.settle()
    live_until_the_next_night(world)
    wait_until(lambda: tally(world.card(ts)) == 1)
    wait_until(lambda: not is_learning(world), seconds=60)
    world.settle()
    before = len(calls(world))
    world.runtime._jobs.do_nightly_work()
    assert not is_learning(world)
    assert len(calls(world)) == before


def test_a_night_with_much_to_learn_still_under_way(sqlite_world: World) -> None:
    """A night's comparison is not lost because those asked for before have not ended yet: Slack may be slow."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    wait_until(lambda: not is_learning(world), seconds=60)
    world.sandbox.control("fault", target="users.list", kind="delay", seconds=3, count=2)
    for _ in range(2):
        live_until_the_next_night(world)
    time.sleep(1)  # Whatever does not wait for its turn has compared by now, and learns of people.
    lose(world)
    world.react(AGENT, ts)
    live_until_the_next_night(world)
    wait_until(lambda: tally(world.card(ts)) == 1)


def test_slack_back_in_http_mode(sqlite_world: World) -> None:
    """When Slack answers again after a silence, the cards are compared: events of that time may be given up."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    lose(world)
    world.react(AGENT, ts)
    world.settle()
    world.runtime.deps.heartbeat.state = "URLError"
    world.runtime._jobs.ask_for_due_digests()
    wait_until(lambda: tally(world.card(ts)) == 1)


def test_a_comparison_that_failed_is_tried_again(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """When Slack fails in the middle of a comparison, another one follows soon."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.settle()
    monkeypatch.setattr("bot.jobs._AGAIN", timedelta(milliseconds=100))
    lose(world)
    world.react(AGENT, ts)
    world.sandbox.control("fault", target="reactions.get", kind="error", error="fatal_error")
    world.runtime._jobs.compare_soon()
    wait_until(lambda: tally(world.card(ts)) == 1)


def test_nothing_differs(sqlite_world: World) -> None:
    """When nothing differs, one page of history is all that is asked for, however many cards there are."""
    world = sqlite_world
    for number in range(3):
        world.react(AGENT, world.file(GUARD, f"{LINE} number {number}"))
    world.settle()
    before = len(calls(world))
    result = reconcile(world.runtime.deps)
    assert (result.compared, result.repaired) == (3, 0)
    assert calls(world)[before:] == ["conversations.history"]


def test_only_what_differs_is_read(sqlite_world: World) -> None:
    """Of several cards only the one that differs is read by itself."""
    world = sqlite_world
    cards = [world.file(GUARD, f"{LINE} number {number}") for number in range(3)]
    lose(world)
    world.react(AGENT, cards[1])
    world.settle()
    before = len(calls(world))
    assert reconcile(world.runtime.deps).repaired == 1
    assert calls(world)[before:] == ["conversations.history", "reactions.get"]
    assert [settled_tally(world, ts) for ts in cards] == [0, 1, 0]


def test_a_newer_event_wins(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reaction taken off while Slack's list is on its way is not put on again by that list."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.react(CLERK, ts)
    world.settle()
    lose(world)
    world.react(AGENT, ts)
    reads = world.runtime.deps.reads
    ask = reads.reactions_get

    def ask_slowly(**arguments: Any) -> Any:
        answer = ask(**arguments)
        world.react(CLERK, ts, is_on=False)
        wait_until(lambda: world.sandbox.parts.delivery.active == 0)
        return answer

    monkeypatch.setattr("bot.reconciliation._FRESH_SECONDS", 0)
    monkeypatch.setattr(reads, "reactions_get", ask_slowly)
    reconcile(world.runtime.deps)
    assert settled_tally(world, ts) == 1


def test_a_removal_lost_within_the_last_second(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reaction taken off right after it was put on, unseen, is too fresh to judge at first and gone after a while."""
    monkeypatch.setattr("bot.reconciliation._FRESH_SECONDS", 2.5)
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.react(AGENT, ts)
    world.settle()
    lose(world, "reaction_removed")
    world.react(AGENT, ts, is_on=False)
    reconcile(world.runtime.deps)
    assert settled_tally(world, ts) == 0


def test_a_short_list_only_adds(sqlite_world: World) -> None:
    """Where Slack names fewer people than it counts, those named are added, and nobody is removed."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.react(AGENT, ts)
    world.settle()
    deps = world.runtime.deps
    with deps.sessions.begin() as session:
        listed = {"+1": Listed(frozenset({CLERK}), 2)}
        later = int((world.sandbox.workspace.clock.now() + 5) * 1_000_000)
        assert repairs.repair_card(session, Card(1, IDEAS_CHANNEL, ts), listed, later, deps.emoji).repaired == 1
    assert settled_tally(world, ts) == 2


def test_the_bots_own_reaction_is_no_vote(sqlite_world: World) -> None:
    """A reaction of the bot itself is neither stored nor counted, and makes no card differ."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    message = world.sandbox.workspace.channels[IDEAS_CHANNEL].messages[ts]
    world.sandbox.call(lambda: world.sandbox.workspace.react(message, "+1", BOT_USER_ID))
    before = len(calls(world))
    assert reconcile(world.runtime.deps).repaired == 0
    assert calls(world)[before:] == ["conversations.history"]
    assert settled_tally(world, ts) == 0


def test_closed_ideas_with_recent_reactions_are_compared(sqlite_world: World) -> None:
    """An answered idea is compared while somebody reacted within thirty days, and left alone after that."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.write(update(Idea).values(status="shipped"))
    assert reconcile(world.runtime.deps).compared == 0
    world.react(AGENT, ts)
    world.settle()
    assert reconcile(world.runtime.deps).compared == 1
    world.write(update(Reaction).values(event_ts=Reaction.event_ts - 31 * 86_400 * 1_000_000))
    assert reconcile(world.runtime.deps).compared == 0


def test_votes_by_an_alias_learned_late(sqlite_world: World) -> None:
    """A reaction by an emoji that turns out to be an alias of a vote counts from then on, and not when it is none."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.settle()
    world.runtime.deps.emoji.learn_aliases({})
    send(world, reaction_body(world, ts, AGENT, "yes"))
    message = world.sandbox.workspace.channels[IDEAS_CHANNEL].messages[ts]
    world.sandbox.call(lambda: world.sandbox.workspace.react(message, "yes", AGENT))
    assert settled_tally(world, ts) == 0
    for aliases, expected in (({"yes": "+1"}, 1), ({}, 0)):
        world.runtime.deps.emoji.learn_aliases(aliases)
        reconcile(world.runtime.deps)
        assert settled_tally(world, ts) == expected


def test_a_closed_channel_does_not_stop_it(sqlite_world: World) -> None:
    """A channel that the bot was taken out of is passed over."""
    world = sqlite_world
    world.file(GUARD, LINE)
    world.sandbox.control("kick", channel=IDEAS_CHANNEL)
    assert reconcile(world.runtime.deps).compared == 0
