"""On SQLite one `run` serves Slack from a file; a second is refused, however it names the file."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.people import IDEAS_CHANNEL
from sandbox.server import Sandbox
from tests.bot import GUARD, wait_until
from tests.faults.processes import BotProcess, bot_process, messages


def refusal(path: Path) -> str:
    return f"Another `cxidea run` serves Slack from {path}. Stop that one first; several need PostgreSQL."


def second(bot: BotProcess, database_url: str) -> BotProcess:
    """Return a bot that is set up like this one, but for its port and how it names the database."""
    return BotProcess(bot.sandbox, database_url, bot.folder, bot.transport)


def path_of(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


def relative(path: Path) -> str:
    (path.parent / "folder").mkdir()
    return f"sqlite:///folder/../{path.name}"


def symbolic(path: Path) -> str:
    link = path.parent / "elsewhere"
    link.symlink_to(path.parent)
    (link / "another-name.db").symlink_to(path.name)
    return f"sqlite:///{link}/another-name.db"


@pytest.mark.timeout(90)
def test_a_second_run_is_refused_in_a_line(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """While one runs, another on the same file says so in one line and ends with 1, by whichever name it has it."""
    path = path_of(sqlite_url)
    with bot_process(sandbox, sqlite_url, tmp_path, "http") as bot:
        bot.start()
        for url in (sqlite_url, relative(path), symbolic(path), f"sqlite:///file:{path}?uri=true"):
            code, output, errors = second(bot, url).result("run")
            assert (code, output) == (1, ""), url
            assert errors.splitlines() == [refusal(path)]
        assert bot.status("/readyz") == 200


@pytest.mark.timeout(90)
def test_a_killed_run_leaves_no_lock(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """After kill -9 the next start takes the file at once, and while it runs a second is refused as before."""
    with bot_process(sandbox, sqlite_url, tmp_path, "http") as bot:
        for number in (signal.SIGKILL, signal.SIGTERM):
            bot.start()
            assert second(bot, sqlite_url).result("run")[0] == 1
            bot.stop(number)
        bot.start()


@pytest.mark.timeout(90)
def test_other_commands_work_beside_a_run(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """`migrate`, `export`, `reconcile` and `digest` do not need it to stop."""
    with bot_process(sandbox, sqlite_url, tmp_path, "http") as bot:
        bot.start()
        sandbox.act(GUARD, "command", text="Tell callers their place in the queue", channel="C0GENERAL1")
        wait_until(lambda: messages(sandbox, IDEAS_CHANNEL))
        for command in (["migrate"], ["export"], ["reconcile"], ["digest", "--post"]):
            code, _, errors = bot.result(*command)
            assert code == 0, (command, errors)


def test_no_row_says_who_runs(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """The lock is the operating system's alone: a copy of the file, taken while the bot runs, can be served."""
    with bot_process(sandbox, sqlite_url, tmp_path, "http") as bot:
        bot.start()
        copy = tmp_path / "copy.db"
        with closing(sqlite3.connect(path_of(sqlite_url))) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        with bot_process(sandbox, f"sqlite:///{copy}", tmp_path, "http") as other:
            other.start()


def test_a_lock_that_cannot_be_made_is_said(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """Where the lock's file cannot be opened, the start ends with a line that names it."""
    place = f"{path_of(sqlite_url)}.lock"
    Path(place).mkdir()
    with bot_process(sandbox, sqlite_url, tmp_path, "http") as bot:
        code, _, errors = bot.result("run")
    assert code == 1
    assert errors.splitlines() == [f"Cannot lock the database: Is a directory ({place}). Make it writable."]
