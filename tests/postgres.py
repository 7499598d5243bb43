"""PostgreSQL for the tests: a throwaway cluster from the installed programs, or a server that is there already."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

URL_VARIABLE = "CX_TEST_POSTGRES_URL"
_PATIENCE_SECONDS = 30


class Server:
    """A PostgreSQL server on which tests may create databases."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql")

    def url(self, database: str) -> str:
        """Return the address of one of its databases."""
        return self._url.set(database=database).render_as_string(hide_password=False)

    def create_database(self, template: str | None = None, name: str | None = None, options: str = "") -> str:
        """Return the name of a new database, the given one or any: a copy of the template, or an empty one.

        `options` is what else PostgreSQL is to know of it, in its own words.
        """
        name = name or f"cx_test_{uuid.uuid4().hex[:12]}"
        self._execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "") + f" {options}")
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        url = self._url.render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())


class Cluster(Server):
    """A server of our own in a temporary folder, on a free loopback port.

    One that is durable flushes to the disk as a real one does, so that a test may kill it and find every commit again;
    another is quicker, and for tests that do not ask what a disk has kept.
    """

    def __init__(self, programs: Path, *, is_durable: bool) -> None:
        self._programs = programs
        self._flushes = "on" if is_durable else "off"
        self._folder = Path(tempfile.mkdtemp(prefix="cxidea-postgresql-"))
        self._as_user = _unprivileged_user(self._folder)
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        super().__init__(f"postgresql://cxidea@127.0.0.1:{self._port}/postgres")
        initdb = ("initdb", "--auth=trust", "--username=cxidea", "--encoding=UTF8", "--locale=C", "--no-sync")
        self._run(*initdb, f"--pgdata={self._folder / 'data'}")

    def start(self) -> None:
        """Run the server; returns when it answers. One that runs is left alone."""
        if self._process is None:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while not self._try_to_start(deadline):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text()[-2000:]}")
                time.sleep(0.1)

    def stop(self) -> None:
        """Shut the server down in order, disconnecting everybody."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Take the power away: no checkpoint, no goodbye. `start` then recovers what was committed."""
        if self._process is not None:
            children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
            self._end(signal.SIGKILL)
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(child), signal.SIGKILL)

    def remove(self) -> None:
        """Stop the server and delete its folder."""
        self.stop()
        shutil.rmtree(self._folder)

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _try_to_start(self, deadline: float) -> bool:
        """Tell whether it answers; it gives up at once while a killed one's memory is still in use."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self._port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "fsync": self._flushes,
            "full_page_writes": self._flushes,
            "timezone": "Pacific/Chatham",  # Whoever relies on the server's zone gets a strange one.
        }
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", *arguments],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is pytest's, which then stops us.
                **self._as_user,
            )
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError):
                self._execute("SELECT 1")
                return True
            time.sleep(0.05)
        self._end(signal.SIGKILL)
        return False

    def _end(self, by: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(by)
            self._process.wait(_PATIENCE_SECONDS)
            self._process = None

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False, **self._as_user)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr[-2000:]}")


def is_available() -> bool:
    """Whether there is a server to use or the programs to run one."""
    return URL_VARIABLE in os.environ or find_programs() is not None


@contextlib.contextmanager
def running_server(*, is_durable: bool = False) -> Iterator[Server]:
    """Yield the server that CX_TEST_POSTGRES_URL names, or a cluster of our own that nobody kills."""
    if URL_VARIABLE in os.environ:
        yield Server(os.environ[URL_VARIABLE])
    else:
        with running_cluster(is_durable=is_durable) as cluster:
            yield cluster


@contextlib.contextmanager
def running_cluster(*, is_durable: bool = True) -> Iterator[Cluster]:
    """Yield a started cluster and remove it afterwards."""
    programs = find_programs()
    if programs is None:
        raise RuntimeError("PostgreSQL's programs are not installed")
    cluster = Cluster(programs, is_durable=is_durable)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


def find_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, of the newest version that is installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    folders = [*debian, *_folder_of_pg_config(), *_folder_on_path()]
    return next(
        (folder for folder in folders if all((folder / name).exists() for name in ("initdb", "postgres"))), None
    )


def _folder_of_pg_config() -> Iterator[Path]:
    program = shutil.which("pg_config")
    if program:
        answer = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(answer.stdout.strip())


def _folder_on_path() -> Iterator[Path]:
    program = shutil.which("postgres")
    if program:
        yield Path(program).resolve().parent


def _unprivileged_user(folder: Path) -> dict[str, Any]:
    """Return how to start its processes: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {user.pw_name: user for user in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
