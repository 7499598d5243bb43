"""Time that passes only when it is told to, or when somebody sleeps: one clock for the bot and the workspace."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from unittest.mock import patch

import time_machine

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


class Hours:
    """The present moment of this thread, in seconds since it began; `pass_by` moves it on."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller
        self.passed = 0.0

    def pass_by(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self._traveller.shift(seconds)
        self.passed += seconds


@contextmanager
def still_hours() -> Iterator[Hours]:
    """Stop the clocks until the end of the block: the wall's, the monotonic one, and sleep, which then takes no time.

    time-machine moves only the wall's clock; the other two move with it here. Other threads sleep as ever.
    """
    thread, sleep, began = threading.get_ident(), time.sleep, time.monotonic()
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        hours = Hours(traveller)

        def sleep_or_pass(seconds: float) -> None:
            (hours.pass_by if threading.get_ident() == thread else sleep)(seconds)

        with patch.object(time, "monotonic", lambda: began + hours.passed), patch.object(time, "sleep", sleep_or_pass):
            yield hours
