"""The audit log: who changed what, when."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.models import AuditEntry


def record(session: Session, at: datetime, actor_id: str | None, action: str, subject: str, **detail: Any) -> None:
    """Add a line to the audit log, in the transaction of the change itself."""
    session.add(AuditEntry(at=at, actor_id=actor_id, action=action, subject=subject, detail=detail))
