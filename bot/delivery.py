"""The only poster: takes due outbox rows under a lease and has them sent, a few at once, each channel one at a time.

A row is claimed and committed before the call and recorded after it (`sending`, `records`), so that no transaction is
open while Slack answers. What died in between is found again by its lease; a post whose outcome is unknown is looked
for first. Each step gives way to requests (`traffic`).
"""

import threading
import time
import uuid
from collections.abc import Callable

import structlog

from bot import clock
from bot.claims import Claim, Wanted, claim_next
from bot.deps import Deps
from bot.lanes import Lanes
from bot.pace import Pace
from bot.records import Records
from bot.sending import Sender

log = structlog.get_logger()


class Delivery:
    """Delivers outbox rows: `run` for a process that serves, `drain` for one that waits for its own.

    `on_adopted` has the cards compared with Slack: one was found that had stood there unrecorded.
    """

    def __init__(self, deps: Deps, pace: Pace | None = None, on_adopted: Callable[[], None] = lambda: None) -> None:
        pace = pace or Pace()
        self._deps = deps
        self._pace = pace
        self._owner = uuid.uuid4().hex
        self._lanes = Lanes(pace)
        self._sender = Sender(deps, self._lanes, pace, Records(deps, pace), on_adopted)
        self._free = threading.Semaphore(pace.senders)

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop; nothing that goes wrong with one row or the database ends it.

        Each row is sent by a thread of its own that ends with the process: a call that hangs holds up its channel only.
        """
        while not stop.is_set():
            if not self._free.acquire(timeout=self._pace.poll):
                continue
            claim = self._take_or_none()
            if claim is None:
                self._free.release()
                stop.wait(self._pace.poll)
            else:
                threading.Thread(target=self._send_and_free, args=(claim,), name="sender", daemon=True).start()

    def finish(self, seconds: float) -> None:
        """Wait, for so long at most, until nothing is under way any more; what is then cut off is looked for later."""
        deadline = time.monotonic() + seconds
        for _ in range(self._pace.senders):
            self._free.acquire(timeout=max(0.0, deadline - time.monotonic()))

    def drain(self, *, key: str | None = None) -> int:
        """Deliver all that is due now, or the row with this key; return how many rows were tried."""
        tried = 0
        while self.deliver_next(key=key):
            tried += 1
        return tried

    def deliver_next(self, *, key: str | None = None) -> bool:
        """Deliver one due row, if there is one; return whether there was."""
        claim = self._take(key)
        if claim is None:
            return False
        self._send(claim)
        return True

    def _take(self, key: str | None = None) -> Claim | None:
        self._deps.traffic.give_way()
        wanted = Wanted(clock.now(), self._owner, self._pace.lease, self._lanes.rest(), key)
        claim = claim_next(self._deps.sessions, wanted)
        if claim is not None:
            self._lanes.enter(claim)
        return claim

    def _take_or_none(self) -> Claim | None:
        began = time.monotonic()
        try:
            claim = self._take()
        except Exception as error:  # noqa: BLE001  # the loop outlives whatever it is
            self._tell(error, began)
            return None
        self._deps.database.worked()
        return claim

    def _send(self, claim: Claim) -> None:
        try:
            self._sender.send(claim)
        finally:
            self._lanes.leave(claim)

    def _send_and_free(self, claim: Claim) -> None:
        began = time.monotonic()
        try:
            self._send(claim)
        except Exception as error:  # noqa: BLE001  # as above
            self._tell(error, began)
        finally:
            self._free.release()

    def _tell(self, error: Exception, began: float) -> None:
        if not self._deps.database.failed(error, began):
            log.error("delivery.failed", exc_info=error)
