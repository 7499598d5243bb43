"""The time, as Slack has it. Services and views get it as an argument; handlers, jobs and commands ask here.

All replicas meet in one workspace, so its clock is the one on which they agree: a machine whose own clock is off by
more than a few seconds follows Slack's `Date`, and no digest comes early, late or twice because of it.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol, TypeVar

import structlog

log = structlog.get_logger()

TOLERANCE = timedelta(seconds=5)
"""`Date` has whole seconds, and an answer takes a moment; less than this is no difference."""


class HasHeaders(Protocol):
    """An answer of Slack's."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers."""
        ...


Answer = TypeVar("Answer", bound=HasHeaders)


class _Offset:
    """How far Slack's clock is ahead of this machine's."""

    value = timedelta(0)
    is_known = False


def is_slacks() -> bool:
    """Return whether Slack has said the time since the start; until then it is this machine's, which may be off."""
    return _Offset.is_known


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC) + _Offset.value


def follow(headers: Mapping[str, str]) -> timedelta:
    """Set the clock by the `Date` of an answer just received; return how far Slack is ahead of this machine."""
    date = next((value for name, value in headers.items() if name.lower() == "date"), None)
    ahead = parsedate_to_datetime(date) - datetime.now(UTC) if date else timedelta(0)
    _Offset.is_known = _Offset.is_known or date is not None
    offset = ahead if abs(ahead) > TOLERANCE else timedelta(0)
    if abs(offset - _Offset.value) > TOLERANCE:
        log.warning("clock.adjusted", ahead_seconds=round(offset.total_seconds()))
        _Offset.value = offset
    return ahead


def follow_answer(call: Callable[[], Answer]) -> Answer:
    """Make a call to Slack, and set the clock by its answer, unless it came late: then its `Date` is of the past.

    A process that slept in the midst of a call would else set its clock back by as long as it slept.
    """
    began = time.monotonic()
    answer = call()
    if time.monotonic() - began < TOLERANCE.total_seconds():
        follow(answer.headers)
    return answer


def reset() -> None:
    """Go back to this machine's own clock."""
    _Offset.value = timedelta(0)
    _Offset.is_known = False
