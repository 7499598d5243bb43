"""How long `cxidea run` takes until it serves, beside importing the libraries that it stands on."""

import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.bars import Outcome, Rounds, at_most
from benchmarks.places import bot, workspace
from tests.databases import migrated

_ROUNDS = 7
_FLOOR = "import slack_bolt, sqlalchemy, apscheduler.schedulers.background"


def measure(database: str, *, is_quick: bool) -> Iterator[Outcome]:
    """Yield the time from start to ready against the imports."""
    figures, floors = list[float](), list[float]()
    with migrated(database) as url, workspace() as place:
        for _ in range(3 if is_quick else _ROUNDS):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", _FLOOR], check=True)
            floors.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            with bot(place, url):
                figures.append((time.perf_counter() - began) * 1000)
    yield at_most("start to ready", database, Rounds(figures, floors), 2.5)
