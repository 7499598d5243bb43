"""What each person wants to be written about: their own choice, or else what the company has set."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.services.audit import record
from db.models import Preference
from db.session import upsert
from db.types import NewsKind


def wanted_kinds(session: Session, user_id: str, defaults: Mapping[NewsKind, bool]) -> frozenset[NewsKind]:
    """Return what a person wants to be written about."""
    rows = session.execute(select(Preference.kind, Preference.is_on).where(Preference.user_id == user_id)).all()
    chosen = {NewsKind(kind): is_on for kind, is_on in rows}
    return frozenset(kind for kind in NewsKind if chosen.get(kind, defaults.get(kind, True)))


def choose_kinds(session: Session, user_id: str, kinds: Collection[NewsKind], now: datetime) -> None:
    """Have a person written to about these kinds of news, and no others, whatever the company sets."""
    rows = [{"user_id": user_id, "kind": kind, "is_on": kind in kinds} for kind in NewsKind]
    statement = upsert(session, Preference, rows)
    session.execute(
        statement.on_conflict_do_update(index_elements=["user_id", "kind"], set_={"is_on": statement.excluded.is_on})
    )
    record(session, now, user_id, "news.chosen", user_id, kinds=sorted(kinds))
