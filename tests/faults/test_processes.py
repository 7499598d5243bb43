"""The bot as a real process: killed and started again, stopped in time, and refusing what it must."""

import signal
import socket
import time
from pathlib import Path

import pytest

from sandbox.people import DIGEST_CHANNEL, IDEAS_CHANNEL
from sandbox.server import Sandbox
from tests.bot import AGENT, CLERK, DRIVER, ENGINEER, GUARD, wait_until, words
from tests.faults.processes import BotProcess, bot_process, messages, posts

LINE = "Let customers reschedule deliveries online"


def file_idea(sandbox: Sandbox) -> str:
    """File an idea and wait for its card; return the card's time stamp."""
    sandbox.act(GUARD, "command", text=LINE, channel="C0GENERAL1")
    wait_until(lambda: messages(sandbox, IDEAS_CHANNEL))
    return str(messages(sandbox, IDEAS_CHANNEL)[0]["ts"])


def react(sandbox: Sandbox, user: str, ts: str, *, is_on: bool = True) -> None:
    """Put a thumb up on a card, or take it off."""
    sandbox.act(user, "react" if is_on else "unreact", channel=IDEAS_CHANNEL, ts=ts, name="+1")


def shows(sandbox: Sandbox, text: str) -> bool:
    """Return whether there is one card, which shows this."""
    cards = messages(sandbox, IDEAS_CHANNEL)
    return len(cards) == 1 and text in words(cards[0])


@pytest.mark.timeout(90)
def test_votes_survive_a_kill_and_those_of_the_pause_are_found(
    sandbox: Sandbox, database_url: str, tmp_path: Path
) -> None:
    """Killed before the card shows a vote, and started again: it shows it, and what was put on or off meanwhile."""
    transport = "socket" if database_url.startswith("sqlite") else "http"
    with bot_process(sandbox, database_url, tmp_path, transport) as bot:
        bot.start()
        ts = file_idea(sandbox)
        react(sandbox, AGENT, ts)
        react(sandbox, CLERK, ts)
        wait_until(lambda: sandbox.parts.delivery.active == 0)
        assert not shows(sandbox, "2 votes")
        bot.stop(signal.SIGKILL)
        react(sandbox, CLERK, ts, is_on=False)
        react(sandbox, DRIVER, ts)
        react(sandbox, ENGINEER, ts)
        react(sandbox, GUARD, ts)
        bot.start()
        wait_until(lambda: shows(sandbox, "3 votes"))
        assert "Traceback" not in bot.log


