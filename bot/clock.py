"""The time, as Slack has it. Services and views get it as an argument; handlers, jobs and commands ask here.

All replicas meet in one workspace, so its clock is the one on which they agree: a machine whose own clock is off by
more than a few seconds follows Slack's `Date`, and no digest comes early, late or twice because of it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import structlog

log = structlog.get_logger()

TOLERANCE = timedelta(seconds=5)
"""`Date` has whole seconds, and an answer takes a moment; less than this is no difference."""


class _Offset:
    """How far Slack's clock is ahead of this machine's."""

    value = timedelta(0)


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC) + _Offset.value


def follow(headers: Mapping[str, str]) -> timedelta:
    """Set the clock by the `Date` of an answer just received; return how far Slack is ahead of this machine."""
    date = next((value for name, value in headers.items() if name.lower() == "date"), None)
    ahead = parsedate_to_datetime(date) - datetime.now(UTC) if date else timedelta(0)
    offset = ahead if abs(ahead) > TOLERANCE else timedelta(0)
    if abs(offset - _Offset.value) > TOLERANCE:
        log.warning("clock.adjusted", ahead_seconds=round(offset.total_seconds()))
        _Offset.value = offset
    return ahead


def reset() -> None:
    """Go back to this machine's own clock."""
    _Offset.value = timedelta(0)
