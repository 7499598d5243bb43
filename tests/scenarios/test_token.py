"""A token that Slack does not take makes the bot red until it is mended; a Slack that is away does not."""

import json
from typing import Any

import pytest
import structlog

from tests.bot import GUARD, World, wait_until

LINE = "Let customers reschedule deliveries online"


def ready(world: World) -> tuple[int, str]:
    """Return the status of `/readyz`, and what it says of Slack."""
    status, body = world.get("/readyz")
    return status, json.loads(body)["slack"]


def beat(world: World) -> None:
    """Let the bot ask Slack now, as it does every few seconds."""
    world.runtime.deps.heartbeat.beat()


@pytest.mark.parametrize(
    ("harm", "cure", "error"),
    [
        ("revoke_token", "restore_token", "token_revoked"),
        ("inactivate_account", "activate_account", "account_inactive"),
    ],
)
def test_a_refused_token_is_red(sqlite_world: World, harm: str, cure: str, error: str) -> None:
    """`/readyz` is red while Slack refuses the token, and green by itself after that; what was filed is posted."""
    world = sqlite_world
    beat(world)
    assert ready(world) == (200, "ok")
    world.sandbox.control(harm)
    beat(world)
    assert ready(world) == (503, error)
    world.command(GUARD, LINE)
    world.sandbox.control(cure)
    beat(world)
    assert ready(world) == (200, "ok")
    wait_until(lambda: len(world.cards()) == 1, seconds=30)


def test_any_call_tells(sqlite_world: World) -> None:
    """A refusal is heard from the first call that meets it, without waiting for the next question."""
    world = sqlite_world
    beat(world)
    world.sandbox.control("fault", target="chat.postMessage", kind="error", error="account_inactive")
    with structlog.testing.capture_logs() as lines:
        world.command(GUARD, LINE)
        wait_until(
            lambda: [line["error"] for line in lines if line["event"] == "slack.refused"] == ["account_inactive"]
        )


@pytest.mark.parametrize(
    "fault", [{"kind": "drop_before"}, {"kind": "status", "status": 503}], ids=lambda it: it["kind"]
)
def test_slack_away_is_not_red(sqlite_world: World, fault: dict[str, Any]) -> None:
    """While Slack does not answer, `/readyz` stays as it is, and says so."""
    world = sqlite_world
    world.sandbox.control("fault", target="auth.test", count=0, **fault)
    beat(world)
    status, state = ready(world)
    assert status == 200
    assert state not in {"ok", "unknown"}


def test_a_change_is_told_once(sqlite_world: World) -> None:
    """A refused token is one line with a remedy, however often it is met, and one more when it is mended."""
    world = sqlite_world
    beat(world)
    with structlog.testing.capture_logs() as lines:
        for lever in ("revoke_token", "restore_token"):
            world.sandbox.control(lever)
            for _ in range(3):
                beat(world)
    told = [line for line in lines if line["event"] in {"slack.refused", "slack.mended", "slack.away"}]
    assert [line["event"] for line in told] == ["slack.refused", "slack.mended"]
    assert "copy its new token" in told[0]["remedy"]


def test_the_app_token_is_another(sqlite_world: World) -> None:
    """A refusal of the app-level token, which only connects, says nothing of the bot's own token."""
    beat(sqlite_world)
    sqlite_world.runtime.deps.heartbeat.heard("apps.connections.open", "invalid_auth")
    assert ready(sqlite_world) == (200, "ok")
