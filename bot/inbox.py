"""Each request has its effect once: its key is written in the same transaction as the effect.

Reactions need no key: each has a time, and only a newer one is news.
"""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.models import InboxEntry
from db.session import DIALECTS, insert_for

_CLAIM = {dialect: insert_for(dialect, InboxEntry).on_conflict_do_nothing() for dialect in DIALECTS}


def is_new(session: Session, key: str, now: datetime) -> bool:
    """Claim a request's key; return False when its effect is in the database already.

    Two at once: the second waits for the first one's commit, and then is not new.
    """
    claimed = session.connection().execute(_CLAIM[session.get_bind().dialect.name], {"key": key, "received_at": now})
    return bool(claimed.rowcount)


def remember_idea(session: Session, key: str, idea_id: int) -> None:
    """Note which idea a request led to, so that a repeated one gets the same answer."""
    session.execute(update(InboxEntry).where(InboxEntry.key == key).values(idea_id=idea_id))


def idea_of(session: Session, key: str) -> int | None:
    """Return the idea that an earlier request with this key led to."""
    return session.scalar(select(InboxEntry.idea_id).where(InboxEntry.key == key))


def forget_before(session: Session, moment: datetime) -> None:
    """Delete the keys of requests that Slack repeats no more."""
    session.execute(delete(InboxEntry).where(InboxEntry.received_at < moment))
