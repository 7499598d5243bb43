"""The time. Services and views get it as an argument; only handlers, jobs and commands ask here."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
