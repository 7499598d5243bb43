"""What every test gets: a database of its own, a bare environment, no network beyond this machine."""

import ipaddress
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import clock
from bot.logs import describe_error, redact
from bot.migrations import migrate
from bot.settings import Settings
from tests import postgres
from tests.answering import Desk, open_desk
from tests.bot import World, running_world

_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_NODE = shutil.which("node")
_NODE_PACKAGES = Path(__file__).parent / "clients" / "node" / "node_modules" / ".package-lock.json"
_LEFT_OUT = pytest.StashKey[list[str]]()


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the settings of whoever runs the tests, their variables and their `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _short_tracebacks() -> None:
    """Log as the bot does: left to itself, structlog draws tracebacks with all their values, which takes seconds."""
    structlog.configure(
        [structlog.processors.add_log_level, describe_error, redact, structlog.dev.ConsoleRenderer(colors=False)],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


@pytest.fixture(autouse=True)
def _own_clock() -> Iterator[None]:
    """Undo what a test's workspace taught the bot about the time."""
    yield
    clock.reset()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a migrated database that is this test's alone."""
    return str(request.getfixturevalue(f"_fresh_{request.param}"))


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """Yield a PostgreSQL of our own that a test may stop and kill."""
    with postgres.running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser."""
    assert _CHROMIUM
    return _CHROMIUM


@pytest.fixture(scope="session")
def node() -> str:
    """Return the path of Node, whose packages are installed."""
    assert _NODE
    return _NODE


@pytest.fixture
def _fresh_sqlite(_sqlite_template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(_sqlite_template, tmp_path / 'cxidea.db')}"


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "cxidea.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def desk(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Yield the door, and people who are something to the idea behind it."""
    path = shutil.copy(_sqlite_template, tmp_path_factory.mktemp("desk") / "cxidea.db")
    with open_desk(f"sqlite:///{path}") as desk:
        yield desk


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a migrated PostgreSQL database, which several processes may share: SQLite has one."""
    return str(request.getfixturevalue("_fresh_postgresql"))


@pytest.fixture
def _fresh_postgresql(_postgresql_template: tuple[postgres.Server, str]) -> Iterator[str]:
    server, template = _postgresql_template
    name = server.create_database(template)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(scope="session")
def _postgresql_template() -> Iterator[tuple[postgres.Server, str]]:
    with postgres.running_server() as server:
        name = server.create_database()
        migrate(server.url(name))
        yield server, name
        server.drop_database(name)


@pytest.fixture(params=["socket", "http"])
def transport(request: pytest.FixtureRequest) -> str:
    """Return how Slack reaches the bot."""
    return str(request.param)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Yield a workspace with the bot in it, over Socket Mode."""
    with running_world(database_url) as world:
        yield world


@pytest.fixture
def http_world(database_url: str) -> Iterator[World]:
    """Yield a workspace with the bot in it, over HTTP, which starts and stops faster."""
    with running_world(database_url, "http") as world:
        yield world


@pytest.fixture
def sqlite_url(_fresh_sqlite: str) -> str:
    """Return the address of a migrated SQLite database, for what does not depend on which database it is."""
    return _fresh_sqlite


@pytest.fixture
def sqlite_world(_fresh_sqlite: str) -> Iterator[World]:
    """Yield a workspace with the bot in it on SQLite, over HTTP: for what depends on neither."""
    with running_world(_fresh_sqlite, "http") as world:
        yield world


class OutsideWorldError(Exception):
    """A test tried to leave this machine. No OSError: the bot takes those for Slack being away."""


def _refuse_outside_world(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "localhost"  # A path: a socket in the file system.
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_this_machine(host):
        raise OutsideWorldError(f"{event} {host}")


def _is_this_machine(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many tests run at once: half of a test's time is waiting, so the processors have time for one more."""
    processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    return 1 + (processors or 1)


def pytest_configure(config: pytest.Config) -> None:
    """Close the way out, in all threads and loops, and refuse to start where something required is missing."""
    sys.addaudithook(_refuse_outside_world)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # Whoever ends the run ends PostgreSQL with it.
    config.stash[_LEFT_OUT] = []
    config.addinivalue_line("markers", "postgresql: needs PostgreSQL")
    config.addinivalue_line("markers", "chromium: needs Chromium")
    config.addinivalue_line("markers", "node: needs Node and the packages of tests/clients/node")
    for variable, name, is_there in (
        ("CX_REQUIRE_POSTGRES", "PostgreSQL", postgres.is_available()),
        ("CX_REQUIRE_CHROMIUM", "Chromium", _CHROMIUM is not None),
        ("CX_REQUIRE_NODE", "Node with the packages of tests/clients/node", _has_node()),
    ):
        if os.environ.get(variable) == "1" and not is_there:
            raise pytest.UsageError(f"{variable}=1, but {name} is not installed")


_LONGEST = (
    "test_others_requests.py",
    "test_voters.py",
    "test_altered_requests.py",
    "test_answer_matrix.py",
    "test_year.py",
    "test_kills.py",
    "test_home.py",
    "test_answers.py",
)
"""Files that take long, the longest first: begun last, one of them would keep a single processor busy at the end."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need what this machine lacks; the summary says so."""
    _mark(items, "cluster", pytest.mark.postgresql)
    _mark(items, "chromium", pytest.mark.chromium)
    _mark(items, "node", pytest.mark.node)
    if not postgres.is_available():
        _leave_out(config, items, "postgresql", "install Debian's package postgresql, or set CX_TEST_POSTGRES_URL")
    # Playwright keeps an event loop in this thread from its first test on, where other tests want none: it comes last.
    items.sort(key=lambda item: (item.get_closest_marker("chromium") is not None, _place(item)))
    if _CHROMIUM is None:
        _leave_out(config, items, "chromium", "install Debian's package chromium")
    if not _has_node():
        _leave_out(config, items, "node", "install Node 20 or newer with npm, and run: make clients")


def _place(item: pytest.Item) -> int:
    """Return where a test's file stands among those that take long; the others come after these."""
    name = item.path.name
    return _LONGEST.index(name) if name in _LONGEST else len(_LONGEST)


def _has_node() -> bool:
    return _NODE is not None and _NODE_PACKAGES.exists()


def _mark(items: list[pytest.Item], fixture: str, mark: pytest.MarkDecorator) -> None:
    for item in items:
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(mark)


def _leave_out(config: pytest.Config, items: list[pytest.Item], mark: str, remedy: str) -> None:
    left_out = [item for item in items if item.get_closest_marker(mark)]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
        config.stash[_LEFT_OUT].append(f"Left out: {len(left_out)} tests that need {mark}. To include them, {remedy}.")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in a line each what was left out, and how to include it."""
    for line in config.stash[_LEFT_OUT]:
        terminalreporter.write_line(line, yellow=True)
