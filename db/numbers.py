"""The numbers that ideas get."""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db.models import Idea


def raise_idea_number(session: Session, floor: int) -> None:
    """Number the next idea above this; numbers already given out stay so."""
    if session.get_bind().dialect.name == "sqlite":
        known = session.execute(text("SELECT seq FROM sqlite_sequence WHERE name = 'ideas'")).scalar()
        if known is None:
            session.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES ('ideas', 0)"))
        session.execute(
            text("UPDATE sqlite_sequence SET seq = max(seq, :floor) WHERE name = 'ideas'"), {"floor": floor}
        )
        return
    sequence = "CAST(pg_get_serial_sequence('ideas', 'id') AS regclass)"
    highest = f"greatest(:floor, coalesce(pg_sequence_last_value({sequence}), 0))"
    session.execute(text(f"SELECT setval({sequence}, {highest})"), {"floor": floor})


def newest_idea(session: Session) -> int:
    """Return the highest number among the ideas, 0 when there is none."""
    return session.scalar(select(func.max(Idea.id))) or 0
