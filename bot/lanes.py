"""What rests for a while because Slack said so: in memory, for one process; the others learn it themselves."""

import time

from bot.claims import Rest


class Lanes:
    """Channels, and the one method that all changes of messages share, each with the moment until which it rests."""

    def __init__(self) -> None:
        self._paused: dict[str, float] = {}
        self._blocked: dict[str, float] = {}
        self._changes_until = 0.0

    def pause_posts(self, channel_id: str, seconds: float) -> None:
        """Post nothing new into a channel for so long."""
        self._paused[channel_id] = max(self._paused.get(channel_id, 0), time.monotonic() + seconds)

    def pause_changes(self, seconds: float) -> None:
        """Change no message for so long: that limit is the workspace's, not a channel's."""
        self._changes_until = max(self._changes_until, time.monotonic() + seconds)

    def block(self, channel_id: str, seconds: float) -> None:
        """Send nothing to a channel for so long; one row after that finds out whether it is mended."""
        self._blocked[channel_id] = time.monotonic() + seconds

    def rest(self) -> Rest:
        """Return what rests now."""
        now = time.monotonic()
        for lanes in (self._paused, self._blocked):
            for channel_id in [each for each, until in lanes.items() if until <= now]:
                del lanes[channel_id]
        return Rest(list(self._blocked), list(self._paused), self._changes_until > now)
