"""What a worker process of the long form does; a module of its own, since the one that is run cannot be imported."""

import logging
from contextlib import ExitStack

import structlog

from tests import postgres
from tests.simulation.ground import Ground, postgresql_ground, sqlite_ground
from tests.simulation.seeds import Outcome, run_seed

POSTGRESQL_EVERY = 20
"""Which seeds are played on PostgreSQL, where it is installed."""


class _Kept:
    """What a worker keeps between seeds."""

    grounds: tuple[Ground, ...] = ()
    stack = ExitStack()


def prepare(url: str | None) -> None:
    """Make the databases of this worker, one on the PostgreSQL at this address if there is one."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    logging.disable()
    grounds = [_Kept.stack.enter_context(sqlite_ground())]
    if url:
        grounds.append(_Kept.stack.enter_context(postgresql_ground(postgres.Server(url))))
    _Kept.grounds = tuple(grounds)


def run(seed: int) -> Outcome:
    """Play one seed."""
    return run_seed(seed, _Kept.grounds[-1 if seed % POSTGRESQL_EVERY == 0 else 0])
