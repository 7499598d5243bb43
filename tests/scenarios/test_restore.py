"""A backup that is a day old, restored beside a Slack that went on: nothing is posted, filed or counted twice."""

import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select

from db.models import Person
from db.session import open_database
from sandbox.people import DIGEST_CHANNEL, IDEAS_CHANNEL
from sandbox.server import Sandbox, running_sandbox
from tests.bot import AGENT, CLERK, DRIVER, GUARD, LEADER, World, running_bot, wait_until, words
from tests.faults.processes import bot_process
from tests.meta.sources import ROOT


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Yield a workspace that outlives the bot."""
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def back_up(database_url: str, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Yield a function that copies the database, with no bot on it, and returns the copy's address."""
    url = make_url(database_url)
    name = f"{url.database}_backup" if url.drivername == "postgresql" else str(tmp_path / "backup.db")

    def execute(statement: str) -> None:
        with psycopg.connect(url.set(database="postgres").render_as_string(False), autocommit=True) as connection:
            connection.execute(statement.encode())

    def copy() -> str:
        if url.drivername == "postgresql":
            execute(f'CREATE DATABASE "{name}" TEMPLATE "{url.database}"')
        else:
            with closing(sqlite3.connect(str(url.database))) as connection:
                connection.execute("VACUUM INTO ?", (name,))
        return url.set(database=name).render_as_string(hide_password=False)

    yield copy
    if url.drivername == "postgresql":
        execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def monday(sandbox: Sandbox) -> datetime:
    """Return shortly after nine o'clock of the next Monday, by the workspace's clock."""
    now = sandbox.workspace.clock.moment()
    day = (now + timedelta(days=7 - now.weekday())).date()
    return datetime(day.year, day.month, day.day, 9, 0, 10, tzinfo=UTC)


def tick(world: World) -> None:
    """Let the bot look at the clock, and what is due be posted."""
    world.runtime._jobs.ask_for_due_digests()
    world.runtime._jobs.prepare_digests()
    world.settle()


def shown(world: World, channel: str) -> Counter[str]:
    """Return the first lines of a channel's messages, and how often each stands there."""
    return Counter(words(message).splitlines()[0] for message in world.cards(channel))


def live_on(world: World, ts: str) -> None:
    """Do what the backup will not know: post what waited, file, undo, vote, and come to the hour of the digest."""
    sandbox = world.sandbox
    for channel in (IDEAS_CHANNEL, DIGEST_CHANNEL):
        sandbox.control("invite", channel=channel)
    wait_until(lambda: len(world.cards()) == 3 and len(world.cards(DIGEST_CHANNEL)) == 1)
    world.file(DRIVER, "Show the fare before the ride")
    filed = world.command(DRIVER, "Let me take this one back")["ephemeral"]
    world.settle()
    world.press(DRIVER, filed, "idea.undo")
    world.react(AGENT, ts, is_on=False)
    world.react(CLERK, ts)
    world.react(DRIVER, ts)
    sandbox.control("jump_to", time=monday(sandbox).isoformat())
    tick(world)
    assert len(world.cards(DIGEST_CHANNEL)) == 2


@pytest.mark.timeout(120)
def test_a_restored_backup_doubles_nothing(
    sandbox: Sandbox, database_url: str, tmp_path: Path, back_up: Callable[[], str]
) -> None:
    """Cards and digests posted since stay single, a new idea gets a number of its own, and votes are Slack's."""
    with running_bot(sandbox, database_url, "http") as world:
        ts = world.file(GUARD, "Tell callers their place in the queue")
        world.file(GUARD, "Print the return label")
        world.react(AGENT, ts)
        world.learn()
        for channel in (IDEAS_CHANNEL, DIGEST_CHANNEL):
            sandbox.control("kick", channel=channel)
        world.command(GUARD, "Answer letters within a week")
        world.press(LEADER, world.command(LEADER, "digest")["ephemeral"], "digest.post")
        world.settle()
    backup = back_up()
    with running_bot(sandbox, database_url, "http") as world:
        live_on(world, ts)
        before = shown(world, IDEAS_CHANNEL), shown(world, DIGEST_CHANNEL)

    with bot_process(sandbox, backup, tmp_path, "http") as bot:
        code, output, errors = bot.result("restored")
    assert code == 0, errors
    digest = f"found the digest {DIGEST_CHANNEL} {week_of(sandbox)}"
    told = output.splitlines()
    # The card, and whichever notices of closed channels have not reached the admins yet.
    assert re.fullmatch("to be looked for in Slack before they are posted: [123] messages", told[0])
    assert set(told[1:3]) == {f"{digest}; it is not posted again", f"{digest} so far; it is not posted again"}
    assert told[3].startswith("lost CX-4, filed after the backup; ask its author to file it again: http")
    assert told[4] == "the next idea is CX-105"
    assert told[5].startswith("compared 2 cards, repaired ")

    with running_bot(sandbox, backup) as world:
        tick(world)
        world.settle()
        assert (shown(world, IDEAS_CHANNEL), shown(world, DIGEST_CHANNEL)) == before
        assert "2 votes" in words(world.card(ts))
        assert "CX-105" in words(world.card(world.file(GUARD, "Answer the phone on Sundays")))


def test_the_documented_backup_is_whole(sqlite_url: str, tmp_path: Path) -> None:
    """The command of docs/operate.md copies a file in use with all that is committed, and overwrites nothing."""
    (code,) = re.findall(r'^python -c "(.*)"$', (ROOT / "docs" / "operate.md").read_text(), re.MULTILINE)
    sessions = open_database(sqlite_url)
    with sessions.begin() as session:
        session.add(Person(user_id=GUARD))
    for expected in (0, 1):
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False, capture_output=True)
        assert done.returncode == expected
    sessions.dispose()
    copy = open_database(f"sqlite:///{tmp_path / 'backup.db'}")
    with copy.reading() as session:
        assert session.scalar(select(Person.user_id)) == GUARD
    copy.dispose()


def week_of(sandbox: Sandbox) -> str:
    """Return the week before the workspace's day."""
    return f"{sandbox.workspace.clock.moment() - timedelta(days=7):%G-W%V}"
