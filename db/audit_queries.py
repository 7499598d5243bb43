"""Reads of the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import AuditEntry


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what to what, when; the actor is None for what happens by itself or on the command line."""

    at: datetime
    actor_id: str | None
    action: str
    subject: str
    detail: dict[str, Any]


def audit_lines(session: Session, limit: int, subject: str | None = None) -> list[AuditLine]:
    """Return the newest lines, of one subject or of all; the newest comes last."""
    newest = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    rows = session.scalars(newest if subject is None else newest.where(AuditEntry.subject == subject)).all()
    return [AuditLine(row.at, row.actor_id, row.action, row.subject, row.detail) for row in reversed(rows)]
