"""What each request asks of the database is counted: whoever adds a statement to a handler says so here."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.doorstep import Doorstep

MOST = {
    "/cxidea a line": 12,
    "reaction_added": 10,
    "/cxidea ": 0,
    "reaction_removed": 10,
    "idea.submit": 8,
    "idea.choose_stage": 3,
    "idea.add_details": 3,
    "idea.edit": 4,
    "idea.undo": 8,
    "/cxidea help": 0,
    "/cxidea mine": 7,
    "/cxidea show": 7,
    "/cxidea stats": 6,
    "/cxidea top": 3,
    "vote.cast": 10,
    "vote.take_back": 10,
    "list.turn_page": 3,
    "list.turn_page_back": 3,
    "idea.see_card": 0,
    "/cxidea search": 3,
    "idea.open_form": 1,
    "/cxidea digest": 59,
    "digest.preview": 5,
    "digest.post": 7,
    "/cxidea settings": 11,
    "settings.change": 12,
    "settings.save": 16,
    "app_home_opened": 4,
    "home.turn_page": 4,
    "home.turn_page_back": 4,
    "home.choose_status": 4,
    "home.choose_stage": 4,
    "home.choose_owner": 4,
    "idea.share": 0,
    "idea.from_message": 1,
}
"""Two of a vote's are for somebody never seen before; a digest's weeks are counted one by one by a channel's first."""


@contextmanager
def counted(doorstep: Doorstep) -> Iterator[list[str]]:
    """Yield a list that fills with the statements of this thread."""
    engine, statements, here = doorstep.world.runtime.deps.sessions.engine, list[str](), threading.get_ident()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if threading.get_ident() == here and not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_no_request_asks_more_of_the_database_than_it_did(doorstep: Doorstep) -> None:
    """Each kind of request needs at most so many statements, however much there is in the database."""
    found: dict[str, int] = {}
    for number, request in enumerate(doorstep.requests):
        doorstep.reopen()
        newer: dict[tuple[str | int, ...], Any] = {("event", "event_ts"): f"{int(time.time()) + number}.000100"}
        with counted(doorstep) as statements:
            doorstep.deliver(request, newer if ("event", "event_ts") in request.paths else {})
        found[request.name] = max(found.get(request.name, 0), len(statements))
    assert found.keys() == MOST.keys()
    assert {name: count for name, count in found.items() if count > MOST[name]} == {}
