"""`cxidea audit`: who changed what, when."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from db.audit_queries import AuditLine

BY_ITSELF = "-"


def lines(entries: Iterable[AuditLine]) -> Iterator[str]:
    """Yield a line for each entry: time, person, what was done to what, and the particulars as JSON."""
    for entry in entries:
        particulars = f"  {_json(entry.detail)}" if entry.detail else ""
        yield f"{_moment(entry)}  {entry.actor_id or BY_ITSELF}  {entry.action}  {entry.subject}{particulars}"


def listing(entries: Iterable[AuditLine]) -> str:
    """Return the entries as a JSON list."""
    return _json(
        [
            {
                "at": _moment(entry),
                "actor": entry.actor_id,
                "action": entry.action,
                "subject": entry.subject,
                "detail": entry.detail,
            }
            for entry in entries
        ]
    )


def _moment(entry: AuditLine) -> str:
    return f"{entry.at:%Y-%m-%dT%H:%M:%SZ}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
