"""App Home on its way: openings that come again, a database that fails, a Slack that is away or asks to wait."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot import clock, outbox
from db.models import OutboxMessage
from tests.bot import AGENT, CLERK, ENGINEER, GUARD, LEADER, World, wait_until
from tests.scenarios.test_delivery import calls, row
from tests.scenarios.test_faults_of_requests import events
from tests.scenarios.test_home import LINE, ids_of, menus, says
from tests.scenarios.test_lists import file_many


def open_and_wait(world: World, user: str, **reached: str) -> OutboxMessage:
    """Open Home while Slack does not show it; return its row once it has come so far."""
    world.sandbox.act(user, "open_home")

    def found() -> OutboxMessage | None:
        with world.runtime.deps.sessions.reading() as session:
            waits = select(OutboxMessage).where(
                OutboxMessage.key == f"home:{user}", OutboxMessage.last_error.is_not(None)
            )
            return session.scalar(waits.filter_by(**reached))

    wait_until(found)
    return row(world, f"home:{user}")


def published(world: World) -> list[str]:
    """Return how each call that published App Home ended, oldest first."""
    return [entry.outcome for entry in calls(world, "views.publish")]


def test_another_tab_is_not_home(sqlite_world: World) -> None:
    """Opening the messages tab publishes nothing."""
    world = sqlite_world
    world.open_home(GUARD)
    event = {"type": "app_home_opened", "user": AGENT, "channel": "D0SOMEBODY", "tab": "messages", "event_ts": "1.2"}
    assert world.deliver("event", "app_home_opened", event=event, event_id="Ev0OTHERTAB").ok
    assert len(published(world)) == 1


def test_the_same_opening_again_publishes_nothing(sqlite_world: World) -> None:
    """An opening that Slack delivers again has no second effect."""
    world = sqlite_world
    world.open_home(GUARD)
    assert world.deliver("event", "app_home_opened").ok
    assert world.deliver("event", "app_home_opened").ok
    assert published(world) == ["ok"]


def test_the_same_press_again_changes_nothing(sqlite_world: World) -> None:
    """A choice that Slack delivers again has no second effect, whatever was chosen since."""
    world = sqlite_world
    file_many(world, ["An idea"])
    world.open_home(LEADER)
    world.press_at_home(LEADER, "home.choose_status", "planned")
    old = [entry.request for entry in world.sandbox.parts.journal.entries if entry.kind == "interaction"][-1]
    world.press_at_home(LEADER, "home.choose_status", "waiting")
    before = len(published(world))
    assert world.forge("interactive", old).ok
    assert ids_of(world.home(LEADER), "desk") == [1]
    assert len(published(world)) == before


def test_an_opening_comes_again_after_the_database_failed(http_world: World) -> None:
    """An opening that could not be stored is not acknowledged; delivered again, Home is published."""
    world = http_world
    with world.without_tables("inbox"):
        world.sandbox.act(GUARD, "open_home")
        wait_until(lambda: [outcome for outcome, attempt in events(world) if attempt == 1])
        assert all(outcome != "ok" for outcome, _ in events(world))
    world.sandbox.control("advance", seconds=61)
    wait_until(lambda: ("ok", 2) in events(world))
    world.settle()
    assert world.home(GUARD)


def test_a_choice_fails_with_the_database(sqlite_world: World) -> None:
    """A choice that the database does not take is not acknowledged: then Slack's client says that it did not work."""
    world = sqlite_world
    home = world.open_home(LEADER)
    with world.without_tables("inbox"):
        answer = world.sandbox.act(LEADER, "press", view_id=home["id"], action_id="home.choose_status", value="planned")
    assert not answer["acked"]
    assert menus(world.open_home(LEADER))["home.choose_status"] == "waiting"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_before"},
        {"kind": "apply_then_drop"},
        {"kind": "status", "status": 503},
        {"kind": "error", "error": "fatal_error"},
    ],
    ids=lambda fault: fault["kind"],
)
def test_home_is_said_again_when_an_answer_is_lost(sqlite_world: World, fault: dict[str, Any]) -> None:
    """Whether Slack took Home or not, the row stays due and is published again; nothing is looked for."""
    world = sqlite_world
    world.sandbox.control("fault", target="views.publish", **fault)
    looks = len(calls(world, "conversations.history"))
    waiting = open_and_wait(world, GUARD)
    assert (waiting.state, waiting.wanted_revision > waiting.shown_revision) == ("due", True)
    world.settle()
    assert len(published(world)) == 2
    assert world.home(GUARD)
    assert len(calls(world, "conversations.history")) == looks


