"""Notes in threads and direct messages reach Slack once, whatever becomes of a call."""

from typing import Any

import pytest

from bot.deeds import Deed
from bot.services import answers
from bot.services.answers import Decision
from db.types import Status
from tests.bot import AGENT, CLERK, GUARD, LEADER, World, wait_until
from tests.news import LINE, REASON, decide, learn_people, letters, notes, plan, rows, spread, texts, weekday
from tests.scenarios.test_delivery import calls


@pytest.fixture
def world(sqlite_world: World) -> World:
    """Return a workspace on a Tuesday at ten, its digest posted, in which the bot knows everybody."""
    weekday(sqlite_world)
    sqlite_world.runtime._jobs.ask_for_due_digests()  # Else the ten seconds' tick posts it in the middle of a test.
    sqlite_world.runtime._jobs.prepare_digests()
    sqlite_world.settle()
    learn_people(sqlite_world)
    return sqlite_world


@pytest.mark.parametrize(
    ("fault", "posts"),
    [
        ({"kind": "apply_then_drop"}, 2),
        ({"kind": "apply_then_error", "error": "internal_error"}, 2),
        ({"kind": "drop_before"}, 4),
        ({"kind": "status", "status": 503}, 4),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_note_and_letter_stand_once_after_an_unknown_outcome(world: World, fault: dict[str, Any], posts: int) -> None:
    """Both are looked for, in the thread and in the direct message, before they are posted a second time."""
    ts = world.file(GUARD, LINE)
    before = len(calls(world, "chat.postMessage"))
    world.sandbox.control("fault", target="chat.postMessage", count=2, **fault)
    plan(world)
    assert (len(letters(world, GUARD)), len(notes(world, ts))) == (1, 1)
    assert len(calls(world, "chat.postMessage")) - before == posts
    looked = [call.request for call in calls(world, "conversations.replies")]
    assert {(call["channel"], call["ts"]) for call in looked} == {(world.ideas_channel, ts)}


def test_a_note_waits_for_its_card(world: World) -> None:
    """Answered while its card could not be posted, an idea gets the note after the card, and no attempt is counted."""
    world.sandbox.control("archive", channel=world.ideas_channel)
    world.command(GUARD, LINE)
    wait_until(lambda: rows(world, "card:1")[0].state == "blocked")
    deps = world.runtime.deps
    decision = Decision(Deed.ANSWER, 1, LEADER, world.sandbox.workspace.clock.moment(), "In spring.", Status.PLANNED)
    with deps.sessions.begin() as session:
        answers.decide(session, decision, deps.rules)
    wait_until(lambda: letters(world, GUARD))
    wait_until(lambda: rows(world, "thread:")[0].fence > 0)
    assert rows(world, "thread:")[0].attempts == 0
    world.sandbox.control("unarchive", channel=world.ideas_channel)
    spread(world)
    (card,) = world.cards()
    assert len(notes(world, card["ts"])) == 1


def test_a_note_on_a_card_that_was_taken_down_is_none(world: World) -> None:
    """Withdrawn before its note could be posted, an idea loses its card, and nothing is said in its place."""
    world.file(GUARD, LINE)
    world.sandbox.control("fault", target="chat.postMessage", kind="error", error="restricted_action", count=0)
    deps, now = world.runtime.deps, world.sandbox.workspace.clock.moment()
    park = Decision(Deed.PARK, 1, LEADER, now, REASON, condition="The carrier has an interface.")
    look = Decision(Deed.REVIEW, 1, LEADER, now)
    withdraw = Decision(Deed.WITHDRAW, 1, GUARD, now)
    with deps.sessions.begin() as session:
        for decision in (park, look, withdraw):
            answers.decide(session, decision, deps.rules)
    wait_until(lambda: not world.cards())
    world.sandbox.control("clear_faults")
    wait_until(lambda: all(row.shown_revision for row in rows(world, "thread:")))
    assert not world.cards()
    assert {row.message_ts for row in rows(world, "thread:")} == {None}


def test_an_answered_card_stays_when_it_is_withdrawn(world: World) -> None:
    """The thread with an answer of ours keeps a withdrawn idea's card: no answer is lost."""
    ts = world.file(GUARD, LINE)
    decide(world, Deed.PARK, condition="The carrier has an interface.")
    decide(world, Deed.REVIEW, text="")
    decide(world, Deed.WITHDRAW, text="", actor_id=GUARD)
    assert len(notes(world, ts)) == 2


def test_letters_rest_where_slack_says_so_and_cards_go_on(world: World) -> None:
    """A refusal as too much holds direct messages back for so long, and neither cards nor notes."""
    ts = world.file(GUARD, LINE)
    world.react(AGENT, ts)
    world.settle()
    world.sandbox.control("fault", target="chat.postMessage", kind="ratelimited", seconds=1, count=0)
    deps = world.runtime.deps
    with deps.sessions.begin() as session:
        now = world.sandbox.workspace.clock.moment()
        answers.decide(session, Decision(Deed.ANSWER, 1, LEADER, now, REASON, Status.PLANNED), deps.rules)
    wait_until(lambda: rows(world, f"news:{GUARD}")[0].last_error == "ratelimited")
    world.sandbox.control("clear_faults")
    world.file(CLERK, "Answer letters by name")
    spread(world)
    assert (len(letters(world, GUARD)), len(letters(world, AGENT)), len(notes(world, ts))) == (1, 1, 1)


def test_a_letter_that_nobody_wants_any_more_is_not_sent(world: World) -> None:
    """Deactivated between the answer and the morning, somebody is not written to, and nothing waits for them."""
    world.file(GUARD, LINE)
    weekday(world, 22)
    plan(world)
    assert rows(world, f"news:{GUARD}")[0].attempts == 0
    world.sandbox.control("deactivate", user=GUARD)
    learn_people(world)
    weekday(world, 9, weekday=2)
    world.settle()
    wait_until(lambda: rows(world, f"news:{GUARD}")[0].shown_revision > 0)
    assert not [call for call in calls(world, "chat.postMessage") if call.request["channel"] == GUARD]


def test_a_change_that_comes_while_its_letter_is_sent_is_told_too(world: World) -> None:
    """What is decided while a message is on its way changes that message."""
    world.file(GUARD, LINE)
    world.sandbox.control("fault", target="chat.postMessage", kind="delay", seconds=1, count=2)
    deps, now = world.runtime.deps, world.sandbox.workspace.clock.moment()
    for status, words in ((Status.PLANNED, "In spring."), (Status.IN_PROGRESS, "Earlier, in fact.")):
        with deps.sessions.begin() as session:
            answers.decide(session, Decision(Deed.ANSWER, 1, LEADER, now, words, status), deps.rules)
        wait_until(lambda: rows(world, f"news:{GUARD}")[0].fence > 0)
    world.settle()
    (text,) = texts(world, GUARD)
    assert "Earlier, in fact." in text
