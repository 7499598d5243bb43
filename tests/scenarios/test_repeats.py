"""The same request again: at once in parallel, as the same bytes later, a day later with Slack's retry headers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import sqlalchemy

from bot import clock
from db.models import InboxEntry
from tests.bot import World
from tests.door import Visitor, encoded, signed
from tests.doorstep import Doorstep, door_of
from tests.recordings import record

MOST_NEW_ROWS = {"outbox": 2}
"""A card and an answer; of everything else, one request makes one."""


def test_the_same_request_four_times_at_once(http_world: World) -> None:
    """Each kind of request, brought four times in parallel, has one effect, on either database."""
    doorstep = Doorstep(http_world, door_of(http_world), record(http_world))
    doorstep.reopen()
    visitors = [Visitor(http_world) for _ in range(4)]
    with ThreadPoolExecutor(len(visitors)) as hands:
        for request in doorstep.requests:
            copy = request.altered("p", {})
            before = doorstep.rows()
            assert set(hands.map(lambda visitor, copy=copy: visitor.deliver(copy), visitors)) <= {200, 400}
            after = doorstep.rows()
            for table, rows in after.items():
                new = rows.keys() - before[table].keys()
                assert len(new) <= MOST_NEW_ROWS.get(table, 1), (request.name, new)
            doorstep.reopen()
    for visitor in visitors:
        visitor.leave()


def test_the_same_bytes_again_have_no_second_effect(doorstep: Doorstep) -> None:
    """Each request, brought as the same bytes with the same signature four more times, changes nothing more."""
    for request in doorstep.requests:
        doorstep.reopen()
        body, content_type = encoded(request.altered("r", {}))
        headers = signed(doorstep.world, body) | {"Content-Type": content_type}
        first = doorstep.knock(body, headers)
        done = doorstep.rows()
        assert [doorstep.knock(body, headers) for _ in range(4)] == [first] * 4, request.name
        assert doorstep.rows() == done, request.name


def test_a_day_late_has_no_second_effect(doorstep: Doorstep) -> None:
    """Each request that comes again a day later, signed anew and with Slack's retry headers, changes nothing more."""
    for request in doorstep.requests:
        doorstep.reopen()
        altered = request.altered("d", {})
        body, content_type = encoded(altered)
        again = {"Content-Type": content_type, "X-Slack-Retry-Num": "3", "X-Slack-Retry-Reason": "http_timeout"}
        doorstep.knock(body, signed(doorstep.world, body) | {"Content-Type": content_type})
        doorstep.world.write(sqlalchemy.update(InboxEntry).values(received_at=clock.now() - timedelta(days=1)))
        done = doorstep.rows()
        doorstep.knock(body, signed(doorstep.world, body) | again)
        assert doorstep.rows() == done, request.name
