"""A workspace that takes no charts gets the same digest without them, once, and is not asked again for a month."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text, update

from bot.services.charts import charts_are_taken
from db.models import OutboxMessage, Workspace
from db.session import open_database
from sandbox.people import DIGEST_CHANNEL, GENERAL_CHANNEL
from sandbox.server import running_sandbox
from tests import oracle
from tests.bot import GUARD, QUICK, World, running_bot, wait_until, words
from tests.scenarios.test_delivery import LINE, calls, row
from tests.scenarios.test_digest_schedule import monday, tick

PATIENT = replace(QUICK, backoff=(120,))
"""Whoever waits with this pace waits longer than a test does."""

TAKEAWAY = "1 idea this week, and none in the week before; no votes at all."


def let_a_week_pass(world: World) -> None:
    """Go to the next Monday, a moment after its digest is due, and have that posted."""
    world.sandbox.control("jump_to", time=(monday(world) + timedelta(seconds=5)).isoformat())
    tick(world)


def posts(world: World, channel: str = DIGEST_CHANNEL) -> list[str]:
    """Return how Slack answered each attempt to post a digest, oldest first."""
    attempts = [each for each in calls(world, "chat.postMessage") if each.request["channel"] == channel]
    return [each.outcome.partition(" ")[0] for each in attempts]


def kinds(message: dict[str, Any]) -> list[str]:
    """Return the types of a message's blocks."""
    return [block["type"] for block in message["blocks"]]


def refused_at(world: World) -> datetime | None:
    """Return when charts were refused, as the bot remembers it."""
    with world.runtime.deps.sessions.reading() as session:
        return session.scalars(select(Workspace.charts_refused_at)).one()


def digest_rows(world: World) -> list[OutboxMessage]:
    """Return the digests' rows in the outbox, oldest first."""
    with world.runtime.deps.sessions.reading() as session:
        digests = select(OutboxMessage).where(OutboxMessage.kind == "digest")
        return list(session.scalars(digests.order_by(OutboxMessage.id)))


def test_a_digest_has_charts_where_they_are_taken(sqlite_world: World) -> None:
    """A workspace with charts gets one in its digest, at once, below the words that say what it shows."""
    world = sqlite_world
    world.file(GUARD, LINE)
    let_a_week_pass(world)
    (digest,) = world.cards(DIGEST_CHANNEL)
    assert kinds(digest).count("data_visualization") == 2
    assert TAKEAWAY in words(digest)
    assert posts(world) == ["ok"]
    assert refused_at(world) is None


def test_charts_that_are_refused_are_left_out_once_and_for_the_next_time(database_url: str) -> None:
    """Refused for its charts, a digest is posted once without them, and the next one goes out without them at once."""
    with running_sandbox() as sandbox, running_bot(sandbox, database_url, "http", PATIENT) as world:
        world.file(GUARD, LINE)
        sandbox.control("refuse_charts")
        let_a_week_pass(world)
        (digest,) = world.cards(DIGEST_CHANNEL)
        assert "data_visualization" not in kinds(digest)
        assert TAKEAWAY in words(digest)
        assert posts(world) == ["invalid_blocks", "ok"]
        let_a_week_pass(world)
        assert posts(world) == ["invalid_blocks", "ok", "ok"]
        assert len(world.cards(DIGEST_CHANNEL)) == 2
        oracle.check(sandbox, database_url)


def test_a_restart_does_not_forget_it(sqlite_url: str) -> None:
    """What was learned about charts is in the database: the bot's next life goes out without them at once."""
    with running_sandbox() as sandbox:
        sandbox.control("refuse_charts")
        for _ in range(2):
            with running_bot(sandbox, sqlite_url, "http") as world:
                world.file(GUARD, LINE)
                let_a_week_pass(world)
        assert posts(world) == ["invalid_blocks", "ok", "ok"]


def test_charts_are_tried_again_after_thirty_days(sqlite_world: World) -> None:
    """A workspace that still refuses charts is asked in the first digest after a month, which costs one call."""
    world = sqlite_world
    world.sandbox.control("refuse_charts")
    for expected in (["invalid_blocks", "ok"], ["ok"], ["ok"], ["ok"], ["ok"], ["invalid_blocks", "ok"]):
        before = len(posts(world))
        world.file(GUARD, LINE)
        let_a_week_pass(world)
        assert posts(world)[before:] == expected
    assert len(world.cards(DIGEST_CHANNEL)) == 6


def test_a_workspace_that_gets_charts_sees_them_after_a_month(sqlite_world: World) -> None:
    """Charts that were refused and are taken now stand in the first digest after thirty days, not before."""
    world = sqlite_world
    world.sandbox.control("refuse_charts")
    world.file(GUARD, LINE)
    let_a_week_pass(world)
    world.sandbox.control("take_charts")
    for days, is_drawn in ((0, False), (21, True)):
        world.sandbox.control("advance", seconds=days * 86_400)
        tick(world)  # The bot learns the time from Slack's answers.
        world.file(GUARD, LINE)
        let_a_week_pass(world)
        assert ("data_visualization" in kinds(world.cards(DIGEST_CHANNEL)[-1])) == is_drawn


def test_a_digest_is_changed_without_charts_too(sqlite_world: World) -> None:
    """A digest that stands with charts is changed in its place without them, once its workspace refuses them."""
    world = sqlite_world
    world.file(GUARD, LINE)
    let_a_week_pass(world)
    (before,) = world.cards(DIGEST_CHANNEL)
    world.sandbox.control("refuse_charts")
    world.write(update(OutboxMessage).where(OutboxMessage.kind == "digest").values(wanted_revision=2))
    world.settle()
    (after,) = world.cards(DIGEST_CHANNEL)
    assert after["ts"] == before["ts"]
    assert "data_visualization" in kinds(before)
    assert "data_visualization" not in kinds(after)
    assert refused_at(world) is not None


