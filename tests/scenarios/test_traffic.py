"""Requests go first, over either transport: what runs beside them waits for their commit."""

import threading
import time
from itertools import pairwise
from typing import Any

from sqlalchemy import event

from bot import clock
from bot.delivery import Delivery
from bot.jobs import Jobs
from bot.pace import Pace
from tests.bot import AGENT, GUARD, running_world
from tests.doorstep import Doorstep

_BACKGROUND = ("sender", "delivery", "job-")


def test_a_vote_is_waited_for_until_it_is_committed(sqlite_url: str, transport: str) -> None:
    """Who gives way while a vote is on its way into the database waits, the longest wait if need be."""
    waits = list[float]()
    with running_world(sqlite_url, transport) as world:
        card = world.file(GUARD, "A bench at the loading bay")
        deps = world.runtime.deps

        def give_way(_connection: Any) -> None:
            if not threading.current_thread().name.startswith(_BACKGROUND):
                began = time.monotonic()
                deps.traffic.give_way()
                waits.append(time.monotonic() - began)

        event.listen(deps.sessions.engine, "commit", give_way)
        world.react(AGENT, card)
        world.settle()
        event.remove(deps.sessions.engine, "commit", give_way)
    assert max(waits) > 0.04


def test_delivery_gives_way(doorstep: Doorstep) -> None:
    """Delivery does not even look for its next row while a request is under way, or not before the longest wait."""
    deps = doorstep.world.runtime.deps
    with deps.traffic.request():
        began = time.monotonic()
        Delivery(deps).deliver_next(key="card:none")
        assert time.monotonic() - began > 0.04


def test_jobs_begin_one_after_another(doorstep: Doorstep) -> None:
    """No two of the clock's jobs ever begin together: their periods are whole seconds, their beginnings are apart."""
    jobs = Jobs(doorstep.world.runtime.deps, Pace())
    jobs.start(clock.now())
    repeated = [job for job in jobs._scheduler.get_jobs() if hasattr(job.trigger, "interval")]
    jobs.stop()
    assert all(job.trigger.interval.total_seconds() % 1 == 0 for job in repeated)
    moments = sorted(job.next_run_time.timestamp() % 1 for job in repeated)
    assert len(moments) > 10
    assert all(later - earlier > 0.01 for earlier, later in pairwise(moments))
