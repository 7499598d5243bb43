"""Votes are a set of people: who has one, by which emoji, and in whatever order Slack tells."""

import itertools
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from db.models import Idea, OutboxMessage, Person
from sandbox.people import DEACTIVATED_ID, EXTERNAL_ID, GUEST_ID, OTHER_BOT_ID
from sandbox.server import running_sandbox
from sandbox.traffic import Entry
from tests.bot import (
    AGENT,
    CLERK,
    DRIVER,
    ENGINEER,
    GUARD,
    QUICK,
    WRITER,
    World,
    running_bot,
    running_world,
    wait_until,
    words,
)
from tests.votes import reaction_body, send, settled_tally

LINE = "Let customers reschedule deliveries online"


@pytest.mark.parametrize("name", ["+1", "thumbsup", "+1::skin-tone-4", "heart", "fire", "raised_hands", "100", "yes"])
def test_a_vote_reaction_counts_whatever_its_skin_or_alias(sqlite_world: World, name: str) -> None:
    """Every configured emoji is a vote, in any skin tone, by its built-in alias or one of the workspace's own."""
    ts = sqlite_world.file(GUARD, LINE)
    send(sqlite_world, reaction_body(sqlite_world, ts, AGENT, name))
    assert settled_tally(sqlite_world, ts) == 1


def test_other_emoji_are_no_comment(sqlite_world: World) -> None:
    """Any other emoji changes nothing and gets no answer."""
    ts = sqlite_world.file(GUARD, LINE)
    before = len(sqlite_world.sandbox.parts.journal.entries)
    for name in ("eyes", "-1", "tada", "northwind"):
        send(sqlite_world, reaction_body(sqlite_world, ts, AGENT, name))
    assert settled_tally(sqlite_world, ts) == 0
    calls = [entry.name for entry in sqlite_world.sandbox.parts.journal.entries[before:] if entry.kind == "api"]
    assert not {"chat.update", "chat.postMessage", "chat.postEphemeral"} & set(calls)
    assert not sqlite_world.ephemerals(AGENT)


def test_two_skin_tones_are_one_person(sqlite_world: World) -> None:
    """A person with several vote reactions has one vote until the last of them is gone."""
    ts = sqlite_world.file(GUARD, LINE)
    for name in ("+1::skin-tone-2", "+1::skin-tone-6", "heart"):
        send(sqlite_world, reaction_body(sqlite_world, ts, AGENT, name))
    for name, expected in (("heart", 1), ("+1::skin-tone-2", 1), ("+1::skin-tone-6", 0)):
        send(sqlite_world, reaction_body(sqlite_world, ts, AGENT, name, type="reaction_removed"))
        assert settled_tally(sqlite_world, ts) == expected


def test_deliveries_repeated_late_and_out_of_order_change_nothing(database_url: str, transport: str) -> None:
    """Slack repeats every event, holds some back and swaps others: the tally is who stands on the card at last."""
    with running_world(database_url, transport) as world:
        ts = world.file(GUARD, LINE)
        world.sandbox.control("fault", target="*", kind="repeat", times=3, count=4)
        world.react(AGENT, ts)
        world.react(CLERK, ts)
        world.react(AGENT, ts, is_on=False)
        world.settle()
        world.sandbox.control("clear_faults")
        world.sandbox.control("fault", target="reaction_added", kind="reorder")
        world.react(ENGINEER, ts)
        world.react(ENGINEER, ts, is_on=False)
        assert settled_tally(world, ts) == 1
        early = reaction_body(world, ts, DRIVER, "+1")
        send(world, reaction_body(world, ts, DRIVER, "+1", type="reaction_removed"))
        send(world, early)
        assert settled_tally(world, ts) == 1


def test_the_same_event_a_day_later_has_no_second_effect(sqlite_world: World) -> None:
    """A delivery that comes again after its reaction was taken off does not bring the vote back."""
    ts = sqlite_world.file(GUARD, LINE)
    body = reaction_body(sqlite_world, ts, AGENT, "+1")
    send(sqlite_world, body)
    send(sqlite_world, reaction_body(sqlite_world, ts, AGENT, "+1", type="reaction_removed"))
    sqlite_world.sandbox.control("advance", seconds=86_400)
    send(sqlite_world, body)
    assert settled_tally(sqlite_world, ts) == 0


@pytest.mark.parametrize(
    "user", [GUARD, OTHER_BOT_ID, GUEST_ID, EXTERNAL_ID, DEACTIVATED_ID, "U0CXIDEA01", "USLACKBOT"]
)
def test_who_has_no_vote(sqlite_world: World, user: str) -> None:
    """The author, bots (this one too), guests, other organisations' people and the deactivated do not count."""
    ts = sqlite_world.file(GUARD, LINE)
    send(sqlite_world, reaction_body(sqlite_world, ts, user, "heart"))
    sqlite_world.learn()
    assert settled_tally(sqlite_world, ts) == 0


def test_an_unknown_person_counts_until_known(database_url: str) -> None:
    """A vote counts from its acknowledgement on; one of a guest is taken off when Slack has said what they are."""
    with running_sandbox() as sandbox:
        for method in ("users.list", "users.info"):
            sandbox.control("fault", target=method, kind="error", error="internal_error", count=0)
        with running_bot(sandbox, database_url, "http") as world:
            ts = world.file(GUARD, LINE)
            world.react(AGENT, ts)
            world.react(GUEST_ID, ts)
            assert settled_tally(world, ts) == 2
            sandbox.control("clear_faults")
            world.runtime._jobs.look_up_unknown()
            assert settled_tally(world, ts) == 1


