"""One call that fails, to the database or to Slack, and what must hold all the same."""

import http.client
import itertools
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError

from sandbox.errors import ActError
from tests import oracle
from tests.bot import settings_for
from tests.simulation.ground import Ground
from tests.simulation.hours import still_hours
from tests.simulation.replicas import Replica, do_nothing
from tests.simulation.scenes import Stage
from tests.simulation.still import Answer, StillSandbox, connected

DATABASE, SLACK_BEFORE, SLACK_AFTER = "the database", "Slack, before", "Slack, after"
WHERE = (DATABASE, SLACK_BEFORE, SLACK_AFTER)


@dataclass(slots=True)
class Failure:
    """The call number `at`, counted from 1 since `is_armed`, fails; `at_database` and `passing` are asked at each."""

    where: str
    at: int
    is_armed: bool = False
    calls: int = 0

    def arm(self) -> None:
        """Begin to count."""
        self.is_armed = True

    @property
    def has_struck(self) -> bool:
        """Whether there were so many calls."""
        return self.calls >= self.at

    def at_database(self) -> None:
        """Fail a statement or commit, as SQLAlchemy tells of a database that is away."""
        if self.where == DATABASE and self._is_now():
            raise OperationalError("statement", None, sqlite3.OperationalError("disk I/O error"))

    def passing(self, _method: str, go: Callable[[], Answer]) -> Answer:
        """Cut the line before or after a call to Slack."""
        if self.where == DATABASE or not self._is_now():
            return go()
        if self.where == SLACK_AFTER:
            go()
        raise http.client.RemoteDisconnected("Remote end closed connection without response")

    def _is_now(self) -> bool:
        self.calls += self.is_armed
        return self.is_armed and self.calls == self.at


def play(scene: Callable[[Stage], None], ground: Ground, failure: Failure) -> None:
    """Play a scene with a failure in it, on an empty database, and see that the promises hold after it."""
    ground.clear()
    berth, sandbox = ground.berths[0], StillSandbox()
    with still_hours(), connected(sandbox) as line:
        replica = Replica("the only one", settings_for(sandbox, ground.url, "socket"), berth.sessions)
        berth.at_call, line.passing = failure.at_database, failure.passing
        stage = Stage(ground, sandbox, replica, failure.arm)
        try:
            scene(stage)
            oracle.check(sandbox, ground.url, stage.acknowledged)
        finally:
            berth.at_call = do_nothing


def fail_everywhere(scene: Callable[[Stage], None], ground: Ground, where: str, step: int = 1) -> Iterator[int]:
    """Yield each n at which a call failed in its turn, every `step`-th, until a run passes untouched."""
    for number in itertools.count(1, step):
        failure = Failure(where, number)
        try:
            play(scene, ground, failure)
        except (AssertionError, ActError) as error:
            raise AssertionError(f"{scene.__name__}, call {number} to {where} fails: {error}") from error
        if not failure.has_struck:
            return
        yield number
