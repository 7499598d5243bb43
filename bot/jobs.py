"""What happens by the clock. Every replica ticks; rows in the database decide who does what, once."""

import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.base import BaseExecutor, run_job
from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler
from slack_sdk.errors import SlackClientError

from bot import clock, directory, inbox, outbox
from bot.deps import Deps
from bot.outcomes import failure_of
from bot.reconciliation import reconcile
from bot.services import digests
from bot.services.job_runs import begin_job

log = structlog.get_logger()

TICK_SECONDS = 10
_SOON_SECONDS = 2
_UNKNOWN_SECONDS = 5
_NIGHT_HOUR = 3
_STOP_SECONDS = 1
_AGAIN = timedelta(seconds=15)
_INBOX_LIFE = timedelta(days=7)
_DIGEST_COMPARING_SECONDS = 120
_DIGEST_LOOKUP_SECONDS = 60


class _ThreadForEach(BaseExecutor):  # type: ignore[misc]  # APScheduler has no types
    """Runs each job in a thread that ends with the process; the stock pool keeps it alive until Slack has answered."""

    def __init__(self) -> None:
        super().__init__()
        self._threads: set[threading.Thread] = set()

    def wait(self, seconds: float) -> None:
        """Let the jobs under way end, for so long at most."""
        deadline = time.monotonic() + seconds
        for thread in tuple(self._threads):
            thread.join(max(0, deadline - time.monotonic()))

    def _do_submit_job(self, job: Job, run_times: list[datetime]) -> None:
        thread = threading.Thread(target=self._run, args=(job, run_times), name=f"job-{job.id}", daemon=True)
        self._threads = {each for each in self._threads if each.is_alive()} | {thread}
        thread.start()

    def _run(self, job: Job, run_times: list[datetime]) -> None:
        try:
            events = run_job(job, job._jobstore_alias, run_times, self._logger.name)  # noqa: SLF001  # as the stock one
        except BaseException:  # noqa: BLE001  # jobs catch their own; this is the executor's contract
            self._run_job_error(job.id, *sys.exc_info()[1:])
        else:
            self._run_job_success(job.id, events)


class Jobs:
    """The scheduler and its jobs; APScheduler is only a clock, and keeps nothing."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._comparing = threading.Lock()
        self._threads = _ThreadForEach()
        self._scheduler = BackgroundScheduler(
            executors={"default": self._threads},
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin to tick; what Slack must say first is asked for until it has said it."""
        self._every(_SOON_SECONDS, self.prepare_digests)
        self._every(_UNKNOWN_SECONDS, self.look_up_unknown)
        self._every(TICK_SECONDS, self.ask_for_due_digests)
        self._every(TICK_SECONDS, self.do_nightly_work)
        self._scheduler.start()
        self._soon("learn", self._learn_or_try_again)

    def stop(self) -> None:
        """Stop ticking; a job that does not end soon ends with the process, and all of them can be repeated."""
        self._scheduler.shutdown(wait=False)
        self._threads.wait(_STOP_SECONDS)

    def compare_soon(self) -> None:
        """Have the cards compared: on every new connection, since events may have been missed before it."""
        self._soon("compare", self._compare_or_try_again)

    def learn(self) -> None:
        """Learn who we are, then people, groups and aliases, then compare the cards."""
        deps = self._deps
        deps.identity.learn(deps.reads, clock.now())
        directory.learn_aliases(deps)
        directory.check_channels(deps)
        self._compare()
        directory.learn_people(deps)
        directory.learn_groups(deps)

    def ask_for_due_digests(self) -> None:
        """Write the rows of digests whose hour has come, by Slack's clock."""
        was_away = self._deps.heartbeat.state not in {"ok", "unknown"}
        self._deps.heartbeat.beat()
        if was_away and self._deps.heartbeat.state == "ok":
            self.compare_soon()  # Slack gives up on events that found nobody.
        now = clock.now()
        with self._deps.sessions.reading() as session:
            due = digests.due_digests(session, now)
        for request in due:
            with self._deps.sessions.begin() as session:
                digests.request_digest(session, request, now)

    def prepare_digests(self) -> None:
        """Compare votes with Slack before a digest that was asked for, then have it posted."""
        with self._deps.sessions.reading() as session:
            requests = [digests.request_of(run) for run in digests.unprepared_runs(session)]
        if not requests:
            return
        self._freshen()
        for request in requests:
            with self._deps.sessions.begin() as session:
                digests.enqueue_run(session, request, clock.now())

    def look_up_unknown(self) -> None:
        """Learn what people are who voted before anybody knew them."""
        if self._deps.identity.is_known:
            directory.look_up_unknown(self._deps)

    def do_nightly_work(self) -> None:
        """Once a night, by one replica: learn everything again, compare, and keep house."""
        now = clock.now()
        local = now.astimezone(self._deps.settings.zone)
        if local.hour < _NIGHT_HOUR:
            return
        with self._deps.sessions.begin() as session:
            if not begin_job(session, "nightly", local.date().isoformat(), now):
                return
            inbox.forget_before(session, now - _INBOX_LIFE)
            outbox.forget_replies_before(session, now - _INBOX_LIFE)
        self._soon("learn", self._learn_or_try_again)

    def _learn_or_try_again(self) -> None:
        try:
            self.learn()
        except (SlackClientError, OSError) as error:
            log.warning("slack.not_learned", error=failure_of(error).error, remedy="cxidea doctor says what to do")
            self._soon("learn", self._learn_or_try_again, _AGAIN)
        except Exception:
            log.exception("job.failed", job="learn")
            self._soon("learn", self._learn_or_try_again, _AGAIN)

    def _compare_or_try_again(self) -> None:
        try:
            self._compare()
        except Exception:
            log.exception("job.failed", job="compare")
            self._soon("compare", self._compare_or_try_again, _AGAIN)

    def _freshen(self) -> None:
        """Do what a digest waits for; a digest goes out all the same when Slack does not answer."""
        for step in (
            lambda: self._compare(_DIGEST_COMPARING_SECONDS),
            lambda: directory.look_up_all(self._deps, _DIGEST_LOOKUP_SECONDS),
        ):
            self._guarded(step)()

    def _compare(self, seconds: float = 3600) -> None:
        if not self._deps.identity.is_known:
            return  # The first learning compares, as soon as Slack has said who we are.
        deadline = time.monotonic() + seconds
        if self._comparing.acquire(timeout=seconds):  # A long comparison under way must not hold a digest up.
            try:
                reconcile(self._deps, deadline - time.monotonic())
            finally:
                self._comparing.release()

    # The scheduler wakes by this machine's clock, whatever Slack's says.

    def _every(self, seconds: float, job: Callable[[], None]) -> None:
        self._scheduler.add_job(self._guarded(job), "interval", seconds=seconds, next_run_time=datetime.now(UTC))

    def _soon(self, name: str, job: Callable[[], None], delay: timedelta = timedelta(0)) -> None:
        # One may be under way, and what happened since its beginning asks for another.
        self._scheduler.add_job(
            job, id=name, replace_existing=True, next_run_time=datetime.now(UTC) + delay, max_instances=2
        )

    def _guarded(self, job: Callable[[], None]) -> Callable[[], None]:
        def guarded() -> None:
            try:
                job()
            except Exception:
                log.exception("job.failed", job=getattr(job, "__name__", "step"))

        return guarded