def test_one_person_whom_slack_cannot_name_does_not_hide_the_others(sqlite_world: World) -> None:
    """When Slack fails on one unknown person, the next one is looked up all the same."""
    ts = sqlite_world.file(GUARD, LINE)
    sqlite_world.learn()
    sqlite_world.write(update(Person).where(Person.user_id.in_([GUEST_ID, AGENT])).values(standing="unknown"))
    sqlite_world.sandbox.control("fault", target="users.info", kind="error", error="some_new_error")
    sqlite_world.react(AGENT, ts)
    sqlite_world.react(GUEST_ID, ts)
    sqlite_world.settle()
    for _ in range(2):
        sqlite_world.runtime._jobs.look_up_unknown()
    assert settled_tally(sqlite_world, ts) == 1


def test_deactivated_people_lose_their_votes_and_get_them_back(sqlite_world: World) -> None:
    """What Slack says of people at night decides about the votes that they gave before."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.react(AGENT, ts)
    world.react(CLERK, ts)
    assert settled_tally(world, ts) == 2
    for lever, expected in (("deactivate", 1), ("reactivate", 2)):
        world.sandbox.control(lever, user=AGENT)
        world.runtime._jobs.learn()
        assert settled_tally(world, ts) == expected


def test_a_reaction_before_the_card_is_known_counts_once_it_is(database_url: str) -> None:
    """People may react before the bot has heard where its card stands; they count when it has."""
    with running_world(database_url, "http") as world:
        world.sandbox.control("fault", target="chat.postMessage", kind="apply_then_drop")
        world.sandbox.control("fault", target="conversations.history", kind="delay", seconds=0.7)
        world.command(GUARD, LINE)
        wait_until(world.cards)
        (card,) = world.cards()
        world.react(AGENT, card["ts"])
        wait_until(lambda: world.sandbox.parts.delivery.active == 0)
        with world.runtime.deps.sessions.reading() as session:
            assert session.scalar(select(OutboxMessage.message_ts).where(OutboxMessage.key == "card:1")) is None
        assert settled_tally(world, card["ts"]) == 1
        assert len(world.cards()) == 1


def test_button_and_reaction_are_one_vote(sqlite_world: World) -> None:
    """Who votes by button and by reaction counts once; taking the button's back leaves the reaction, and says so."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    shown = world.command(WRITER, "top all")["ephemeral"]
    world.react(WRITER, ts)
    world.press(WRITER, shown, "vote.cast", "1")
    assert settled_tally(world, ts) == 1
    world.press(WRITER, world.last_ephemeral(WRITER), "vote.take_back", "1")
    assert settled_tally(world, ts) == 1
    assert "👍" in words(world.last_ephemeral(WRITER)) or "+1" in str(world.last_ephemeral(WRITER)["blocks"])
    world.react(WRITER, ts, is_on=False)
    assert settled_tally(world, ts) == 0


def test_a_button_vote_stands_when_the_reaction_goes(sqlite_world: World) -> None:
    """Taking a reaction off leaves the vote by button; taking that back as well ends the vote."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    shown = world.command(WRITER, "top all")["ephemeral"]
    world.press(WRITER, shown, "vote.cast", "1")
    world.react(WRITER, ts, "fire")
    world.react(WRITER, ts, "fire", is_on=False)
    assert settled_tally(world, ts) == 1
    world.press(WRITER, world.last_ephemeral(WRITER), "vote.take_back", "1")
    assert settled_tally(world, ts) == 0


def test_votes_are_frozen_on_a_withdrawn_idea(sqlite_world: World) -> None:
    """After Undo an idea with support keeps the votes that it had: none come, none go."""
    world = sqlite_world
    receipt = world.command(GUARD, LINE)["ephemeral"]
    world.settle()
    (card,) = world.cards()
    world.react(AGENT, card["ts"])
    world.settle()
    world.press(GUARD, receipt, "idea.undo", "1")
    world.react(CLERK, card["ts"])
    world.react(AGENT, card["ts"], is_on=False)
    world.settle()
    with world.runtime.deps.sessions.reading() as session:
        assert session.scalar(select(Idea.votes)) == 1


def test_a_hot_card_is_updated_seldom(sqlite_url: str) -> None:
    """Votes that come close together become one update of the card in each interval; the last one shows them all."""
    interval = 0.5
    with running_sandbox() as sandbox, running_bot(sandbox, sqlite_url, "http", replace(QUICK, card=interval)) as world:
        ts = world.file(GUARD, LINE)
        world.learn()
        people = [f"U0VOTER{number:03}" for number in range(50)]
        with world.runtime.deps.sessions.begin() as session:
            session.add_all([Person(user_id=user, standing="member") for user in people])
        for user in people:
            send_quietly(world, reaction_body(world, ts, user, "+1"))
        assert settled_tally(world, ts) == 50
        times = [entry.at for entry in _updates(world)]
        assert all(later - earlier >= interval * 0.9 for earlier, later in itertools.pairwise(times))


def send_quietly(world: World, body: dict[str, object]) -> None:
    """Deliver an event without waiting for the card."""
    assert world.sandbox.wait_for(world.sandbox.parts.delivery.ask("events_api", body)).ok


def _updates(world: World) -> list[Entry]:
    return [entry for entry in world.sandbox.parts.journal.entries if entry.name == "chat.update"]
