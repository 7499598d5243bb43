"""Direct messages to those who run the bot."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import outbox
from bot.services.rights import Role, members_of


def tell_admins(session: Session, channel_id: str, error: str, now: datetime) -> None:
    """Have each admin told that a channel takes nothing; of one channel once a day, however often it is found out."""
    for user_id in members_of(session, Role.ADMIN):
        key = f"notice:{channel_id}:{now.date()}:{user_id}"
        outbox.enqueue_notice(session, key, user_id, now, view="channel_blocked", channel_id=channel_id, error=error)
