"""Requests go first: how long others wait for them."""

import threading
import time

from bot.traffic import Traffic

_NEVER = 60


def test_without_requests_nothing_waits() -> None:
    """Where no request is under way, or none any more, who gives way goes on at once."""
    traffic = Traffic(longest_wait=_NEVER)
    with traffic.request():
        pass
    began = time.monotonic()
    traffic.give_way()
    assert time.monotonic() - began < _NEVER / 2


def test_who_gives_way_goes_on_when_the_last_request_ends() -> None:
    """One of two requests still counts when the other has ended; after both the way is clear."""
    traffic, order = Traffic(longest_wait=_NEVER), list[str]()

    def work() -> None:
        traffic.give_way()
        order.append("work")

    other = threading.Thread(target=work)
    with traffic.request():
        with traffic.request():
            other.start()
        time.sleep(0.05)
        order.append("the last request ends")
    other.join(_NEVER / 2)
    assert order == ["the last request ends", "work"]


def test_requests_without_end_keep_nobody_from_work() -> None:
    """Who gives way goes on after a moment, though requests come without a pause."""
    traffic = Traffic(longest_wait=0.02)
    with traffic.request():
        traffic.give_way()
