"""The database goes away, loses an answer, is full or busy: nothing is acknowledged that is not stored."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select, text

from bot.migrations import migrate
from db.models import Idea, InboxEntry, OutboxMessage
from db.session import open_database
from sandbox.people import IDEAS_CHANNEL
from sandbox.server import Sandbox
from tests import postgres
from tests.bot import AGENT, CLERK, GUARD, wait_until, words
from tests.faults.forks import READY, forked
from tests.faults.load import file_ideas, voting
from tests.faults.processes import messages
from tests.faults.proxy import running_proxy
from tests.oracle import told_key, wait_for_promises

LINE = "Let customers reschedule deliveries online"
_RETRIES = (61, 301)
"""Seconds of the workspace's time after which Slack delivers an event again."""


@pytest.fixture
def cluster_url(cluster: postgres.Cluster) -> Iterator[str]:
    """Yield the address of a migrated database on the cluster that may be killed."""
    cluster.start()
    name = cluster.create_database()
    migrate(cluster.url(name))
    yield cluster.url(name)
    cluster.start()
    cluster.drop_database(name)


def counts(database_url: str) -> list[int]:
    """Return how many ideas, requests and messages are stored."""
    sessions = open_database(database_url, is_patient=True)
    with sessions.reading() as session:
        found = [session.scalar(select(func.count()).select_from(table)) for table in (Idea, InboxEntry, OutboxMessage)]
    sessions.dispose()
    return [number or 0 for number in found]


@pytest.mark.timeout(180)
def test_postgresql_killed_under_load_costs_nothing(
    sandbox: Sandbox, cluster: postgres.Cluster, cluster_url: str, tmp_path: Path
) -> None:
    """PostgreSQL is killed and recovers under votes and new ideas: the bot stays up, and all it acknowledged stands."""
    with forked(sandbox, cluster_url, tmp_path) as bot:
        bot.start()
        told, process = file_ideas(sandbox, 10), bot.process.pid
        with voting(sandbox, per_second=20):
            for power in (True, False, True):
                if power:
                    cluster.kill()
                else:
                    cluster.start()
                for number in range(3):
                    title = f"Idea {number} of a hard time, {power}, {time.monotonic()}"
                    answer = sandbox.act(GUARD, "command", text=title, channel="C0GENERAL1")
                    assert answer["acked"], "a command is answered even when nothing can be stored"
                    if key := told_key(answer):
                        told[key] = title
                    else:
                        assert title in words(answer["ephemeral"]), "what was typed is given back"
                if power:
                    assert bot.status("/healthz") == READY
                    assert bot.status("/readyz") == 503
        cluster.start()
        wait_until(lambda: bot.status("/readyz") == READY, seconds=30)
        for seconds in _RETRIES:
            sandbox.control("advance", seconds=seconds)
        wait_for_promises(sandbox, cluster_url, 60, acknowledged=told)
        assert (bot.process.pid, bot.is_alive) == (process, True)


@pytest.mark.postgresql
@pytest.mark.timeout(120)
def test_frozen_connections_are_given_up(sandbox: Sandbox, cluster_url: str, tmp_path: Path) -> None:
    """PostgreSQL's processes stop where they are: who waits for one is refused in time, and all goes on with others."""
    with forked(sandbox, cluster_url, tmp_path) as bot:
        bot.start()
        told = file_ideas(sandbox, 3)
        ts = messages(sandbox, IDEAS_CHANNEL)[0]["ts"]
        sandbox.act(AGENT, "react", channel=IDEAS_CHANNEL, ts=ts, name="+1")
        wait_until(lambda: "1 vote" in words(messages(sandbox, IDEAS_CHANNEL)[0]))
        wait_for_promises(sandbox, cluster_url, 30, acknowledged=told)  # Nobody is to freeze with a lock in hand.
        with frozen(backends(cluster_url)):
            sandbox.act(CLERK, "react", channel=IDEAS_CHANNEL, ts=ts, name="+1")
            answer = sandbox.act(GUARD, "command", text=LINE, channel="C0GENERAL1")
            assert answer["acked"]
            assert LINE in words(answer["ephemeral"]), "what was typed is given back"
            wait_until(lambda: bot.status("/readyz") == READY, seconds=20)
            told[str(told_key(sandbox.act(GUARD, "command", text=LINE, channel="C0GENERAL1")))] = LINE
            for seconds in _RETRIES:
                sandbox.control("advance", seconds=seconds)
            wait_for_promises(sandbox, cluster_url, 30, acknowledged=told)
            assert "2 votes" in words(messages(sandbox, IDEAS_CHANNEL)[0])


def backends(database_url: str) -> list[int]:
    """Return PostgreSQL's processes that somebody else is connected to in this database."""
    others = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    sessions = open_database(database_url, is_patient=True)
    with sessions.reading() as session:
        found = list(session.scalars(others))
    sessions.dispose()
    return found


@contextmanager
def frozen(processes: list[int]) -> Iterator[None]:
    """Stop processes where they are, and let them go on at the end."""
    for each in processes:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in processes:
            os.kill(each, signal.SIGCONT)


