"""`/cxidea stats`, and what the digest says of broken promises."""

from datetime import timedelta

from bot import clock
from bot.deeds import Deed
from bot.services.answers import Decision, decide
from db.types import Status
from tests.bot import AGENT, CLERK, GUARD, LEADER, World, words
from tests.faults.year import next_monday

TITLES = ("Tell callers their place in the queue", "Letters that name a person to call", "Larger print on every bill")


def ask(world: World) -> str:
    """Return what `stats` answers."""
    return words(world.command(GUARD, "stats")["ephemeral"])


def jump_to_monday(world: World) -> None:
    """Put the clock to ten o'clock of the next Monday."""
    monday = next_monday(world.sandbox.workspace.clock.moment())
    world.sandbox.control("jump_to", time=(monday + timedelta(hours=10)).isoformat())
    world.runtime.deps.heartbeat.beat()


def let_days_pass(world: World, days: int) -> None:
    """Let so many days pass."""
    world.sandbox.control("advance", seconds=days * 86_400)
    world.runtime.deps.heartbeat.beat()


def answer(world: World, idea_id: int) -> None:
    """Have the leader plan an idea."""
    deps = world.runtime.deps
    words_of_it = "We build it into the app in spring."
    decision = Decision(Deed.ANSWER, idea_id, LEADER, clock.now(), words_of_it, Status.PLANNED)
    with deps.sessions.begin() as session:
        decide(session, decision, deps.rules)


def test_stats_of_nothing(world: World) -> None:
    """An empty company gets figures that are all nothing, and no division by it."""
    shown = ask(world)
    assert "0 ideas, 0 votes" in shown
    assert "Nobody waits for an answer" in shown
    assert "No idea was answered in the last 90 days" in shown
    assert "median" not in shown


def test_answers_are_measured_in_working_days(world: World) -> None:
    """Median and 90th percentile are working days to the first answer; in time counts what never came as well."""
    jump_to_monday(world)
    for user, title in zip((GUARD, AGENT, CLERK), TITLES, strict=True):
        world.file(user, title)
    let_days_pass(world, 1)
    answer(world, 1)
    let_days_pass(world, 13)
    answer(world, 2)
    shown = ask(world)
    assert "Waiting for an answer: 1 idea, 1 of them overdue" in shown
    assert "within 1 working day (median of 90 days)" in shown
    assert "within 10 working days (90th percentile)" in shown
    assert "Answered in time: 33 %" in shown


def test_broken_promises_are_told_in_the_digest(world: World) -> None:
    """An idea that waits two days beyond its date is called a broken promise in the digest; answered, it goes."""
    jump_to_monday(world)
    world.react(AGENT, world.file(GUARD, TITLES[0]))
    let_days_pass(world, 8)
    assert "promise broken" not in words(world.command(LEADER, "digest")["ephemeral"])
    let_days_pass(world, 2)
    shown = words(world.command(LEADER, "digest")["ephemeral"])
    assert "promise broken: its answer was due" in shown
    answer(world, 1)
    assert "promise broken" not in words(world.command(LEADER, "digest")["ephemeral"])
