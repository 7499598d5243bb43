"""What happens by the clock. Every replica ticks; rows in the database decide who does what, once."""

import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.base import BaseExecutor, run_job
from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler
from slack_sdk.errors import SlackClientError

from bot import clock, directory, inbox, outbox, rounds
from bot.company import SettingName
from bot.deps import Deps
from bot.outcomes import failure_of
from bot.pace import Pace
from bot.reconciliation import reconcile
from bot.services import digests
from bot.services.digests import DigestRequest
from bot.services.job_runs import begin_job

log = structlog.get_logger()

_GROUP_SECONDS = 600
_NIGHT_HOUR = 3
_STOP_SECONDS = 1
_AGAIN = timedelta(seconds=15)
_PEOPLE_SETTINGS = frozenset({SettingName.LEADERS, SettingName.ADMINS, SettingName.STAGE_OWNERS})
_CHANNEL_SETTINGS = frozenset({SettingName.IDEAS_CHANNEL, SettingName.DIGEST_CHANNELS})
_VOTE_SETTINGS = frozenset({SettingName.IDEAS_CHANNEL, SettingName.VOTE_REACTIONS})
"""Upon these, votes may have been missed or judged wrongly by replicas that did not know yet."""
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


class _Turn:
    """Has a piece of work done by one at a time, and not once more than is needed, however often it is asked for."""

    def __init__(self) -> None:
        self._working = threading.Lock()
        self._waiting = threading.Lock()

    def take(self, work: Callable[[], None]) -> None:
        """Do the work when nobody else does it any more, or leave it to whoever has yet to begin it."""
        if not self._waiting.acquire(blocking=False):
            return
        with self._working:
            self._waiting.release()
            work()


