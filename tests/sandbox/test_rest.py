"""When the open windows are drawn: at once after a quiet while, and half of the time at most when much happens."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from sandbox.models import Change
from sandbox.web.live import Hub, Window
from sandbox.web.location import Location

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.web.desk import Desk

DRAWING = 0.3


class SlowDesk:
    """Stands where the desk stands, takes its time to draw, and notes when it began."""

    def __init__(self) -> None:
        self.began: list[float] = []
        self.listeners: list[Callable[[Change], None]] = []
        self.workspace = SimpleNamespace(subscribe=self.listeners.append)

    def parts(self, _place: Location) -> list[Any]:
        """Draw nothing, slowly."""
        self.began.append(time.perf_counter())
        time.sleep(DRAWING)
        return []


async def _spans(pause: float) -> float:
    """Draw once, wait, let something change: the seconds from that change to its drawing."""
    desk = SlowDesk()
    hub = Hub(cast("Desk", desk))
    hub.show(Window(), Location("U1", "C1"), "/c/C1")
    desk.listeners[0](Change("message"))
    await asyncio.sleep(DRAWING / 5)  # begun, and at once over: drawing holds the loop
    await asyncio.sleep(pause)
    changed = time.perf_counter()
    desk.listeners[0](Change("message"))
    await asyncio.sleep(DRAWING * 2)
    return desk.began[-1] - changed


def test_after_a_quiet_while_a_change_is_drawn_at_once() -> None:
    """A rest counts from the last drawing: who clicks after it has passed does not wait for another."""
    assert asyncio.run(_spans(DRAWING * 1.5)) < DRAWING / 2


def test_when_much_happens_drawing_takes_half_of_the_time() -> None:
    """A change right after a drawing waits until the loop had as long for everything else."""
    assert asyncio.run(_spans(0)) > DRAWING / 2
