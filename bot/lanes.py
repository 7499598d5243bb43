"""What rests for a while, because Slack said so or because a call is under way.

In memory, for one process: other replicas learn it themselves.
"""

import threading
import time
from collections.abc import Collection

from bot.claims import Call, Claim, Rest
from bot.pace import Pace

_BURST = 20


class Lanes:
    """Channels and kinds of calls, each with the moment until which it rests; a channel has one call at a time."""

    def __init__(self, pace: Pace) -> None:
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._paused: dict[str, float] = {}
        self._blocked: dict[str, float] = {}
        self._stopped: dict[str, float] = {}
        self._buckets = {
            Call.CHANGE: _Bucket(pace.changes_per_minute / 60, _BURST),
            Call.PUBLISH: _Bucket(pace.homes_per_minute / 60, _BURST),
            Call.LETTER: _Bucket(pace.letters_per_minute / 60, _BURST),
        }

    def enter(self, claim: Claim) -> None:
        """Note that a call for this row begins."""
        with self._lock:
            if claim.channel_id:
                self._busy.add(claim.channel_id)
            if claim.call in self._buckets:
                self._buckets[claim.call].take()
            if claim.call is Call.POST:  # Cards and digests are of the same minute; letters wait for them.
                self._buckets[Call.LETTER].take()

    def leave(self, claim: Claim) -> None:
        """Note that it has ended."""
        with self._lock:
            self._busy.discard(claim.channel_id or "")

    def pause_posts(self, channel_id: str, seconds: float) -> None:
        """Post nothing new into a channel for so long."""
        with self._lock:
            _rest_longer(self._paused, channel_id, seconds)

    def block(self, channel_id: str, seconds: float) -> None:
        """Send nothing to a channel for so long; one row after that finds out whether it is mended."""
        with self._lock:
            _rest_longer(self._blocked, channel_id, seconds)

    def stop(self, calls: Collection[Call], seconds: float) -> None:
        """Make no calls of these kinds for so long, whatever the channel."""
        with self._lock:
            for call in calls:
                _rest_longer(self._stopped, call, seconds)

    def rest(self) -> Rest:
        """Return what rests now."""
        with self._lock:
            stopped = {Call(name) for name in _resting(self._stopped)}
            stopped.update(call for call, bucket in self._buckets.items() if bucket.is_empty)
            return Rest({*self._busy, *_resting(self._blocked)}, _resting(self._paused), stopped)


class _Bucket:
    """So many a second, and a burst of them when none was used for a while."""

    def __init__(self, per_second: float, most: float) -> None:
        self._per_second = per_second
        self._most = most
        self._left = most
        self._at = time.monotonic()

    def take(self) -> None:
        """Use one."""
        self._fill()
        self._left -= 1

    @property
    def is_empty(self) -> bool:
        """Whether none is left now."""
        self._fill()
        return self._left < 1

    def _fill(self) -> None:
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._per_second)
        self._at = now


def _rest_longer(lanes: dict[str, float], name: str, seconds: float) -> None:
    lanes[name] = max(lanes.get(name, 0), time.monotonic() + seconds)


def _resting(lanes: dict[str, float]) -> list[str]:
    """Return the names that still rest, and forget the others."""
    now = time.monotonic()
    for name in [each for each, until in lanes.items() if until <= now]:
        del lanes[name]
    return list(lanes)
