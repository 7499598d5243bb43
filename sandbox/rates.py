"""Rate limits by method and tier, one posted message a second and channel, and several hundred a minute altogether.

https://docs.slack.dev/apis/web-api/rate-limits
"""

import math

from sandbox.errors import SlackError
from sandbox.methods.registry import Method
from sandbox.models import Json
from sandbox.workspace import Workspace

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
POST_BURST = 5
# Slack speaks of several hundred messages a minute for a workspace, and names no figure.
POSTS_PER_MINUTE = 300


class Rates:
    """A bucket for each method, and for each channel that is posted to; they fill by the workspace's clock."""

    def __init__(self, workspace: Workspace, *, on: bool = False) -> None:
        self.on = on
        self._workspace = workspace
        self._buckets: dict[str, tuple[float, float]] = {}

    def check(self, method: Method, arguments: Json) -> None:
        """Count a call; raises ratelimited with `retry_after` when it comes too early."""
        if not self.on:
            return
        if method.name == "chat.postMessage":
            self._take(f"{method.name} {arguments.get('channel')}", 1.0, POST_BURST)
            self._take(method.name, POSTS_PER_MINUTE / 60, POSTS_PER_MINUTE)
        elif method.tier:
            most = PER_MINUTE[method.tier]
            self._take(method.name, most / 60, most)

    def _take(self, key: str, per_second: float, most: int) -> None:
        now = self._workspace.clock.now()
        left, at = self._buckets.get(key, (float(most), now))
        left = min(most, left + (now - at) * per_second)
        if left < 1:
            self._buckets[key] = (left, now)
            raise SlackError("ratelimited", retry_after=math.ceil((1 - left) / per_second))
        self._buckets[key] = (left - 1, now)
