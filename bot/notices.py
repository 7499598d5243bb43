"""What whoever runs the bot must hear once, and not again at every try."""

import threading

import structlog

log = structlog.get_logger()


class ChannelNotices:
    """Says in one line that a channel takes nothing from the bot, and in one more that it does again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._errors: dict[str, str] = {}

    def blocked(self, channel_id: str, error: str) -> None:
        """Tell why a channel's messages wait, unless that has been told."""
        with self._lock:
            is_news = self._errors.get(channel_id) != error
            self._errors[channel_id] = error
        if is_news:
            log.warning(
                "channel.blocked", channel=channel_id, error=error, remedy="its messages wait; see cxidea doctor"
            )

    def mended(self, channel_id: str) -> None:
        """Tell that a channel takes messages again, if it was said to take none."""
        with self._lock:
            was_blocked = self._errors.pop(channel_id, None) is not None
        if was_blocked:
            log.info("channel.mended", channel=channel_id)
