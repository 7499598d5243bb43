"""An idea with many voters: each is told once, whatever happens meanwhile, and Slack is not flooded."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.pace import Pace
from tests.bot import wait_until
from tests.crowds.voters import crowd, tell
from tests.faults.forks import HASTY, Strike
from tests.faults.steps import Step


@pytest.mark.timeout(300)
def test_all_voters_are_told_once_at_a_pace_that_slack_takes(sqlite_url: str, tmp_path: Path) -> None:
    """Under Slack's rate limits everybody is told once, no faster than the pace, and Slack never has to refuse."""
    pace = Pace()
    report = tell(sqlite_url, tmp_path, 60, pace)
    assert set(report.letters.values()) == {1}
    assert report.limited == 0
    assert report.acks
    took = max(report.posted_at) - min(report.posted_at)
    assert len(report.posted_at) <= 20 + pace.senders + took * pace.letters_per_minute / 60


@pytest.mark.timeout(300)
def test_killed_half_way_nobody_is_told_twice_and_nobody_forgotten(database_url: str, tmp_path: Path) -> None:
    """Killed twice while it writes down a thousand voters, and again while it writes to them, it tells each once."""
    with crowd(database_url, tmp_path, 1000, replace(HASTY, senders=8), is_strict=False) as here:
        here.bot.kill()
        here.ship()
        for step, times in ((Step.TELLING_BEFORE_COMMIT, 3), (Step.TOLD, 3), (Step.POST_ANSWERED, 100)):
            here.bot.start(Strike(step, times))
            assert here.bot.wait_for_end(60)
        here.bot.start()
        wait_until(here.are_all_told, seconds=150)
        assert set(here.letters().values()) == {1}
