"""What costs what the week costs, and what a page costs, however much there is: digests and App Home."""

import statistics
import time
from collections.abc import Iterator

from benchmarks import history
from benchmarks.bars import Outcome, Rounds, at_most, no_more
from benchmarks.places import Workspace, workspace
from bot import clock
from bot.deps import Deps
from bot.home_rendering import home_view
from db.session import Sessions, open_database
from tests.bot import LEADER, settings_for
from tests.crowds import home
from tests.databases import migrated

_SECOND = 1000
_HOMES, _ONE_WAITS_IN, _HOME_ROUNDS = (1_000, 100_000), 10, 30


def measure_digest(database: str) -> Iterator[Outcome]:
    """Yield what a week's digest costs with 5 million votes of history, against 500,000."""
    times = {}
    for ideas, votes in history.HISTORIES:
        with migrated(database) as url:
            sessions = open_database(url, is_patient=True)
            times[votes] = history.timed_digests(sessions, ideas, votes)
            sessions.dispose()
    small, large = times.values()
    yield at_most("digest, 5M votes of history against 500k", database, Rounds(large, small), 1.3)
    yield no_more("digest, 5M votes of history", database, round(statistics.median(large)), _SECOND, "ms")


def measure_home(database: str) -> Iterator[Outcome]:
    """Yield what a leader's App Home costs with 100,000 ideas, against 1,000; of either, one in ten waits."""
    times = {}
    for ideas in _HOMES:
        with migrated(database) as url, workspace() as place:
            sessions = open_database(url, is_patient=True)
            home.fill(sessions, ideas, _ONE_WAITS_IN)
            times[ideas] = _homes(place, url, sessions)
            sessions.dispose()
    yield at_most("App Home, 100,000 ideas against 1,000", database, Rounds(times[_HOMES[1]], times[_HOMES[0]]), 1.5)


def _homes(place: Workspace, url: str, sessions: Sessions) -> list[float]:
    deps = Deps.build(settings_for(place, url, "http"), sessions)
    deps.identity.learn(deps.reads, clock.now())
    times = []
    for _ in range(_HOME_ROUNDS):
        began = time.perf_counter()
        with sessions.reading() as session:
            home_view(session, deps, {"user_id": LEADER}, clock.now())
        times.append((time.perf_counter() - began) * 1000)
    return times
