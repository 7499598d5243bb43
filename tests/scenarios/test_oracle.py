"""The oracle that other tests trust: it is content with a bot that did its work, and names what is wrong otherwise."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot import clock
from db.digest_models import DigestRun
from db.models import Idea, OutboxMessage, Vote
from db.session import open_database
from db.types import Edition
from sandbox.models import Message
from sandbox.people import DIGEST_CHANNEL, IDEAS_CHANNEL
from sandbox.server import running_sandbox
from tests import oracle
from tests.bot import AGENT, CLERK, GUARD, LEADER, World, running_bot, wait_until
from tests.oracle import told_key

LINE = "Let customers reschedule deliveries online"


@pytest.fixture
def used_world(sqlite_world: World) -> World:
    """Return a workspace in which one idea has two votes, and one digest is posted."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    for user in (AGENT, CLERK, GUARD):
        world.react(user, ts)
    world.react(LEADER, ts, "eyes")
    world.press(LEADER, world.command(LEADER, "digest")["ephemeral"], "digest.post")
    world.runtime._jobs.prepare_digests()
    wait_until(lambda: world.cards(DIGEST_CHANNEL))
    return world


def complaint(world: World, **what: Any) -> str:
    """Return what the oracle says is wrong; empty when it is content."""
    try:
        oracle.check(world.sandbox, world.settings.database_url.get_secret_value(), **what)
    except AssertionError as error:
        return str(error)
    return ""


def copy_first_message(world: World, channel_id: str) -> None:
    """Have the bot's first message in a channel stand there twice."""
    workspace = world.sandbox.workspace
    first = next(iter(workspace.channels[channel_id].messages.values()))
    again = Message(channel_id, "", first.user_id, first.text, first.blocks, metadata=first.metadata)
    world.sandbox.call(lambda: workspace.post(again))


def test_content_with_a_bot_that_did_its_work(used_world: World) -> None:
    """An idea, votes that count and some that do not, a digest: nothing is wrong, and the wait ends at once."""
    settled = {"acknowledged": {"CX-1": LINE}}
    wait = oracle.wait_for_promises(
        used_world.sandbox, used_world.settings.database_url.get_secret_value(), 15, **settled
    )
    assert wait < 15
    assert complaint(used_world, **settled) == ""


def test_the_key_that_was_told(sqlite_world: World) -> None:
    """From the answer that its author sees, a test learns which idea was acknowledged; a list acknowledges none."""
    assert told_key(sqlite_world.command(GUARD, LINE)) == "CX-1"
    assert told_key(sqlite_world.command(GUARD, "top")) is None


def test_names_what_is_wrong(used_world: World) -> None:
    """Each broken promise is told with the key that it is about."""
    world = used_world
    oracle.wait_for_promises(world.sandbox, world.settings.database_url.get_secret_value(), 15)
    assert "P1: CX-2 was acknowledged" in complaint(world, acknowledged={"CX-2": "Never filed"})
    assert f"P4: {DIGEST_CHANNEL} has no digest of ['2026-W01']" in complaint(
        world, weeks={DIGEST_CHANNEL: ["2026-W01"]}
    )
    world.write(update(Vote).where(Vote.user_id == AGENT).values(counts=False))
    assert f"P3: CX-1 counts [] wrongly and misses ['{AGENT}']" in complaint(world)
    world.write(update(Vote).where(Vote.user_id == AGENT).values(counts=True))
    world.write(update(Idea).values(votes=7))
    assert "P3: CX-1 says 7 votes; 2 people" in complaint(world)
    world.write(update(Idea).values(votes=2))
    copy_first_message(world, DIGEST_CHANNEL)
    assert "stands there 2 times" in complaint(world)
    copy_first_message(world, IDEAS_CHANNEL)
    assert "P2: CX-1 (new) has 2 cards" in complaint(world)


def test_names_what_waits(sqlite_url: str) -> None:
    """A row that could be sent is named, one in a channel without the bot is not; a wanted digest needs its row."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, sqlite_url, "http") as world:
            world.file(GUARD, LINE)
            oracle.wait_for_promises(sandbox, sqlite_url, 15)
            world.write(update(OutboxMessage).values(wanted_revision=99, not_before=clock.now() + timedelta(days=1)))
            with pytest.raises(AssertionError, match=r"could be sent: card:1 \(due, None\)"):
                oracle.check(sandbox, sqlite_url)
        sandbox.control("kick", channel=IDEAS_CHANNEL)
        oracle.check(sandbox, sqlite_url)
        run = DigestRun(channel_id=DIGEST_CHANNEL, week="2026-W47", timezone="UTC", requested_at=clock.now())
        run.edition = Edition.REGULAR
        with open_database(sqlite_url).begin() as session:
            session.add(run)
        with pytest.raises(AssertionError, match="digest:C0CXLEADS1:2026-W47 is wanted"):
            oracle.check(sandbox, sqlite_url)
