"""Requests go first: Slack waits for their acknowledgement, and nobody for what runs beside them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Traffic:
    """The requests under way, and what gives way to them: threads of one process share an interpreter.

    Nothing waits longer than `longest_wait` seconds, since requests may come without a pause.
    """

    def __init__(self, longest_wait: float = 0.05) -> None:
        self._longest_wait = longest_wait
        self._lock = threading.Lock()
        self._requests = 0
        self._is_clear = threading.Event()
        self._is_clear.set()

    @contextmanager
    def request(self) -> Iterator[None]:
        """Let the block go first."""
        self._change(by=1)
        try:
            yield
        finally:
            self._change(by=-1)

    def give_way(self) -> None:
        """Return in a moment in which no request is under way, or after the longest wait."""
        self._is_clear.wait(self._longest_wait)

    def _change(self, *, by: int) -> None:
        with self._lock:
            self._requests += by
            if self._requests:
                self._is_clear.clear()
            else:
                self._is_clear.set()
