"""Whether the workspace takes charts: Slack has them since June 2026, and some workspaces get them late or never."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import Workspace

TRIED_AGAIN_AFTER = timedelta(days=30)


def charts_are_taken(session: Session, now: datetime) -> bool:
    """Return whether a message may have charts: none were refused in the last thirty days.

    A workspace that the bot does not know yet gets none, since no refusal of it could be remembered.
    """
    known = session.execute(select(Workspace.charts_refused_at).limit(1)).one_or_none()
    if known is None:
        return False
    return known.charts_refused_at is None or now - known.charts_refused_at >= TRIED_AGAIN_AFTER


def refuse_charts(session: Session, now: datetime) -> None:
    """Remember that the workspace takes no charts."""
    session.execute(update(Workspace).values(charts_refused_at=now))
