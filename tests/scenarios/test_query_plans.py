"""Nothing that people or the clock set off goes through a table that grows for ever: SQLite says how it would read."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from bot.reconciliation import reconcile
from tests.bot import AGENT, GUARD, LEADER, World
from tests.doorstep import Doorstep

GROWING = r"SCAN (ideas|votes|reactions|outbox|inbox|idea_changes|news|audit_entries|people)\b"
BOUNDED = {
    "search_text LIKE": "words are looked for in the middle of words",
    "INDEX ix_ideas_waiting": "as many as wait for an answer",
    "INDEX ix_outbox_waiting": "as many as wait to be sent",
    "INDEX ix_idea_changes_telling": "as many as are being told",
    "COVERING INDEX ix_ideas_votes_id_status": "counted, and sorted by votes, in an index alone",
    "COVERING INDEX ix_ideas_owner_id": "once a night, in an index alone",
    "INDEX ix_people": "as many as the company has people",
    "SCAN people": "as many as the company has people",
    "FROM ideas JOIN outbox": "cards are compared with Slack once a night, and after a new connection",
    "SELECT DISTINCT reactions.emoji": "as above",
}
"""What may be read through, by words of the statement or of its plan, and why."""


@contextmanager
def read_through(engine: Engine) -> Iterator[set[str]]:
    """Yield a set that is filled, at the end, with what would be read through."""
    asked, found = dict[str, Any](), set[str]()

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, is_many: bool) -> None:  # noqa: FBT001  # SQLAlchemy's
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            asked[statement] = values[0] if is_many else values

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        for statement, values in asked.items():
            for *_, step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
                if re.match(GROWING, step) and not any(words in statement or words in step for words in BOUNDED):
                    found.add(f"{step}: {statement}")


def test_no_request_reads_through_what_grows(doorstep: Doorstep) -> None:
    """Whatever people send, no statement goes through all ideas, votes, reactions or messages."""
    found = set[str]()
    for number, request in enumerate(doorstep.requests):
        doorstep.reopen()
        newer: dict[tuple[str | int, ...], Any] = {("event", "event_ts"): f"{int(time.time()) + number}.000100"}
        with read_through(doorstep.world.runtime.deps.sessions.engine) as these:
            doorstep.deliver(request, newer if ("event", "event_ts") in request.paths else {})
        found |= these
    assert found == set()


def test_no_work_in_the_background_reads_through_what_grows(sqlite_world: World) -> None:
    """Nor does delivery, nor what the clock sets off: settings, comparisons, reminders, digests, house-keeping."""
    world = sqlite_world
    with read_through(world.runtime.deps.sessions.engine) as found:
        ts = world.file(GUARD, "Open the counter at eight")
        world.react(AGENT, ts)
        world.open_home(LEADER)
        world.settle()
        for _ in range(9):
            world.sandbox.control("advance", seconds=86_400)
            world.settle()
        reconcile(world.runtime.deps)  # Also by itself, at a moment of its own.
    assert found == set()
