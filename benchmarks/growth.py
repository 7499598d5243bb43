"""What costs what the week costs, and what a page costs, however much there is: digests and App Home."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from benchmarks import history
from benchmarks.bars import Outcome, Rounds, at_most
from benchmarks.places import Workspace, workspace
from bot import clock
from bot.deps import Deps
from bot.home_rendering import home_view
from db.session import open_database
from tests.bot import LEADER, settings_for
from tests.crowds import home
from tests.databases import migrated

_HOMES, _ONE_WAITS_IN, _HOME_ROUNDS = (1_000, 100_000), 10, 30
_DIGEST_ROUNDS = 9


def measure_digest(database: str) -> Iterator[Outcome]:
    """Yield what a week's digest costs with 5 million votes of history, against 500,000."""
    with ExitStack() as stack:
        kept = [stack.enter_context(history.kept(database, *size)) for size in history.HISTORIES]
        rounds = _in_turns(*(partial(history.timed_digest, sessions) for sessions in kept), count=_DIGEST_ROUNDS)
    yield at_most("digest, 5M votes of history against 500k", database, rounds, 1.3)


def measure_home(database: str) -> Iterator[Outcome]:
    """Yield what a leader's App Home costs with 100,000 ideas, against 1,000; of either, one in ten waits."""
    with ExitStack() as stack:
        place = stack.enter_context(workspace())
        open_homes = [stack.enter_context(_home(database, place, ideas)) for ideas in _HOMES]
        rounds = _in_turns(*open_homes, count=_HOME_ROUNDS)
    yield at_most("App Home, 100,000 ideas against 1,000", database, rounds, 1.5)


def _in_turns(small: Callable[[], float], large: Callable[[], float], *, count: int) -> Rounds:
    """Return what both cost, measured in turns, so that a machine that slows down slows both."""
    floors, figures = zip(*[(small(), large()) for _ in range(count)], strict=True)
    return Rounds(figures, floors)


@contextmanager
def _home(database: str, place: Workspace, ideas: int) -> Iterator[Callable[[], float]]:
    """Yield what opens a leader's App Home among so many ideas, and returns how many milliseconds that took."""
    with migrated(database) as url:
        sessions = open_database(url, is_patient=True)
        home.fill(sessions, ideas, _ONE_WAITS_IN)
        deps = Deps.build(settings_for(place, url, "http"), sessions)
        deps.identity.learn(deps.reads, clock.now())

        def opened() -> float:
            began = time.perf_counter()
            with sessions.reading() as session:
                home_view(session, deps, {"user_id": LEADER}, clock.now())
            return (time.perf_counter() - began) * 1000

        yield opened
        sessions.dispose()
