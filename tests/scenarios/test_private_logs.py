"""No line of any log, at any level, has what somebody wrote or what opens a door."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from bot.logs import configure_logging
from db.session import open_database
from tests.bot import AGENT, GUARD, running_world
from tests.door import encoded, signed
from tests.doorstep import Doorstep, door_of
from tests.effort import EFFORT
from tests.recordings import Path, Request
from tests.scenarios.test_door import event, knock


@contextmanager
def everything_logged() -> Iterator[None]:
    """Log as `cxidea run` does, but at DEBUG; the workspace, in this process too, may say what it likes."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logging("json")
    root.handlers[:] = [handler for handler in root.handlers if handler not in handlers]
    root.setLevel(logging.DEBUG)
    theirs = [logging.getLogger(name) for name in ("sandbox", "uvicorn", "websockets", "asyncio")]
    for logger in theirs:
        logger.setLevel(logging.CRITICAL)
    yield
    for logger in theirs:
        logger.setLevel(logging.NOTSET)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_nothing_private_is_logged(
    capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest, transport: str
) -> None:
    """At DEBUG, through faults and forgeries too, no log line has an idea's text, a token or a response URL."""
    url = str(request.getfixturevalue("_fresh_sqlite"))
    with everything_logged(), running_world(url, transport) as world:
        for fault in (
            {"kind": "cut_body"},
            {"kind": "status", "status": 500},
            {"kind": "error", "error": "invalid_blocks"},
        ):
            world.sandbox.control("fault", target="chat.postMessage", **fault)
            world.command(GUARD, f"Zanzibar {fault['kind']} customers wait for ages")
            world.settle()
        ts = world.file(GUARD, "Zanzibar customers wait for ages")
        world.react(AGENT, ts)
        shown = world.command(AGENT, "top all")["ephemeral"]
        world.press(AGENT, shown, "vote.cast", "4")
        if transport == "http":
            knock(world, b'{"text": "Zanzibar"', {})
            knock(world, b'{"text": "Zanzibar"}', {"X-Slack-Signature": "v0=" + "0" * 64})
            knock(world, event(world, ts, event={"type": "message", "text": "Zanzibar"}))
        with world.without_tables("votes"):
            world.command(AGENT, "top all")
            world.command(AGENT, "Zanzibar has one more idea")
        info = world.sandbox.info
    logged = "".join(capfd.readouterr())
    assert "delivery.posted" in logged
    for secret in ("Zanzibar", info["bot_token"], info["app_token"], info["signing_secret"], "/actions/", "v0="):
        assert secret not in logged, [line[:300] for line in logged.splitlines() if secret in line][:3]


OF_THE_WORKSPACE = ("sandbox", "uvicorn", "websockets", "asyncio")
CANARY = "Zanzibar"
STEP = max(1, round(4 / EFFORT))
"""Of a request's parts, an ordinary run takes every fourth."""


@contextmanager
def every_logger_at_debug() -> Iterator[None]:
    """Set each logger that there is to DEBUG, also those that a library keeps quieter."""
    loggers = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    levels = {logger: logger.level for logger in loggers if not logger.name.startswith(OF_THE_WORKSPACE)}
    for logger in levels:
        logger.setLevel(logging.DEBUG)
    yield
    for logger, level in levels.items():
        logger.setLevel(level)


def texts_of(request: Request) -> list[Path]:
    """Return where texts stand in a request, but for those that the form itself brought."""
    return [path for path in request.paths if isinstance(request.at(path), str) and "blocks" not in path]


def test_no_part_of_any_request_is_logged(doorstep: Doorstep, capfd: pytest.CaptureFixture[str]) -> None:
    """With every logger at DEBUG and the database saying its values, no part of any request is in any line."""
    doorstep.reopen()
    world, usual = doorstep.world, doorstep.door
    secrets = {CANARY, *(world.sandbox.info[name] for name in ("bot_token", "app_token", "signing_secret"))}
    with everything_logged(), every_logger_at_debug():
        sessions = open_database(world.settings.database_url.get_secret_value())  # It asks the loggers when it is made.
        doorstep.door = door_of(world, sessions)
        logging.getLogger("slack_bolt.cxidea").setLevel(logging.DEBUG)  # The app keeps its own quiet when it is made.
        for number, request in enumerate(doorstep.requests):
            secrets |= {request.payload[name] for name in ("trigger_id", "response_url") if name in request.payload}
            for place, path in enumerate(texts_of(request)[number % STEP :: STEP]):
                words = (f"{request.at(path)}{CANARY}", f"{CANARY}: {{{CANARY}}} (\n{CANARY}")[place % 2]
                doorstep.deliver(request, {path: words})
            body, _ = encoded(request.altered(f"f{number}", {}))
            doorstep.knock(body, signed(world, body + b" "))
        sessions.dispose()
    doorstep.door = usual
    logged = "".join(capfd.readouterr())
    assert "INSERT INTO inbox" in logged
    assert "sqlalchemy.engine" in logged
    assert "slack_bolt" in logged
    assert "request.malformed" in logged
    for secret in (*secrets, "v0=", "/actions/", "/commands/"):
        assert secret not in logged, [line[:300] for line in logged.splitlines() if secret in line][:3]
