"""One claimed row, told to Slack: posted, looked for, changed, taken down, or answered at its response URL."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from slack_sdk.webhook import WebhookClient
from sqlalchemy.exc import SQLAlchemyError

from bot import clock, posts
from bot.claims import Call, Claim, is_settled_elsewhere, want_again
from bot.deps import Deps
from bot.home_rendering import home_view
from bot.lanes import Lanes
from bot.outcomes import Failure, Fate, Unrecorded, blamed_on_charts, failure_of, failure_of_reply
from bot.pace import Pace
from bot.records import CHARTS_REFUSED, Records, looks_before
from bot.rendered import NOTHING, Rendered
from bot.rendering import render
from db.types import MessageKind

log = structlog.get_logger()

_REPLY_LIFE = timedelta(minutes=30)
"""How long Slack takes answers at a response_url."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends rows, and records what became of each; no transaction is open while Slack answers.

    `on_adopted` is told when a card was found that nobody had recorded.
    """

    deps: Deps
    lanes: Lanes
    pace: Pace
    records: Records
    on_adopted: Callable[[], None]

    def send(self, claim: Claim) -> None:
        """Bring Slack up to what the row wants; what fails is recorded, not raised, unless the database does."""
        rendered = NOTHING
        self.deps.traffic.give_way()
        try:
            if claim.call == Call.PUBLISH:
                self._publish(claim)
                return
            with self.deps.sessions.reading() as session:
                rendered = render(session, self.deps, claim.kind, claim.view_args, clock.now())
            self._call(claim, rendered)
        except Exception as error:  # noqa: BLE001  # logged where it is classified
            self._fail(claim, self._explain(claim, error), rendered)

    def _call(self, claim: Claim, rendered: Rendered) -> None:
        self.deps.traffic.give_way()
        if not self._is_held(claim):
            return
        match claim.call:
            case Call.REPLY:
                self._reply(claim, rendered)
            case Call.POST | Call.LETTER:
                self._post(claim, rendered)
            case Call.CHANGE:
                self._change(claim, rendered)

    def _post(self, claim: Claim, rendered: Rendered) -> None:
        if claim.is_uncertain and not self._is_surely_absent(claim, rendered):
            return
        if rendered.is_moot:
            self.records.shown(claim)
            return
        if rendered.wait_until is not None:
            self.records.put_off(claim, rendered.wait_until)
            return
        if not self._is_held(claim):
            return
        self.lanes.pause_posts(str(claim.channel_id), self.pace.channel)
        channel_id, message_ts = posts.post(self.deps.writes, claim, rendered.message, rendered.thread_ts)
        try:
            is_ours = self.records.place(claim, channel_id, message_ts, shown_revision=claim.wanted_revision)
        except SQLAlchemyError as error:
            raise Unrecorded from error
        if not is_ours:
            self._take_back(claim, channel_id, message_ts)
        self.deps.notices.mended(channel_id)

    def _is_surely_absent(self, claim: Claim, rendered: Rendered) -> bool:
        """Look for a message that may stand in Slack: adopt it, or tell after two looks that it is not there.

        As long as Slack cannot be asked, the row stays uncertain, and nothing is posted.
        """
        try:
            found = posts.find(self.deps.writes, claim, rendered.thread_ts)
        except Exception as error:  # noqa: BLE001  # logged where it is classified
            failure = self._explain(claim, error)
            # A look that came to nothing changes nothing, however it ended.
            self._fail(claim, replace(failure, fate=Fate.AWAY) if failure.fate == Fate.UNKNOWN else failure)
            return False
        if found.copies:
            self._adopt(claim, found)
        elif looks_before(claim) == 0:
            self.records.missed(claim)
        return not found.copies and looks_before(claim) > 0

    def _adopt(self, claim: Claim, found: posts.Found) -> None:
        """Take a message that stands for the row's own; a call that Slack held for long may have made a second."""
        first, *copies = found.copies
        for message_ts in copies:
            posts.remove(self.deps.writes, found.channel_id, message_ts)
            log.warning("delivery.copy_removed", key=claim.key)
        self.records.place(claim, found.channel_id, first, shown_revision=0)
        if claim.idea_id is not None:
            self.on_adopted()  # People may have voted on it while nobody listened.

    def _take_back(self, claim: Claim, channel_id: str, message_ts: str) -> None:
        """Undo a post that came after its lease, unless whoever has the row now has adopted it or will find it."""
        log.warning("delivery.lease_lost", key=claim.key)
        with self.deps.sessions.reading() as session:
            is_stray = is_settled_elsewhere(session, claim, message_ts)
        if is_stray:
            posts.remove(self.deps.writes, channel_id, message_ts)
            log.warning("delivery.copy_removed", key=claim.key)

    def _change(self, claim: Claim, rendered: Rendered) -> None:
        if rendered is NOTHING:  # It stands, and nobody wants to know more.
            is_ours = self.records.shown(claim)
        elif rendered.is_removable and not posts.has_thread(self.deps.writes, claim):
            posts.remove(self.deps.writes, str(claim.channel_id), str(claim.message_ts))
            is_ours = self.records.shown(claim, message_ts=None)
        else:
            posts.change(self.deps.writes, claim, rendered.message)
            is_ours = self.records.changed(claim)
        if not is_ours:
            self._show_again(claim)
        self.deps.notices.mended(str(claim.channel_id))

    def _show_again(self, claim: Claim) -> None:
        """Have a message shown anew after a change that came late: it may have covered a newer one."""
        log.warning("delivery.lease_lost", key=claim.key)
        with self.deps.sessions.begin() as session:
            want_again(session, claim)

    def _publish(self, claim: Claim) -> None:
        """Show App Home; whatever became of an earlier call, the same may be said again."""
        with self.deps.sessions.reading() as session:
            view = home_view(session, self.deps, claim.args, clock.now())
        self.deps.traffic.give_way()
        if self._is_held(claim):
            posts.publish(self.deps.writes, str(claim.args["user_id"]), view)
            if not self.records.shown(claim):
                self._show_again(claim)

    def _reply(self, claim: Claim, rendered: Rendered) -> None:
        if clock.now() - claim.created_at > _REPLY_LIFE:
            self.records.given_up(claim, "expired_url")
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
        self.deps.metrics.slack_call("response_url", failure.error if failure else "ok")
        if failure is None:
            self.records.shown(claim, response_url=None)
        else:
            self._fail(claim, failure)

    def _is_held(self, claim: Claim) -> bool:
        if not claim.is_held:
            log.warning("delivery.lease_over", key=claim.key)
        return claim.is_held

    def _fail(self, claim: Claim, failure: Failure, rendered: Rendered = NOTHING) -> None:
        """Let rest what a failure asks to spare, and record it; charts are blamed once, then it is something else."""
        if rendered.message.has_charts and claim.last_error != CHARTS_REFUSED:
            failure = blamed_on_charts(failure)
        self._spare(claim, failure)
        if failure.fate != Fate.CHANNEL or claim.kind == MessageKind.NOTICE:
            log.warning("delivery.refused", key=claim.key, fate=failure.fate, error=failure.error)
        if not self.records.failed(claim, failure):
            log.warning("delivery.lease_lost", key=claim.key)

    def _spare(self, claim: Claim, failure: Failure) -> None:
        match failure.fate:
            case Fate.CHANNEL if claim.channel_id:
                self.lanes.block(claim.channel_id, self.pace.blocked)
                if claim.kind != MessageKind.NOTICE:  # Whoever cannot be told cannot be told of that, either.
                    self.deps.notices.blocked(claim.channel_id, failure.error)
            case Fate.APP:
                self.lanes.stop((Call.POST, Call.LETTER, Call.CHANGE, Call.PUBLISH), self.pace.blocked)
            case Fate.SCOPE:
                self.lanes.stop((claim.call,), self.pace.blocked)
            case Fate.LIMITED if claim.call == Call.LETTER:
                self.lanes.stop((Call.LETTER,), failure.retry_after)  # A person gets one; it is the workspace's limit.
            case Fate.LIMITED if claim.call == Call.POST:
                self.lanes.pause_posts(str(claim.channel_id), failure.retry_after)
            case Fate.LIMITED if claim.call in {Call.CHANGE, Call.PUBLISH}:
                self.lanes.stop((claim.call,), failure.retry_after)

    def _explain(self, claim: Claim, error: Exception) -> Failure:
        try:
            return failure_of(error)
        except Exception:
            # A row that cannot be rendered must not stop the others; it is tried again, and at last given up.
            log.exception("delivery.broken_row", key=claim.key)
            return Failure(Fate.TROUBLE, type(error).__name__)