@pytest.mark.timeout(90)
def test_killed_while_slack_takes_the_card(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """Killed between the claim and the record, while the card reaches Slack: after the start there is one card."""
    with bot_process(sandbox, sqlite_url, tmp_path, "http") as bot:
        bot.start()
        sandbox.control("fault", target="chat.postMessage", kind="delay", seconds=0.5)
        sandbox.act(GUARD, "command", text=LINE, channel="C0GENERAL1")
        wait_until(lambda: not sandbox.parts.faults.active)
        bot.stop(signal.SIGKILL)
        wait_until(lambda: messages(sandbox, IDEAS_CHANNEL))
        bot.start()
        react(sandbox, AGENT, messages(sandbox, IDEAS_CHANNEL)[0]["ts"])
        wait_until(lambda: shows(sandbox, "1 vote"))
        assert posts(sandbox) == 1


@pytest.mark.timeout(90)
def test_sigterm_ends_in_time_though_slack_hangs(
    sandbox: Sandbox, tmp_path: Path, sqlite_url: str, transport: str
) -> None:
    """A stop takes less than ten seconds and ends with 0, also while every call to Slack hangs."""
    with bot_process(sandbox, sqlite_url, tmp_path, transport) as bot:
        bot.start()
        sandbox.control("fault", target="*", kind="delay", seconds=12, count=0)
        sandbox.act(GUARD, "command", text=LINE, channel="C0GENERAL1")
        wait_until(lambda: sandbox.parts.faults.active)
        if transport == "socket":
            sandbox.control("drop_sockets")
        began = time.monotonic()
        assert bot.stop(signal.SIGTERM) == 0
        assert time.monotonic() - began < 9
        assert "Traceback" not in bot.log


def test_sigterm_ends_quickly(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """An idle bot on Socket Mode is gone well before its client's own waits, of up to three seconds each, are over."""
    with bot_process(sandbox, sqlite_url, tmp_path, "socket") as bot:
        bot.start()
        began = time.monotonic()
        assert bot.stop(signal.SIGTERM) == 0
        assert time.monotonic() - began < 5
        assert "bot.stopped" in bot.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_whichever_thread_it_interrupts(
    sandbox: Sandbox, tmp_path: Path, sqlite_url: str, number: signal.Signals
) -> None:
    """SIGTERM and SIGINT are heeded also when the system, as it may on a busy machine, interrupts another thread."""
    with bot_process(sandbox, sqlite_url, tmp_path, "http") as bot:
        bot.start()
        assert bot.stop(number, thread=bot.threads[1]) == 0
        assert "bot.stopped" in bot.log


def test_an_unmigrated_database_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    """`run` on a database without tables says in one line which command makes them, and ends with 1."""
    (tmp_path / "new.db").touch()
    with bot_process(sandbox, f"sqlite:///{tmp_path / 'new.db'}", tmp_path, "http") as bot:
        code, output, errors = bot.result("run")
    assert (code, output) == (1, "")
    assert errors.strip().splitlines() == ["The database is not at its newest migration. Run: cxidea migrate"]


def test_a_folder_that_is_missing_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    """`run`, `migrate` and `doctor` on a database in a folder that does not exist all name the folder."""
    folder = tmp_path / "nowhere"
    with bot_process(sandbox, f"sqlite:///{folder / 'cxidea.db'}", tmp_path, "http") as bot:
        for command in ("run", "migrate", "doctor"):
            code, output, errors = bot.result(command)
            assert code == 1
            assert f"the folder {folder} does not exist" in output + errors
            assert "Traceback" not in errors


def test_a_refused_token_is_said_in_a_line(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """With a token that Slack refuses, the bot is not ready, and its log names Slack's error without a stack."""
    with bot_process(sandbox, sqlite_url, tmp_path, "http", SLACK_BOT_TOKEN="xoxb-wrong-token") as bot:
        bot.start(is_ready=False)
        wait_until(lambda: '"slack.not_learned"' in bot.log)
        assert bot.status("/readyz") == 503
    assert '"error": "invalid_auth"' in bot.log
    assert "Traceback" not in bot.log
    assert '"exception"' not in bot.log


def test_a_taken_port_is_said_in_a_line(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """`run` on a port that another program has says which one, and ends with 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with bot_process(sandbox, sqlite_url, tmp_path, "http", PORT=str(port)) as bot:
            code, _, errors = bot.result("run")
    assert code == 1
    assert errors.strip() == f"Cannot listen on 127.0.0.1, port {port}: Address already in use. Set PORT or HOST."


def test_localhost_is_one_address(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """HOST=localhost, which stands for two addresses, serves on one and stops like any other."""
    with bot_process(sandbox, sqlite_url, tmp_path, "http", HOST="localhost") as bot:
        bot.start()
        assert bot.stop(signal.SIGTERM) == 0


def test_channels_without_the_bot_do_not_stop_it(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """Not a member of either channel, it starts and says so in one line each; invited, it posts what waited."""
    for channel in (IDEAS_CHANNEL, DIGEST_CHANNEL):
        sandbox.control("kick", channel=channel)
    with bot_process(sandbox, sqlite_url, tmp_path, "http") as bot:
        bot.start()
        sandbox.act(GUARD, "command", text=LINE, channel="C0GENERAL1")
        wait_until(lambda: posts(sandbox) >= 1)
        wait_until(lambda: all(_lines_on(bot, channel) for channel in (IDEAS_CHANNEL, DIGEST_CHANNEL)))
        sandbox.control("invite", channel=IDEAS_CHANNEL)
        bot.stop(signal.SIGTERM)
        assert [_lines_on(bot, channel) for channel in (IDEAS_CHANNEL, DIGEST_CHANNEL)] == [1, 1]
        assert '"not_in_channel"' in bot.log


def _lines_on(bot: BotProcess, channel: str) -> int:
    return sum("channel.blocked" in line and channel in line for line in bot.log.splitlines())
