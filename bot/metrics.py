"""What the bot has done and how it stands, for Prometheus. No label ever names a person, a channel or an idea."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot import clock
from db.outbox_figures import outbox_figures
from db.session import Sessions

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)
"""Slack waits three seconds for an acknowledgement."""


class RequestKind(StrEnum):
    """What Slack sent."""

    EVENT = "event"
    COMMAND = "command"
    ACTION = "action"
    VIEW = "view"
    SHORTCUT = "shortcut"
    OTHER = "other"

    @classmethod
    def of(cls, body: dict[str, Any]) -> "RequestKind":
        """Return the kind of a request from its body."""
        if "command" in body:
            return cls.COMMAND
        return _KINDS.get(str(body.get("type")), cls.OTHER)


_KINDS = {
    "event_callback": RequestKind.EVENT,
    "block_actions": RequestKind.ACTION,
    "view_submission": RequestKind.VIEW,
    "view_closed": RequestKind.VIEW,
    "shortcut": RequestKind.SHORTCUT,
    "message_action": RequestKind.SHORTCUT,
}


class RequestOutcome(StrEnum):
    """What became of a request."""

    DONE = "done"
    REFUSED = "refused"
    """The person was told why not, or it was none of ours."""
    FAILED = "failed"
    """Something broke: the person was told so, or Slack delivers it again."""


class _Request:
    """The request under way; who finds out how it ends says so."""

    outcome = RequestOutcome.DONE


class Metrics:
    """Counts, and answers a scrape. All of it belongs to this object, so that two bots in a process count apart."""

    def __init__(self, sessions: Sessions, slack_state: Callable[[], str]) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self._acknowledgements = Histogram(
            "cxidea_acknowledgement_seconds",
            "Slack's requests, and the time until their acknowledgement.",
            ["kind", "outcome"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._calls = Counter("cxidea_slack_calls", "Calls to Slack.", ["method", "outcome"], registry=registry)
        self._connects = Counter(
            "cxidea_socket_mode_connects", "New Socket Mode connections.", ["reason"], registry=registry
        )
        self._failed_connects = Counter(
            "cxidea_socket_mode_failed_connects", "Socket Mode connections that never came about.", registry=registry
        )
        self._repaired = Counter(
            "cxidea_repaired_reactions", "Missed reactions found by comparing with Slack.", registry=registry
        )
        self._dead = Counter("cxidea_dead_letters", "Messages that Slack will never take.", registry=registry)
        self._digests = Counter("cxidea_digests", "Digests posted and skipped.", ["outcome"], registry=registry)
        for outcome in ("posted", "skipped"):
            self._digests.labels(outcome)
        registry.register(_State(sessions, slack_state))

    @contextmanager
    def request(self, body: dict[str, Any]) -> Iterator[_Request]:
        """Time the block as one request of Slack's; its `outcome` may be changed until the end of the block."""
        request, began = _Request(), time.perf_counter()
        try:
            yield request
        except Exception:
            request.outcome = RequestOutcome.FAILED
            raise
        finally:
            spent = time.perf_counter() - began
            self._acknowledgements.labels(RequestKind.of(body), request.outcome).observe(spent)

    def slack_call(self, method: str, outcome: str) -> None:
        """Count a call to Slack: `ok`, or Slack's word for what went wrong."""
        self._calls.labels(method, outcome).inc()

    def connected(self, reason: str) -> None:
        """Count a new Socket Mode connection by why it was opened."""
        self._connects.labels(reason).inc()

    def connect_failed(self) -> None:
        """Count a Socket Mode connection that Slack did not greet."""
        self._failed_connects.inc()

    def repaired(self, reactions: int) -> None:
        """Count reactions that a comparison put right."""
        self._repaired.inc(reactions)

    def dead_letter(self) -> None:
        """Count a message that is given up."""
        self._dead.inc()

    def digest_posted(self) -> None:
        """Count a digest that stands in its channel."""
        self._digests.labels("posted").inc()

    def digest_skipped(self) -> None:
        """Count a digest that was too late to be posted."""
        self._digests.labels("skipped").inc()

    def follow_link(self, is_live: Callable[[], bool]) -> None:
        """Report from now on whether Socket Mode has a live connection."""
        gauge = Gauge("cxidea_socket_mode_up", "1: a live Socket Mode connection stands.", registry=self._registry)
        gauge.set_function(lambda: float(is_live()))

    def exposition(self) -> str:
        """Return everything in Prometheus' text format; it never fails, whatever is away."""
        return generate_latest(self._registry).decode()


class _State(Collector):
    """How things stand at the moment of the scrape."""

    def __init__(self, sessions: Sessions, slack_state: Callable[[], str]) -> None:
        self._sessions = sessions
        self._slack_state = slack_state

    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing, so that registering asks no database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the figures; those that only the database knows are absent while it is away."""
        is_up = self._slack_state() == "ok"
        yield GaugeMetricFamily("cxidea_slack_up", "1: Slack's Web API answered the last time.", value=is_up)
        try:
            yield from self._outbox()
        except SQLAlchemyError:
            is_database_up = False
        else:
            is_database_up = True
        yield GaugeMetricFamily("cxidea_database_up", "1: the database answered this scrape.", value=is_database_up)

    def _outbox(self) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
        with self._sessions.reading() as session:
            figures = outbox_figures(session)
        rows = GaugeMetricFamily("cxidea_outbox_rows", "Messages that Slack does not show yet.", labels=["state"])
        for state, count in figures.rows.items():
            rows.add_metric([state], count)
        age = (clock.now() - figures.oldest_unposted).total_seconds() if figures.oldest_unposted else 0
        name = "cxidea_outbox_oldest_unposted_seconds"
        return rows, GaugeMetricFamily(name, "Age of the oldest message that is not posted yet.", value=max(0.0, age))
