"""`digest --post` by real processes at the same moment, and with the bot stopped."""

from pathlib import Path

import pytest

from sandbox.people import DIGEST_CHANNEL
from sandbox.server import Sandbox
from tests.faults.processes import bot_process, messages, posts


@pytest.mark.timeout(100)
def test_six_processes_post_one_digest(sandbox: Sandbox, database_url: str, tmp_path: Path) -> None:
    """Six commands at the same moment, with no bot running: one digest, and all six say where it stands."""
    with bot_process(sandbox, database_url, tmp_path, "http") as bot:
        running = [bot.command("digest", "--post") for _ in range(6)]
        results = [(*process.communicate(timeout=90), process.returncode) for process in running]
    (digest,) = messages(sandbox, DIGEST_CHANNEL)
    for output, errors, code in results:
        assert code == 0, errors
        assert output.removeprefix("already ").startswith(f"posted {DIGEST_CHANNEL} ")
        assert output.endswith(f" {digest['ts']}\n")
    assert sum(output.startswith("posted") for output, _, _ in results) >= 1
    assert posts(sandbox) == 1
