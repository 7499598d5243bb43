"""Killed with SIGKILL at each named step of its work, the bot loses nothing and doubles nothing."""

from pathlib import Path

import pytest

from sandbox.people import IDEAS_CHANNEL
from sandbox.server import Sandbox
from tests.bot import AGENT, GUARD, wait_until, words
from tests.faults.forks import Strike, forked
from tests.faults.lives import OUTSIDE, Report, run
from tests.faults.processes import messages
from tests.faults.steps import Step


@pytest.mark.parametrize("step", list(Step), ids=lambda step: step.name.lower())
def test_a_kill_at_this_step_loses_nothing_and_doubles_nothing(step: Step, database_url: str, tmp_path: Path) -> None:
    """Killed when it reaches this step and started again, it has kept its promises to all who went on meanwhile."""
    report = Report()
    run(list(Step).index(step), database_url, tmp_path, report, [None, Strike(step)])
    assert report.kills == {step: 1, OUTSIDE: 1}, "\n".join(report.story)


def test_votes_on_a_card_that_nobody_had_recorded_are_found(sandbox: Sandbox, sqlite_url: str, tmp_path: Path) -> None:
    """Killed before it noted where a card stands, it finds the card again, and the votes that nobody told it of."""
    with forked(sandbox, sqlite_url, tmp_path) as bot:
        bot.start(Strike(Step.POST_ANSWERED))
        sandbox.act(GUARD, "command", text="Let customers reschedule deliveries online", channel="C0GENERAL1")
        assert bot.wait_for_end(10)
        (card,) = messages(sandbox, IDEAS_CHANNEL)
        sandbox.act(AGENT, "react", channel=IDEAS_CHANNEL, ts=card["ts"], name="+1")
        sandbox.control("advance", seconds=3)
        bot.start()
        wait_until(lambda: "1 vote" in words(messages(sandbox, IDEAS_CHANNEL)[0]))