@pytest.mark.postgresql
@pytest.mark.timeout(120)
def test_a_commit_whose_answer_is_lost_has_its_effect_once(
    sandbox: Sandbox, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The line to PostgreSQL is cut after a commit: a form sent again and votes delivered again each count once."""
    url = str(request.getfixturevalue("_fresh_postgresql"))
    address = make_url(url)
    with running_proxy(address.port or 5432, loses_after=b"INSERT INTO inbox") as proxy:
        through = address.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        with forked(sandbox, through, tmp_path) as bot:
            bot.start()
            view = sandbox.act(GUARD, "command", text="", channel="C0GENERAL1")["view"]
            proxy.loses_commits = 1
            form = {"view_id": view["id"], "values": {"title": LINE}}
            assert sandbox.act(GUARD, "submit", **form)["errors"], "what may have failed is not acknowledged"
            assert "Filed as CX-1" in str(sandbox.act(GUARD, "submit", **form)["view"])
            wait_until(lambda: messages(sandbox, IDEAS_CHANNEL))
            place = {"channel": IDEAS_CHANNEL, "ts": messages(sandbox, IDEAS_CHANNEL)[0]["ts"]}
            proxy.loses_after, proxy.loses_commits = b"INSERT INTO reactions", 1
            sandbox.act(AGENT, "react", **place, name="+1")
            wait_until(lambda: "1 vote" in words(messages(sandbox, IDEAS_CHANNEL)[0]))
            sandbox.act(AGENT, "unreact", **place, name="+1")
            wait_until(lambda: "1 vote" not in words(messages(sandbox, IDEAS_CHANNEL)[0]))
            proxy.loses_after, proxy.loses_commits = b"WITH reaction AS", 1  # Now the bot knows the voter.
            sandbox.act(AGENT, "react", **place, name="+1")
            wait_until(lambda: "1 vote" in words(messages(sandbox, IDEAS_CHANNEL)[0]))
            wait_for_promises(sandbox, url, 30, acknowledged={"CX-1": LINE})
            assert proxy.lost == 3
            assert counts(url)[0] == 1


def test_a_full_disk_refuses_clearly_and_writes_nothing_by_halves(
    sandbox: Sandbox, sqlite_url: str, tmp_path: Path
) -> None:
    """When the database can grow no more, an idea is given back with a clear text; with room again, all goes on."""
    with forked(sandbox, sqlite_url, tmp_path) as bot:
        bot.start(pages=1)
        told = {}
        for number in range(200):
            title = f"Idea number {number} {'of a long line ' * 5}".strip()
            before = counts(sqlite_url)[:2]
            answer = sandbox.act(GUARD, "command", text=title, channel="C0GENERAL1")
            if key := told_key(answer):
                told[key] = title
                continue
            assert title in words(answer["ephemeral"])
            assert counts(sqlite_url)[:2] == before
            break
        else:
            pytest.fail("the disk was never full")
        assert bot.is_alive
        bot.kill()
        bot.start()
        answer = sandbox.act(GUARD, "command", text=LINE, channel="C0GENERAL1")
        told[str(told_key(answer))] = LINE
        wait_for_promises(sandbox, sqlite_url, 60, acknowledged=told)


def test_a_locked_database_refuses_in_time_and_recovers(sandbox: Sandbox, sqlite_url: str, tmp_path: Path) -> None:
    """While another program holds the lock, an idea is given back within Slack's three seconds; then all goes on."""
    with forked(sandbox, sqlite_url, tmp_path) as bot:
        bot.start()
        before = counts(sqlite_url)
        other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        sandbox.workspace.ack_seconds = 3
        answer = sandbox.act(GUARD, "command", text=LINE, channel="C0GENERAL1")
        assert answer["acked"]
        assert LINE in words(answer["ephemeral"])
        assert told_key(answer) is None
        assert counts(sqlite_url) == before
        other.execute("ROLLBACK")
        other.close()
        assert told_key(sandbox.act(GUARD, "command", text=LINE, channel="C0GENERAL1")) == "CX-1"
        wait_for_promises(sandbox, sqlite_url, 30, acknowledged={"CX-1": LINE})


@pytest.mark.timeout(180)
def test_a_stop_under_load_loses_and_doubles_nothing(sandbox: Sandbox, database_url: str, tmp_path: Path) -> None:
    """Told to stop under 50 votes a second, it ends with 0 in its time; started again, every promise is kept."""
    with forked(sandbox, database_url, tmp_path) as bot:
        bot.start()
        told = file_ideas(sandbox, 10)
        with voting(sandbox, per_second=50):
            time.sleep(0.7)
            title = "One more idea on the way out"
            if key := told_key(sandbox.act(GUARD, "command", text=title, channel="C0GENERAL1")):
                told[key] = title
            began = time.monotonic()
            bot.send(signal.SIGTERM)
            assert bot.wait_for_end(15)
            took = time.monotonic() - began
            assert bot.process.exitcode == 0
        assert took < 10
        sandbox.control("advance", seconds=3)
        bot.start()
        wait_for_promises(sandbox, database_url, 60, acknowledged=told)
