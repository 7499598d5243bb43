"""The tests' own machinery: databases that can be killed, no way out of this machine, nothing left out in silence."""

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

import psycopg
import pytest

from tests.conftest import OutsideWorldError
from tests.meta.sources import ROOT
from tests.postgres import Cluster

ELSEWHERE = "192.0.2.1"  # An address that documentation may use and nobody has.


def _connect() -> None:
    with socket.socket() as client:
        client.settimeout(0.2)
        client.connect((ELSEWHERE, 80))


def _send() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"?", (ELSEWHERE, 53))


def _resolve() -> None:
    socket.getaddrinfo("slack.com", 443)


def _connect_in_a_loop() -> None:
    asyncio.run(asyncio.open_connection(ELSEWHERE, 80))


@pytest.mark.parametrize("leave", [_connect, _send, _resolve, _connect_in_a_loop])
def test_no_test_leaves_this_machine(leave: Callable[[], None]) -> None:
    """Connections, datagrams and look-ups of names are refused, and not as a failure that the bot would take."""
    with pytest.raises(OutsideWorldError):
        leave()
    assert not issubclass(OutsideWorldError, OSError)


def test_no_thread_leaves_this_machine() -> None:
    """Threads are guarded too."""
    caught: list[BaseException] = []

    def run() -> None:
        try:
            _connect()
        except OutsideWorldError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_this_machine_can_be_reached() -> None:
    """Servers on loopback are what most tests talk to."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


def test_killed_cluster_keeps_what_was_committed(cluster: Cluster) -> None:
    """A cluster that lost its power comes back with every commit, on the same address."""
    name = cluster.create_database()
    with psycopg.connect(cluster.url(name), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number integer)")
        connection.execute("INSERT INTO kept VALUES (1)")
        cluster.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.url(name), connect_timeout=2)
    cluster.start()
    with psycopg.connect(cluster.url(name)) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(1,)]
    cluster.drop_database(name)


def test_stopped_cluster_starts_again(cluster: Cluster) -> None:
    """A restart of the server is a thing to test with."""
    cluster.stop()
    cluster.start()
    cluster.start()
    with psycopg.connect(cluster.url("postgres")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


LACKING = """
import sys, pytest
from pathlib import Path
from tests import postgres
postgres.find_programs = lambda: None
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "--collect-only", "tests/db", "tests/meta/test_machinery.py"]))
"""


def _collect_without_postgresql(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LACKING]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_what_a_machine_lacks_is_left_out_and_said() -> None:
    """Without PostgreSQL the rest runs, and one line says what was left out and how to include it."""
    done = _collect_without_postgresql(PATH="/usr/bin:/bin")
    assert done.returncode == 0
    assert "[sqlite]" in done.stdout
    assert "[postgresql]" not in done.stdout
    assert "test_killed_cluster" not in done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Left out")]
    assert "tests that need postgresql. To include them, install Debian's package postgresql" in line


def test_what_is_required_must_be_there() -> None:
    """Where the environment requires PostgreSQL, its absence is an error and not a smaller run."""
    done = _collect_without_postgresql(PATH="/usr/bin:/bin", CX_REQUIRE_POSTGRES="1")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "CX_REQUIRE_POSTGRES=1, but PostgreSQL is not installed" in done.stderr