def test_a_limit_on_homes_holds_up_no_card(sqlite_world: World) -> None:
    """After a 429 no Home is published within Retry-After, whoever's; cards and answers go out meanwhile."""
    world = sqlite_world
    world.sandbox.control("fault", target="views.publish", kind="ratelimited", seconds=2)
    open_and_wait(world, GUARD)
    for user in (AGENT, LEADER):
        world.sandbox.act(user, "open_home")
    world.command(CLERK, LINE)
    world.settle()
    first, *later = calls(world, "views.publish")
    assert len(later) == 3
    assert min(entry.at for entry in later) - first.at >= 2.0
    assert calls(world, "chat.postMessage")[0].at < later[0].at


def test_a_home_that_slack_refuses_is_tried_again_when_it_is_opened(sqlite_world: World) -> None:
    """A Home given up is dead until somebody opens it again; `cxidea outbox` says so."""
    world = sqlite_world
    world.sandbox.control("fault", target="views.publish", kind="error", error="view_too_large")
    open_and_wait(world, GUARD, state="dead")
    assert world.home(GUARD) is None
    assert world.open_home(GUARD)
    assert published(world)[-1] == "ok"


def test_a_home_that_is_turned_off_stops_homes_only(sqlite_world: World) -> None:
    """While the app's Home tab is off, Homes wait and cards go out; turned on, Homes follow by themselves."""
    world = sqlite_world
    world.sandbox.control("fault", target="views.publish", kind="error", error="not_enabled", count=0)
    open_and_wait(world, GUARD, state="blocked")
    world.file(AGENT, LINE)
    world.sandbox.control("end_all")
    wait_until(lambda: world.home(GUARD))


def test_homes_that_nobody_opens_are_forgotten_and_made_anew(http_world: World) -> None:
    """House-keeping forgets Homes not opened for long, and only those; opened again, they are published."""
    world = http_world
    world.open_home(GUARD)
    world.open_home(AGENT)
    long_ago = clock.now() - timedelta(days=8)
    world.write(update(OutboxMessage).values(created_at=long_ago))
    world.write(update(OutboxMessage).where(OutboxMessage.key == f"home:{GUARD}").values(not_before=long_ago))
    with world.runtime.deps.sessions.begin() as session:
        outbox.forget_before(session, clock.now() - timedelta(days=7))
    with world.runtime.deps.sessions.reading() as session:
        homes = select(OutboxMessage.key).where(OutboxMessage.kind == "home")
        assert session.scalars(homes).all() == [f"home:{AGENT}"]
    world.file(GUARD, LINE)
    assert ids_of(world.open_home(GUARD), "own") == [1]


def test_a_press_in_a_home_long_forgotten_is_answered(sqlite_world: World) -> None:
    """Whoever left Home open until its row was forgotten gets it back by a press."""
    world = sqlite_world
    world.file(GUARD, LINE)
    world.open_home(AGENT)
    world.write(delete(OutboxMessage).where(OutboxMessage.key == f"home:{AGENT}"))
    assert says(world.press_at_home(AGENT, "vote.cast", "1"), "note") == "Your vote for CX-1 counts."


def test_opening_again_keeps_the_place_in_the_queue(http_world: World) -> None:
    """Whoever opens Home twice while Homes are held up is not put behind those who came later."""
    world = http_world
    world.sandbox.control("fault", target="views.publish", kind="ratelimited", seconds=2)
    open_and_wait(world, ENGINEER)
    for user in (GUARD, AGENT, GUARD):
        world.sandbox.act(user, "open_home")
        wait_until(lambda: world.sandbox.parts.delivery.active == 0)
    guard, agent = (row(world, f"home:{user}") for user in (GUARD, AGENT))
    assert (guard.wanted_revision, agent.wanted_revision) == (2, 1)
    assert guard.not_before < agent.not_before
    world.settle()


def test_a_restored_outbox_does_not_look_for_homes(sqlite_world: World) -> None:
    """What a restored database has posted looked for are messages; Home is no message and is simply shown."""
    world = sqlite_world
    world.sandbox.control("fault", target="views.publish", kind="error", error="not_enabled", count=0)
    open_and_wait(world, GUARD, state="blocked")
    with world.runtime.deps.sessions.begin() as session:
        assert outbox.doubt_first_posts(session, clock.now()) == 0
    world.sandbox.control("end_all")
    wait_until(lambda: world.home(GUARD))