class Jobs:
    """The scheduler and its jobs; APScheduler is only a clock, and keeps nothing."""

    def __init__(self, deps: Deps, pace: Pace) -> None:
        self._deps = deps
        self._pace = pace
        self._comparing = threading.Lock()
        self._followed: Mapping[SettingName, datetime] = {}
        self._turns = {name: _Turn() for name in ("learn", "compare", "groups", "channels")}
        self._set_up_at: datetime | None = None
        self._threads = _ThreadForEach()
        self._scheduler = BackgroundScheduler(
            executors={"default": self._threads},
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self, set_up_at: datetime) -> None:
        """Begin to tick; what Slack must say first is asked for until it has said it.

        `set_up_at` is when the leadership channels were set up, by this machine's clock.
        """
        self._set_up_at = set_up_at
        self._followed = self._deps.book.moments
        pace = self._pace
        first = datetime.now(UTC)
        for seconds, jobs in (
            (pace.tick, (self.ask_for_due_digests, self.do_nightly_work, self.do_daily_work)),
            (pace.tick, (self.read_threads, self.show_counts, self.learn_teams)),
            (pace.soon, (self.follow_settings, self.prepare_digests, self.tell_voters, self.tell_readers)),
            (pace.unknown, (self.look_up_unknown,)),
            (_GROUP_SECONDS, (self.learn_groups,)),
        ):
            for job in jobs:
                self._every(seconds, job, first)
                first += timedelta(seconds=pace.apart)
        self._scheduler.start()
        self._soon("learn", self._learn_or_try_again)

    def stop(self) -> None:
        """Stop ticking; a job that does not end soon ends with the process, and all of them can be repeated."""
        self._scheduler.pause()
        self._scheduler.get_jobs()  # Comes back when none is looked at; stopped meanwhile, APScheduler would fail.
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
        rounds.take_from_the_gone(deps)

    def follow_settings(self) -> None:
        """Read the settings anew, and do what follows from those that somebody has saved, on whichever replica."""
        self._deps.book.refresh()
        before, self._followed = self._followed, self._deps.book.moments
        changed = {name for name, moment in self._followed.items() if before.get(name) != moment}
        if changed & _PEOPLE_SETTINGS:
            self._soon("groups", self._guarded(self.learn_groups))
        if changed & _CHANNEL_SETTINGS:
            self._soon("channels", self._guarded(self.check_channels))
        if SettingName.BLIND_VOTES in changed:
            rounds.show_young_cards(self._deps)
        if changed & _VOTE_SETTINGS:
            self.compare_soon()

    def learn_groups(self) -> None:
        """Learn who is in the user groups on which rights depend."""
        self._ask_slack(directory.learn_groups)

    def learn_teams(self) -> None:
        """Learn of some people which team they are of."""
        self._ask_slack(directory.learn_teams)

    def check_channels(self) -> None:
        """Find out which channels take nothing from the bot, and have the admins told."""
        self._ask_slack(directory.check_channels)

    def ask_for_due_digests(self) -> None:
        """Write the rows of digests whose hour has come, or has passed too long ago, by Slack's clock."""
        was_away = self._deps.heartbeat.state not in {"ok", "unknown"}
        self._deps.heartbeat.beat()
        if was_away and self._deps.heartbeat.state == "ok":
            self.compare_soon()  # Slack gives up on events that found nobody.
        if not clock.is_slacks():
            return  # What a wrong clock asks for, or skips, cannot be taken back.
        now = clock.now()
        self._confirm_set_up(now)
        with self._deps.sessions.reading() as session:
            found = digests.open_digests(session, now)
        for request in found.due:
            with self._deps.sessions.begin() as session:
                digests.request_digest(session, request, now)
        for request in found.missed:
            self._skip(request, now)

    def prepare_digests(self) -> None:
        """Compare votes with Slack before a digest that was asked for, then have it posted."""
        with self._deps.sessions.reading() as session:
            requests = [digests.request_of(run) for run in digests.unprepared_runs(session)]
        if not requests:
            return
        self._freshen()
        for request in requests:
            rounds.prepare_digest(self._deps, request)

    def look_up_unknown(self) -> None:
        """Learn what people are who voted before anybody knew them."""
        if self._deps.identity.is_known:
            directory.look_up_unknown(self._deps)

    def do_nightly_work(self) -> None:
        """Once a night, by one replica: learn everything again, compare, and keep house."""
        now = clock.now()
        local = now.astimezone(self._deps.company.zone)
        if local.hour < _NIGHT_HOUR:
            return
        with self._deps.sessions.begin() as session:
            if not begin_job(session, "nightly", local.date().isoformat(), now):
                return
            inbox.forget_before(session, now - _INBOX_LIFE)
            outbox.forget_before(session, now - _INBOX_LIFE)
        self._soon("learn", self._learn_or_try_again)

    def tell_voters(self) -> None:
        """Write down who is told of answers; delivery writes to them."""
        rounds.tell_voters(self._deps)

    def tell_readers(self) -> None:
        """Write down who gets a digest in a direct message; delivery writes to them."""
        rounds.tell_readers(self._deps)

    def show_counts(self) -> None:
        """Have cards that hid their count in blind mode show it when their day is over."""
        rounds.show_counts(self._deps)

    def do_daily_work(self) -> None:
        """Bring parked ideas back, remind owners, and ask for next ideas, once a day each."""
        rounds.do_daily_work(self._deps)

    def read_threads(self) -> None:
        """Each night, look for authors' questions that found no reply, a few threads at a time."""
        if self._deps.identity.is_known:
            rounds.read_threads(self._deps)

    def _confirm_set_up(self, now: datetime) -> None:
        guessed_at, self._set_up_at = self._set_up_at, None
        if guessed_at is not None:
            with self._deps.sessions.begin() as session:
                digests.confirm_set_up(session, guessed_at, now)

    def _skip(self, request: DigestRequest, now: datetime) -> None:
        with self._deps.sessions.begin() as session:
            is_ours = digests.skip_digest(session, request, now)
        if is_ours:
            remedy = f"cxidea digest --post --week {request.week} posts it all the same"
            self._deps.metrics.digest_skipped()
            log.warning("digest.skipped", channel=request.channel_id, week=request.week, remedy=remedy)

    def _learn_or_try_again(self) -> None:
        began = time.monotonic()
        try:
            self.learn()
        except (SlackClientError, OSError) as error:
            log.warning("slack.not_learned", error=failure_of(error).error, remedy="cxidea doctor says what to do")
            self._soon("learn", self._learn_or_try_again, _AGAIN)
        except Exception as error:  # noqa: BLE001  # logged there
            self._tell("learn", error, began)
            self._soon("learn", self._learn_or_try_again, _AGAIN)

    def _ask_slack(self, question: Callable[[Deps], None]) -> None:
        if not self._deps.identity.is_known:
            return  # The first learning asks it, as soon as Slack has said who we are.
        try:
            question(self._deps)
        except (SlackClientError, OSError) as error:
            log.warning("slack.not_learned", error=failure_of(error).error, remedy="cxidea doctor says what to do")

    def _compare_or_try_again(self) -> None:
        began = time.monotonic()
        try:
            self._compare()
        except Exception as error:  # noqa: BLE001  # logged there
            self._tell("compare", error, began)
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

    def _every(self, seconds: float, job: Callable[[], None], first: datetime) -> None:
        self._scheduler.add_job(self._guarded(job), "interval", id=job.__name__, seconds=seconds, next_run_time=first)

    def _soon(self, name: str, job: Callable[[], None], delay: timedelta = timedelta(0)) -> None:
        # One may be under way, and what happened since its beginning asks for another.
        def in_turn() -> None:
            self._turns[name].take(lambda: job() if self._scheduler.running else None)

        at = datetime.now(UTC) + delay
        self._scheduler.add_job(in_turn, id=name, replace_existing=True, next_run_time=at, max_instances=sys.maxsize)

    def _guarded(self, job: Callable[[], None]) -> Callable[[], None]:
        def guarded() -> None:
            self._deps.traffic.give_way()
            began = time.monotonic()
            try:
                job()
            except Exception as error:  # noqa: BLE001  # logged there
                self._tell(getattr(job, "__name__", "step"), error, began)
            else:
                self._deps.database.worked()

        return guarded

    def _tell(self, job: str, error: Exception, began: float) -> None:
        if not self._deps.database.failed(error, began):
            log.error("job.failed", job=job, exc_info=error)
