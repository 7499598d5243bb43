"""The only poster: takes due outbox rows, renders them and tells Slack, once.

A row is claimed and committed before the call and recorded after it, so that no transaction is open while Slack
answers. What died in between is found again by its lease; a post whose outcome is unknown is looked for first.
"""

import random
import threading
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.webhook import WebhookClient
from sqlalchemy.exc import SQLAlchemyError

from bot import clock, posts
from bot.claims import Claim, Wanted, claim_next, finish
from bot.deps import Deps
from bot.lanes import Lanes
from bot.outcomes import Failure, Fate, Unrecorded, failure_of, failure_of_reply
from bot.rendering import Rendered, render
from bot.services.votes import lock_card, recount_card
from db.types import DeliveryState, MessageKind

log = structlog.get_logger()

_BACKOFF_SECONDS = (1, 2, 4, 8, 15)
_MOST_ATTEMPTS = 20
_REPLY_LIFE = timedelta(minutes=30)
"""How long Slack takes answers at a response_url."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long delivery waits, in seconds: tests shrink it."""

    poll: float = 0.25
    card: float = 3
    """A hot card is updated at most so often, however many vote."""
    channel: float = 1
    """Slack takes about one message a second in a channel."""
    look: float = 30
    blocked: float = 15


class Delivery:
    """Delivers outbox rows, one at a time."""

    def __init__(self, deps: Deps, pace: Pace = Pace()) -> None:
        self._deps = deps
        self._pace = pace
        self._owner = uuid.uuid4().hex
        self._lanes = Lanes()

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop; nothing that goes wrong with one row or the database ends it."""
        while not stop.is_set():
            try:
                is_idle = not self.deliver_next()
            except Exception:
                log.exception("delivery.failed")
                is_idle = True
            if is_idle:
                stop.wait(self._pace.poll)

    def drain(self, *, key: str | None = None) -> int:
        """Deliver all that is due now, or the row with this key; return how many rows were tried."""
        tried = 0
        while self.deliver_next(key=key):
            tried += 1
        return tried

    def deliver_next(self, *, key: str | None = None) -> bool:
        """Deliver one due row, if there is one; return whether there was."""
        wanted = Wanted(clock.now(), self._owner, self._lanes.rest(), key)
        claim = claim_next(self._deps.sessions, wanted)
        if claim is None:
            return False
        try:
            self._deliver(claim)
        except Exception as error:  # noqa: BLE001  # logged where it is classified
            self._record_failure(claim, self._explain(claim, error))
        return True

    def _deliver(self, claim: Claim) -> None:
        with self._deps.sessions.reading() as session:
            rendered = render(session, self._deps, claim.kind, claim.view_args, clock.now())
        if claim.kind == MessageKind.REPLY:
            self._reply(claim, rendered)
        elif claim.message_ts is None:
            self._post(claim, rendered)
        else:
            self._update(claim, rendered)

    def _post(self, claim: Claim, rendered: Rendered) -> None:
        if claim.is_uncertain and not self._is_surely_absent(claim):
            return
        if rendered.is_withdrawn:
            self._record_shown(claim)
            return
        self._lanes.pause_posts(str(claim.channel_id), self._pace.channel)
        channel_id, message_ts = posts.post(self._deps.writes, claim, rendered.message)
        try:
            self._record_place(claim, channel_id, message_ts, shown_revision=claim.wanted_revision)
        except SQLAlchemyError as error:
            raise Unrecorded from error
        self._deps.notices.mended(channel_id)

    def _is_surely_absent(self, claim: Claim) -> bool:
        """Look for a message that may stand in Slack: adopt it, or tell after two looks that it is not there.

        As long as Slack cannot be asked, the row stays uncertain, and nothing is posted.
        """
        try:
            message_ts = posts.find(self._deps.reads, claim)
        except Exception as error:  # noqa: BLE001  # logged where it is classified
            failure = self._explain(claim, error)
            # A look that came to nothing changes nothing, however it ended.
            self._record_failure(claim, replace(failure, fate=Fate.AWAY) if failure.fate == Fate.UNKNOWN else failure)
            return False
        looks = _looks_before(claim)
        if message_ts:
            self._record_place(claim, str(claim.channel_id), message_ts, shown_revision=0)
        elif looks == 0:
            self._record(claim, state=DeliveryState.UNKNOWN, looks=1, not_before=_in(self._pace.look))
        return message_ts is None and looks > 0

    def _update(self, claim: Claim, rendered: Rendered) -> None:
        if rendered.is_removable and not posts.has_thread(self._deps.reads, claim):
            posts.remove(self._deps.writes, claim)
            self._record_shown(claim, message_ts=None)
        else:
            posts.change(self._deps.writes, claim, rendered.message)
            self._record_shown(claim, not_before=_in(self._pace.card))
        self._deps.notices.mended(str(claim.channel_id))

    def _reply(self, claim: Claim, rendered: Rendered) -> None:
        if clock.now() - claim.created_at > _REPLY_LIFE:
            self._record(claim, state=DeliveryState.DEAD, response_url=None, last_error="expired_url")
            return
        answer = WebhookClient(str(claim.response_url), timeout=10, retry_handlers=[]).send_dict(
            {
                "response_type": "ephemeral",
                "replace_original": bool(claim.args.get("replace", True)),
                "text": rendered.message.text,
                "blocks": rendered.message.blocks,
            }
        )
        failure = failure_of_reply(answer)
        if failure is None:
            self._record_shown(claim, response_url=None)
        else:
            self._record_failure(claim, failure)

    def _record_place(self, claim: Claim, channel_id: str, message_ts: str, *, shown_revision: int) -> None:
        """Record where a message stands. Reactions may have come before a card was known: now they count."""
        now = clock.now()
        shown: dict[str, Any] = _SHOWN | {"shown_revision": shown_revision, "not_before": _in(self._pace.card)}
        with self._deps.sessions.begin() as session:
            if claim.idea_id is not None:
                lock_card(session, claim.idea_id, (channel_id, message_ts), self._deps.emoji)
            is_ours = finish(session, claim, channel_id=channel_id, message_ts=message_ts, **shown)
            if is_ours and claim.idea_id is not None:
                recount_card(session, claim.idea_id, (channel_id, message_ts), self._deps.emoji, now)
        log.info("delivery.posted", key=claim.key)

    def _record_shown(self, claim: Claim, **values: Any) -> None:
        self._record(claim, **_SHOWN | {"shown_revision": claim.wanted_revision} | values)

    def _record_failure(self, claim: Claim, failure: Failure) -> None:
        self._record(claim, **self._note_failure(claim, failure))

    def _note_failure(self, claim: Claim, failure: Failure) -> dict[str, Any]:
        """Log a failure, let rest what it asks to spare, and return what becomes of the row."""
        if failure.fate == Fate.BLOCKED and claim.channel_id:
            self._deps.notices.blocked(claim.channel_id, failure.error)
            self._lanes.block(claim.channel_id, self._pace.blocked)
        else:
            log.warning("delivery.refused", key=claim.key, fate=failure.fate, error=failure.error)
        if failure.fate == Fate.LIMITED and claim.channel_id:
            if claim.message_ts is None:
                self._lanes.pause_posts(claim.channel_id, failure.retry_after)
            else:
                self._lanes.pause_changes(failure.retry_after)
        return {"attempts": _attempts_after(claim, failure), "last_error": failure.error} | self._next_step(
            claim, failure
        )

    def _next_step(self, claim: Claim, failure: Failure) -> dict[str, Any]:
        """Return what a failure means for the row: when it is tried again, or that it never is."""
        is_post = claim.message_ts is None and claim.kind != MessageKind.REPLY
        is_given_up = failure.fate == Fate.TROUBLE and claim.attempts >= _MOST_ATTEMPTS
        if failure.fate in {Fate.HOPELESS, Fate.GONE} or is_given_up:
            return {"state": DeliveryState.DEAD, "response_url": None}
        if failure.fate == Fate.UNKNOWN and is_post:
            return {"state": DeliveryState.UNKNOWN, "looks": 0, "not_before": clock.now()}
        state = DeliveryState.BLOCKED if failure.fate == Fate.BLOCKED else DeliveryState.DUE
        if is_post and claim.is_uncertain:
            state = DeliveryState.UNKNOWN  # It may still stand in Slack from an earlier attempt.
        return {"state": state, "looks": _looks_before(claim), "not_before": _in(self._wait_after(claim, failure))}

    def _wait_after(self, claim: Claim, failure: Failure) -> float:
        match failure.fate:
            case Fate.LIMITED:
                return failure.retry_after
            case Fate.BLOCKED:
                return self._pace.blocked
            case _:
                return _backoff(claim.attempts)

    def _record(self, claim: Claim, **values: Any) -> None:
        with self._deps.sessions.begin() as session:
            if not finish(session, claim, **values):
                log.warning("delivery.lease_lost", key=claim.key)

    def _explain(self, claim: Claim, error: Exception) -> Failure:
        try:
            return failure_of(error)
        except Exception:
            # A row that cannot be rendered must not stop the others; it is tried again, and at last given up.
            log.exception("delivery.broken_row", key=claim.key)
            return Failure(Fate.TROUBLE, type(error).__name__)


_SHOWN: dict[str, Any] = {"state": DeliveryState.DUE, "attempts": 0, "looks": 0, "last_error": None}


def _in(seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)


def _looks_before(claim: Claim) -> int:
    """Return how many looks found nothing since the last attempt; whoever died sending looked before that attempt."""
    return claim.looks if claim.state == DeliveryState.UNKNOWN else 0


def _attempts_after(claim: Claim, failure: Failure) -> int:
    """Count an attempt. Only what may be the row's own fault brings it nearer its end: Slack may be away for days."""
    if failure.fate == Fate.TROUBLE:
        return claim.attempts + 1
    return max(claim.attempts, min(claim.attempts + 1, len(_BACKOFF_SECONDS) - 1))


def _backoff(attempts: int) -> float:
    base = _BACKOFF_SECONDS[min(attempts, len(_BACKOFF_SECONDS) - 1)]
    return base * random.uniform(0.8, 1.2)  # noqa: S311  # jitter, so that replicas do not knock together
