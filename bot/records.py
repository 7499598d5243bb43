"""What became of a claimed row, written down under its fence token: where it stands, or when it is tried again."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot import clock
from bot.claims import Call, Claim, finish
from bot.deps import Deps
from bot.outcomes import Failure, Fate
from bot.pace import Pace
from bot.services.charts import refuse_charts
from bot.services.votes import lock_card, recount_card
from db.types import DeliveryState, MessageKind

log = structlog.get_logger()

CHARTS_REFUSED = "charts_refused"
"""The last error of a message that Slack did not take with charts, and that goes out without them."""

_MOST_ATTEMPTS = 20
_SHOWN: dict[str, Any] = {"state": DeliveryState.DUE, "attempts": 0, "looks": 0, "last_error": None}


@dataclass(frozen=True, slots=True)
class Records:
    """Writes outcomes; each answer says whether the row was still ours, so that the record stands."""

    deps: Deps
    pace: Pace

    def place(self, claim: Claim, channel_id: str, message_ts: str, *, shown_revision: int) -> bool:
        """Record where a message stands. Reactions may have come before a card was known: now they count."""
        now = clock.now()
        shown: dict[str, Any] = _SHOWN | {"shown_revision": shown_revision, "not_before": _in(self.pace.card)}
        with self.deps.sessions.begin() as session:
            if claim.idea_id is not None:
                lock_card(session, claim.idea_id, (channel_id, message_ts), self.deps.emoji)
            is_ours = finish(session, claim, channel_id=channel_id, message_ts=message_ts, **shown)
            if is_ours and claim.idea_id is not None:
                recount_card(session, claim.idea_id, (channel_id, message_ts), self.deps.emoji, now)
        if is_ours:
            log.info("delivery.posted", key=claim.key)
            if claim.kind == MessageKind.DIGEST:
                self.deps.metrics.digest_posted()
        return is_ours

    def shown(self, claim: Claim, **values: Any) -> bool:
        """Record that Slack shows what the row wanted when it was taken."""
        return self._write(claim, **_SHOWN | {"shown_revision": claim.wanted_revision} | values)

    def changed(self, claim: Claim) -> bool:
        """Record a change, after which the message rests."""
        return self.shown(claim, not_before=_in(self.pace.card))

    def missed(self, claim: Claim) -> bool:
        """Record a first look that found nothing."""
        return self._write(claim, state=DeliveryState.UNKNOWN, looks=1, not_before=_in(self.pace.look))

    def put_off(self, claim: Claim, until: datetime) -> bool:
        """Record that a message waits for its hour, or for what it hangs on; that is no failure of it."""
        return self._write(claim, state=DeliveryState.DUE, not_before=until)

    def given_up(self, claim: Claim, error: str) -> bool:
        """Record that the row is never sent."""
        self.deps.metrics.dead_letter()
        log.warning("delivery.dead", key=claim.key, error=error)
        return self._write(claim, state=DeliveryState.DEAD, response_url=None, last_error=error)

    def failed(self, claim: Claim, failure: Failure) -> bool:
        """Record a failure, and with it when the row is tried again."""
        if failure.fate == Fate.CHARTS:
            return self._without_charts(claim, failure)
        is_given_up = failure.fate == Fate.TROUBLE and claim.attempts >= _MOST_ATTEMPTS
        if failure.fate in {Fate.HOPELESS, Fate.GONE} or is_given_up:
            return self.given_up(claim, failure.error)
        attempts = self._attempts_after(claim, failure)
        return self._write(claim, attempts=attempts, last_error=failure.error, **self._next_step(claim, failure))

    def _without_charts(self, claim: Claim, failure: Failure) -> bool:
        """Have the message sent at once without charts, and the next ones too: both or neither is remembered."""
        now = clock.now()
        step = self._next_step(claim, failure) | {"last_error": CHARTS_REFUSED, "not_before": now}
        with self.deps.sessions.begin() as session:
            refuse_charts(session, now)
            return finish(session, claim, **step)

    def _next_step(self, claim: Claim, failure: Failure) -> dict[str, Any]:
        is_post = claim.call in {Call.POST, Call.LETTER}
        if failure.fate == Fate.UNKNOWN and is_post:
            return {"state": DeliveryState.UNKNOWN, "looks": 0, "not_before": clock.now()}
        state = DeliveryState.BLOCKED if failure.fate.is_for_an_admin else DeliveryState.DUE
        if is_post and claim.is_uncertain:
            state = DeliveryState.UNKNOWN  # It may still stand in Slack from an earlier attempt.
        return {"state": state, "looks": looks_before(claim), "not_before": _in(self._wait_after(claim, failure))}

    def _wait_after(self, claim: Claim, failure: Failure) -> float:
        if failure.fate == Fate.LIMITED:
            return failure.retry_after
        if failure.fate.is_for_an_admin:
            return self.pace.blocked
        seconds = self.pace.backoff[min(claim.attempts, len(self.pace.backoff) - 1)]
        return seconds * random.uniform(0.8, 1.2)  # noqa: S311  # jitter, so that replicas do not knock together

    def _attempts_after(self, claim: Claim, failure: Failure) -> int:
        """Count an attempt; only what may be the row's own fault leads to its end: Slack may be away for days."""
        if failure.fate == Fate.TROUBLE:
            return claim.attempts + 1
        return max(claim.attempts, min(claim.attempts + 1, len(self.pace.backoff) - 1))

    def _write(self, claim: Claim, **values: Any) -> bool:
        self.deps.traffic.give_way()
        with self.deps.sessions.begin() as session:
            return finish(session, claim, **values)


def looks_before(claim: Claim) -> int:
    """Return how many looks found nothing since the last attempt; whoever died sending looked before that attempt."""
    return claim.looks if claim.state == DeliveryState.UNKNOWN else 0


def _in(seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)