def test_only_a_message_with_charts_says_anything_of_charts(sqlite_world: World) -> None:
    """A card that Slack refuses for its blocks is given up, and the next digest has its charts."""
    world = sqlite_world
    world.sandbox.control("fault", target="chat.postMessage", kind="error", error="invalid_blocks")
    world.command(GUARD, LINE)
    world.settle()
    assert row(world).state == "dead"
    assert refused_at(world) is None


@pytest.mark.parametrize("error", ["invalid_blocks", "invalid_blocks_format"])
def test_what_is_refused_without_charts_too_is_given_up(sqlite_world: World, error: str) -> None:
    """When the message without charts is refused as well, it is given up, as any message whose blocks are wrong."""
    world = sqlite_world
    world.file(GUARD, LINE)
    world.sandbox.control("fault", target="chat.postMessage", kind="error", error=error, count=2)
    let_a_week_pass(world)
    assert posts(world) == [error, error]
    assert [(each.state, each.last_error) for each in digest_rows(world)] == [("dead", error)]


def test_a_refusal_that_is_not_remembered_is_no_endless_quarrel(sqlite_world: World) -> None:
    """Were a message to have charts again after they were refused, it is given up at the second refusal."""
    world = sqlite_world
    forgets = "UPDATE workspace SET charts_refused_at = NULL"
    world.write(text(f"CREATE TRIGGER t AFTER UPDATE OF charts_refused_at ON workspace BEGIN {forgets}; END"))
    world.file(GUARD, LINE)
    world.sandbox.control("refuse_charts")
    let_a_week_pass(world)
    assert posts(world) == ["invalid_blocks", "invalid_blocks"]
    assert digest_rows(world)[0].state == "dead"


def test_two_digests_refused_at_once(sqlite_url: str) -> None:
    """Digests of two channels that are on their way at once, both with charts, are each posted once without them."""
    channels = (DIGEST_CHANNEL, GENERAL_CHANNEL)
    with running_sandbox() as sandbox:
        sandbox.control("invite", channel=GENERAL_CHANNEL)
        with running_bot(sandbox, sqlite_url, "http", cx_digest_channel=",".join(channels)) as world:
            world.file(GUARD, LINE)
            sandbox.control("refuse_charts")
            sandbox.control("fault", target="chat.postMessage", kind="delay", seconds=1, count=2)
            let_a_week_pass(world)
            for channel in channels:
                assert posts(world, channel) == ["invalid_blocks", "ok"]
                assert len(world.cards(channel)) == 1


def test_without_knowing_the_workspace_nothing_has_charts(sqlite_url: str) -> None:
    """As long as no refusal could be remembered, none is risked."""
    sessions = open_database(sqlite_url)
    with sessions.reading() as session:
        assert charts_are_taken(session, datetime.now(UTC)) is False
    sessions.dispose()


@pytest.mark.parametrize("error", ["msg_blocks_too_long", "fatal_error", "not_in_channel"])
def test_other_refusals_are_no_refusal_of_charts(sqlite_world: World, error: str) -> None:
    """A digest with charts that Slack refuses for another reason fares as any message does."""
    world = sqlite_world
    world.file(GUARD, LINE)
    world.sandbox.control("fault", target="chat.postMessage", kind="error", error=error)
    let_a_week_pass(world)
    wait_until(lambda: digest_rows(world)[0].state == "dead" or world.cards(DIGEST_CHANNEL))
    assert refused_at(world) is None
    assert all("data_visualization" in kinds(digest) for digest in world.cards(DIGEST_CHANNEL))


def test_a_refusal_after_an_unknown_outcome_doubles_nothing(sqlite_world: World) -> None:
    """A digest whose first attempt was cut off is looked for, refused for its charts, and posted once without them."""
    world = sqlite_world
    world.file(GUARD, LINE)
    world.sandbox.control("refuse_charts")
    world.sandbox.control("fault", target="chat.postMessage", kind="drop_before")
    let_a_week_pass(world)
    wait_until(lambda: world.cards(DIGEST_CHANNEL))
    world.settle()
    assert [outcome for outcome in posts(world) if outcome in {"invalid_blocks", "ok"}] == ["invalid_blocks", "ok"]
    assert len(world.cards(DIGEST_CHANNEL)) == 1


def failing_once(world: World, pattern: str) -> tuple[list[bool], Callable[..., None]]:
    """Return a listener that lets the next statement of a kind fail, and whether it still waits for that."""
    waits = [True]

    def fail(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if waits and re.match(pattern, statement):
            waits.pop()
            raise world.runtime.deps.sessions.engine.dialect.loaded_dbapi.OperationalError("no room left")

    return waits, fail


@pytest.mark.parametrize("statement", ["UPDATE workspace SET charts", "UPDATE outbox SET (?!.*attempts).*last_error"])
def test_a_refusal_that_was_not_written_down_comes_again(sqlite_url: str, statement: str) -> None:
    """Whoever dies between Slack's refusal and the record of it leaves a row that is tried anew: one digest stands."""
    with running_sandbox() as sandbox, running_bot(sandbox, sqlite_url, "http", replace(QUICK, lease=1)) as world:
        world.file(GUARD, LINE)
        sandbox.control("refuse_charts")
        waits, fail = failing_once(world, statement)
        event.listen(world.runtime.deps.sessions.engine, "before_cursor_execute", fail)
        let_a_week_pass(world)
        event.remove(world.runtime.deps.sessions.engine, "before_cursor_execute", fail)
        assert not waits
        assert posts(world) == ["invalid_blocks", "invalid_blocks", "ok"]
        assert len(world.cards(DIGEST_CHANNEL)) == 1
