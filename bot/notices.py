"""What whoever runs the bot must hear once, and not again at every try."""

import threading
import time

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot import clock
from bot.services.notices import tell_admins
from db.session import DATABASE_AWAY, Sessions

log = structlog.get_logger()


class ChannelNotices:
    """Says once that a channel takes nothing from the bot, in the log and to the admins, and when it does again."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
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
            self._tell_admins(channel_id, error)

    def mended(self, channel_id: str) -> None:
        """Tell that a channel takes messages again, if it was said to take none."""
        with self._lock:
            was_blocked = self._errors.pop(channel_id, None) is not None
        if was_blocked:
            log.info("channel.mended", channel=channel_id)

    def _tell_admins(self, channel_id: str, error: str) -> None:
        try:
            with self._sessions.begin() as session:
                tell_admins(session, channel_id, error, clock.now())
        except SQLAlchemyError as away:
            log.warning("channel.admins_not_told", error=type(away).__name__)


class DatabaseNotices:
    """Says in one line that the database is away, and in one more that it is back."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._is_away = False
        self._back_at = 0.0

    def failed(self, error: Exception, began: float) -> bool:
        """Return whether work failed because the database is away, which is told once and needs no stack trace.

        `began` is when that work did, by `time.monotonic()`: what began before the database was back may still fail
        of the outage that is over, and is no news.
        """
        if not isinstance(error, DATABASE_AWAY):
            return False
        with self._lock:
            is_news = not self._is_away and began > self._back_at
            self._is_away = self._is_away or is_news
        if is_news:
            why = str(getattr(error, "orig", None) or error).strip().partition("\n")[0][:200]
            log.warning("database.away", error=why, remedy="see to the database; the bot goes on by itself")
        return True

    def worked(self) -> None:
        """Tell that the database is back, if it was said to be away: work that needed none of it proves nothing."""
        if not self._is_away:
            return
        try:
            with self._sessions.reading() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return
        with self._lock:
            was_away, self._is_away = self._is_away, False
            self._back_at = time.monotonic()
        if was_away:
            log.info("database.back")
