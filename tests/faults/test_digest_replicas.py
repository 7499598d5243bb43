"""Several replicas on one database reach the digest's hour together."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.jobs import Jobs
from db.digest_models import DigestRun
from sandbox.people import DIGEST_CHANNEL, GENERAL_CHANNEL
from sandbox.server import Sandbox, running_sandbox
from tests import oracle
from tests.bot import QUICK, running_bot, wait_until
from tests.effort import examples
from tests.faults.processes import BotProcess, messages
from tests.faults.year import next_monday

CHANNELS = (DIGEST_CHANNEL, GENERAL_CHANNEL)


def jump_to_monday(sandbox: Sandbox) -> str:
    """Put the clock to nine o'clock of the next Monday; return the name of the week whose digest is due then."""
    monday = next_monday(sandbox.workspace.clock.moment())
    sandbox.control("jump_to", time=(monday + timedelta(hours=9, seconds=1)).isoformat())
    last = (monday - timedelta(days=7)).isocalendar()
    return f"{last.year}-W{last.week:02}"


@pytest.mark.timeout(0)
def test_replicas_look_at_the_clock_at_once(database_url: str) -> None:
    """Two to eight at the same instant, week after week: one digest for each week and channel, on both databases."""
    with running_sandbox() as sandbox:
        sandbox.control("invite", channel=GENERAL_CHANNEL)
        with running_bot(sandbox, database_url, "http", cx_digest_channel=",".join(CHANNELS)) as world:
            deps = world.runtime.deps
            weeks: list[str] = []
            for number in range(examples(7)):
                weeks.append(jump_to_monday(sandbox))
                deps.heartbeat.beat()
                replicas = [Jobs(deps, QUICK) for _ in range(2 + number % 7)]
                together = threading.Barrier(len(replicas))
                threads = [threading.Thread(target=_look, args=(jobs, together)) for jobs in replicas]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                wait_until(lambda: _digests(sandbox) == [len(weeks)] * len(CHANNELS), 60)
            oracle.wait_for_promises(sandbox, database_url, weeks=dict.fromkeys(CHANNELS, weeks))
            with deps.sessions.reading() as session:
                assert session.scalar(select(func.count()).select_from(DigestRun)) == len(weeks) * len(CHANNELS)


def _look(jobs: Jobs, together: threading.Barrier) -> None:
    together.wait(30)
    jobs.ask_for_due_digests()
    jobs.prepare_digests()


def _digests(sandbox: Sandbox) -> list[int]:
    return [sum("Customer ideas, week" in each["text"] for each in messages(sandbox, one)) for one in CHANNELS]


@pytest.mark.timeout(0)
@pytest.mark.postgresql
def test_processes_reach_the_hour_together(sandbox: Sandbox, postgresql_url: str, tmp_path: Path) -> None:
    """Real processes on one PostgreSQL, week after week: one digest for each week and channel."""
    sandbox.control("invite", channel=GENERAL_CHANNEL)
    changes = {"CX_DIGEST_CHANNEL": ",".join(CHANNELS)}
    bots = []
    for number in range(min(8, examples(3))):
        folder = tmp_path / str(number)
        folder.mkdir()
        bots.append(BotProcess(sandbox, postgresql_url, folder, "socket", changes))
    weeks: list[str] = []
    try:
        for bot in bots:
            bot.start(is_ready=False)
        wait_until(lambda: all(bot.knows_the_time() for bot in bots), 60)
        for _ in range(examples(2)):
            weeks.append(jump_to_monday(sandbox))
            wait_until(lambda: _digests(sandbox) == [len(weeks)] * len(CHANNELS), 60)
        oracle.wait_for_promises(sandbox, postgresql_url, weeks=dict.fromkeys(CHANNELS, weeks))
        lines = [line for bot in bots for line in bot.log.splitlines()]
        assert [line for line in lines if "Traceback" in line or '"exception"' in line] == []
    finally:
        for bot in bots:
            bot.close()
