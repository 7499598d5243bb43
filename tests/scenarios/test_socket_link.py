"""The Socket Mode link heals by itself, whatever becomes of a connection, and asks Slack no more than it must."""

import gc
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bot.socket_mode import Patience
from tests.bot import AGENT, CLERK, GUARD, World, running_world, wait_until, words
from tests.votes import tally

LINE = "Let customers reschedule deliveries online"
IMPATIENT = Patience(look=0.05, ping=0.3, hello=0.7, steady=60, again=0.1, longest=0.8, farewell=0.2)
DROP = {"reason": "drop"}
# Slack's client leaks a refused socket.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _leaks_end_here() -> Iterator[None]:
    """Report leaked sockets here, and not in whatever test comes next."""
    yield
    gc.collect()


def opened(world: World) -> int:
    """Return how often the bot asked for an address to connect to."""
    return sum(entry.name == "apps.connections.open" for entry in world.sandbox.parts.journal.entries)


def good_sockets(world: World) -> list[Any]:
    """Return the connections that work."""
    return [socket for socket in world.sandbox.parts.sockets.sockets if not socket.fault]


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        ("drop", None),
        ("freeze", None),
        ("close", None),
        ("warning", None),
        ("refresh_requested", None),
        ("link_disabled", None),
        ("too_many_websockets", None),
        ("drop", {"target": "link", "kind": "refuse", "count": 3}),
        ("drop", {"target": "link", "kind": "silent", "count": 2}),
        ("drop", {"target": "apps.connections.open", "kind": "error", "error": "internal_error", "count": 3}),
        ("drop", {"target": "apps.connections.open", "kind": "drop_before", "count": 3}),
    ],
    ids=lambda case: case["kind"] if isinstance(case, dict) else case,
)
def test_a_connection_that_dies_is_replaced(sqlite_url: str, reason: str, fault: dict[str, Any] | None) -> None:
    """However a connection ends, and whatever Slack first makes of the next one, no vote is lost over it."""
    with running_world(sqlite_url, "socket", patience=IMPATIENT) as world:
        ts = world.file(GUARD, LINE)
        (before,) = good_sockets(world)
        if fault:
            world.sandbox.control("fault", **fault)
        world.sandbox.control("drop_sockets", reason=reason)
        world.react(AGENT, ts)
        wait_until(lambda: [each for each in good_sockets(world) if each is not before] and world.runtime.is_ready)
        world.react(CLERK, ts)
        wait_until(lambda: tally(world.card(ts)) == 2, seconds=30)
        assert not world.sandbox.parts.faults.active


def test_a_cut_connection_is_noticed_before_any_ping(sqlite_url: str) -> None:
    """A connection that the other end has cut is replaced at once: until then all that people type fails."""
    with running_world(sqlite_url, "socket", patience=Patience(ping=600)) as world:
        (before,) = good_sockets(world)
        world.sandbox.control("drop_sockets", reason="drop")
        wait_until(lambda: [each for each in good_sockets(world) if each is not before] and world.runtime.is_ready)
        assert "Filed as" in words(world.command(GUARD, LINE)["ephemeral"])


def test_with_a_cut_connection_the_bot_is_not_ready(sqlite_url: str) -> None:
    """From the moment in which the other end cuts the connection, `/readyz` says that nothing arrives."""
    with running_world(sqlite_url, "socket", patience=Patience(look=600, ping=600)) as world:
        assert world.runtime.is_ready
        world.sandbox.control("drop_sockets", reason="drop")
        wait_until(lambda: not world.runtime.is_ready)


def test_a_deaf_connection_is_replaced(sqlite_url: str) -> None:
    """A connection that Slack greets, and on which nothing comes, is replaced, and what it missed is found."""
    patience = Patience(look=0.05, silence=2, again=0.1)
    with running_world(sqlite_url, "socket", patience=patience) as world:
        ts = world.file(GUARD, LINE)
        world.sandbox.workspace.ack_seconds = 0.2
        world.sandbox.control("fault", target="link", kind="deaf")
        world.sandbox.control("drop_sockets", reason="drop")
        wait_until(lambda: [each.fault for each in world.sandbox.parts.sockets.sockets] == ["deaf"])
        wait_until(lambda: world.runtime.is_ready)
        world.react(AGENT, ts)
        wait_until(lambda: good_sockets(world))
        wait_until(lambda: tally(world.card(ts)) == 1, seconds=30)


def test_a_quiet_connection_serves_until_there_is_another(sqlite_url: str) -> None:
    """While Slack refuses the connection that is to replace a quiet one, the quiet one goes on serving."""
    with running_world(sqlite_url, "socket", patience=Patience(look=0.05, silence=1, again=0.1, longest=0.3)) as world:
        world.sandbox.control("fault", target="link", kind="refuse", count=0)
        before = opened(world)
        wait_until(lambda: opened(world) >= before + 3)
        ts = world.file(GUARD, LINE)
        world.react(AGENT, ts)
        world.settle()
        assert tally(world.card(ts)) == 1
        assert world.runtime.is_ready


@pytest.mark.parametrize(
    "fault",
    [
        {"target": "link", "kind": "refuse"},
        {"target": "link", "kind": "silent"},
        {"target": "apps.connections.open", "kind": "error", "error": "invalid_auth"},
        None,
    ],
    ids=["refuse", "silent", "error", "too_many"],
)
def test_no_storm(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, fault: dict[str, Any] | None) -> None:
    """While Slack takes no connection, it is asked ever less often, and `/readyz` is red; then all is well again."""
    with running_world(sqlite_url, "socket", patience=IMPATIENT) as world:
        if fault:
            world.sandbox.control("fault", count=0, **fault)
        else:
            monkeypatch.setattr("sandbox.socketmode.MAX_SOCKETS", 0)
        before = opened(world)
        world.sandbox.control("drop_sockets")
        wait_until(lambda: world.get("/readyz")[0] == 503)
        time.sleep(3)
        assert world.get("/readyz")[0] == 503
        assert 2 <= opened(world) - before <= 12
        world.sandbox.control("clear_faults")
        monkeypatch.undo()
        wait_until(lambda: world.get("/readyz")[0] == 200)


def test_a_pong_that_never_came(sqlite_url: str) -> None:
    """A line that froze right after its greeting, before its first pong, is noticed too."""
    with running_world(sqlite_url, "socket", patience=IMPATIENT) as world:
        wait_until(lambda: world.runtime.is_ready)
        link = world.runtime._link
        assert link
        assert link._line
        assert link._line.client.current_session
        world.sandbox.control("drop_sockets", reason="freeze")
        link._line.client.current_session.last_ping_pong_time = None
        (frozen,) = world.sandbox.parts.sockets.sockets
        wait_until(lambda: [each for each in good_sockets(world) if each is not frozen], seconds=20)


def test_closing_does_not_wait_for_slack_to_write(sqlite_url: str) -> None:
    """A connection on which nothing will ever arrive is closed all the same, and its reader ends."""
    with running_world(sqlite_url) as world:
        line = world.runtime._link._line  # type: ignore[union-attr]
        assert line
        reader = line.client.current_session_runner.thread
        line.client.current_session.sock.settimeout(None)  # type: ignore[union-attr]
        world.react(AGENT, world.file(GUARD, LINE))  # What the reader waits for next, it waits for without end.
        world.runtime._link.stop()  # type: ignore[union-attr]
        assert not reader.is_alive()
