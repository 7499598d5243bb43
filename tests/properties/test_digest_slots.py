"""The digest's slots as a state machine: whatever the clocks, the settings and the bot do, each week has one digest.

The model knows only dates, and what a person would say: it looks for each week's slot day by day.
"""

import itertools
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import delete, select

from bot.services import digests
from bot.services.digests import Schedule
from db.base import Base
from db.digest_models import DigestChannel, DigestRun
from db.models import OutboxMessage
from db.session import Sessions, open_database
from tests.effort import examples

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
RESTLESS = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Chatham"]
CHANNELS = ["C1", "C2"]
DAY = timedelta(days=1)

schedules = st.builds(
    Schedule,
    st.integers(0, 6),
    st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59])),
    st.sampled_from(ZONES) | st.sampled_from(RESTLESS),
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # zone beside
skews = st.sampled_from([0, 0, 3600, -3600, 90, -90]).map(lambda seconds: timedelta(seconds=seconds))
some_channels = st.sampled_from([["C1"], ["C1", "C2"], ["C2"]])
in_memory = Path("/dev/shm")  # noqa: S108  # where there is one: each example writes some hundred times
folder = tempfile.TemporaryDirectory(dir=in_memory if in_memory.is_dir() else None)


def fresh_database() -> Sessions:
    """Return the one database of this run, with nothing in it."""
    sessions = open_database(f"sqlite:///{Path(folder.name) / 'digests.db'}")
    Base.metadata.create_all(sessions.engine)
    with sessions.begin() as session:
        for table in (OutboxMessage, DigestRun, DigestChannel):
            session.execute(delete(table))
    return sessions


def slots_between(schedule: Schedule, start: datetime, end: datetime) -> dict[str, datetime]:
    """Return the moments at which a digest is due, from `start` to `end`, by the week that it covers."""
    found = {}
    day = start.date() - 3 * DAY
    while day.weekday() != schedule.weekday:
        day += DAY
    while day <= end.date() + 3 * DAY:
        slot = datetime.combine(day, time.fromisoformat(schedule.hour_minute), ZoneInfo(schedule.timezone))
        if start <= slot.astimezone(UTC) <= end:
            found[name_of_week(day - 7 * DAY)] = slot.astimezone(UTC)
        day += 7 * DAY
    return found


def name_of_week(day: date) -> str:
    """Return the ISO name of the week in which a day lies."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


@dataclass
class Expected:
    """What is expected of a channel: from which slot on, and since when its schedule holds."""

    first: str
    since: datetime


class Digests(RuleBasedStateMachine):
    """Two leadership channels, a workspace's clock, and replicas that come, go, and look at it."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions = fresh_database()
        self.expected: dict[str, Expected] = {}
        self.rows: dict[tuple[str, str], tuple[bool, bool]] = {}
        self.unconfirmed: set[str] = set()

    def teardown(self) -> None:
        """Look once more, and clean up."""
        self.tick()
        self.every_week_has_its_row()
        self.sessions.dispose()

    @initialize(now=moments, schedule=schedules, skew=skews)
    def set_up(self, now: datetime, schedule: Schedule, skew: timedelta) -> None:
        """The bot is started for the first time, with one leadership channel."""
        self.now, self.schedule = now, schedule
        self.start(["C1"], schedule, skew, is_slack_away=False)

    def start(self, channels: list[str], schedule: Schedule, skew: timedelta, *, is_slack_away: bool) -> None:
        """Start the bot on a machine whose clock is off; it hears Slack's time at its first look, if Slack answers."""
        guess = self.now + skew
        with self.sessions.begin() as session:
            digests.set_channels(session, channels, schedule, guess)
        new = {each: Expected("", guess) for each in channels if each not in self.expected}
        if schedule != self.schedule:
            for kept in self.expected.values():
                kept.since = guess
        self.schedule = schedule
        self.expected = {each: (self.expected | new)[each] for each in channels}
        if not is_slack_away:
            with self.sessions.begin() as session:
                digests.confirm_set_up(session, guess, self.now)
            for begun in new.values():
                begun.since = self.now
        for begun in new.values():
            since = begun.since
            begun.first = next(iter(slots_between(schedule, since, since + 9 * DAY)))
        if not is_slack_away:
            self.tick()

    def tick(self, replicas: int = 1) -> None:
        """Let replicas look at the clock at the same time: all have looked before the first one writes."""
        with self.sessions.reading() as session:
            found = digests.open_digests(session, self.now)
        done = []
        for _ in range(replicas):
            for request in found.due:
                with self.sessions.begin() as session:
                    done.append(digests.request_digest(session, request, self.now))
            for request in found.missed:
                with self.sessions.begin() as session:
                    done.append(digests.skip_digest(session, request, self.now))
        assert sum(done) == len(found.due) + len(found.missed)
        for channel_id, expected in self.expected.items():
            self.foresee(channel_id, expected)
        self.post()

    def foresee(self, channel_id: str, expected: Expected) -> None:
        """Write down what must become of each week that is due by now."""
        slots = slots_between(self.schedule, self.now - 400 * DAY, self.now)
        *_, newest = slots
        for week, slot in slots.items():
            if week < expected.first or (channel_id, week) in self.rows:
                continue
            late = self.now - (max(slot, expected.since) if week == newest else slot)
            is_skipped = late > timedelta(hours=72) or week != newest
            self.rows[channel_id, week] = (is_skipped, is_skipped or late > timedelta(minutes=15))

    def post(self) -> None:
        """Hand over to delivery what is wanted."""
        with self.sessions.begin() as session:
            for run in digests.unprepared_runs(session):
                digests.enqueue_run(session, digests.request_of(run), self.now)

    @rule(hours=st.integers(1, 24 * 14), replicas=st.integers(1, 3))
    def the_bot_runs(self, hours: int, replicas: int) -> None:
        """While a bot runs, it looks at the clock before, at and after each slot: it skips nothing."""
        self.tick(replicas)
        before = sum(is_skipped for is_skipped, _ in self.rows.values())
        end = self.now + timedelta(hours=hours)
        for slot in slots_between(self.schedule, self.now, end).values():
            for seconds in (-1, 0, 10):
                self.now = max(self.now, slot + timedelta(seconds=seconds))
                self.tick(replicas)
        self.now = max(self.now, end)
        self.tick(replicas)
        assert sum(is_skipped for is_skipped, _ in self.rows.values()) == before

    @rule(hours=st.integers(0, 120) | st.integers(0, 24 * 50), skew=skews, is_slack_away=st.booleans())
    def the_bot_is_down(self, hours: int, skew: timedelta, is_slack_away: bool) -> None:  # noqa: FBT001  # Hypothesis
        """A bot is down for a while, and comes back on a machine whose clock may be off."""
        self.now += timedelta(hours=hours)
        self.start(list(self.expected), self.schedule, skew, is_slack_away=is_slack_away)

    @rule(seconds=st.integers(-2, 2))
    def down_until_a_slot(self, seconds: int) -> None:
        """A bot comes back in the very second of a slot, just before or just after it."""
        slot = next(iter(slots_between(self.schedule, self.now + timedelta(seconds=3), self.now + 9 * DAY).values()))
        self.now = slot + timedelta(seconds=seconds)
        self.start(list(self.expected), self.schedule, timedelta(0), is_slack_away=False)

    @rule(schedule=schedules, hours=st.integers(0, 168), days_back=st.integers(0, 6), skew=skews)
    def another_schedule(self, schedule: Schedule, hours: int, days_back: int, skew: timedelta) -> None:
        """Some time after a slot, the settings name another moment: often one that has just passed, or is near."""
        self.the_bot_runs(hours, 1)
        weekday = (self.now - days_back * DAY).weekday()
        self.start(list(self.expected), replace(schedule, weekday=weekday), skew, is_slack_away=False)

    @rule(zone=st.sampled_from(ZONES) | st.sampled_from(RESTLESS), skew=skews)
    def another_zone(self, zone: str, skew: timedelta) -> None:
        """The settings name another time zone."""
        self.start(list(self.expected), replace(self.schedule, timezone=zone), skew, is_slack_away=False)

    @rule(channels=some_channels)
    def other_channels(self, channels: list[str]) -> None:
        """The settings name other leadership channels."""
        self.start(channels, self.schedule, timedelta(0), is_slack_away=False)

    @rule(hours=st.integers(-3, 3) | st.integers(0, 24 * 12))
    def slacks_clock_jumps(self, hours: int) -> None:
        """Slack's clock, or this machine's on the way to it, jumps while the bot runs."""
        self.now += timedelta(hours=hours)
        self.tick()

    @rule(choice=st.integers(0, 1000))
    def somebody_posts_a_skipped_one(self, choice: int) -> None:
        """A digest that was skipped is posted by hand; asked for again, it is there already."""
        skipped = sorted(place for place, (is_skipped, _) in self.rows.items() if is_skipped)
        if not skipped:
            return
        channel_id, week = skipped[choice % len(skipped)]
        request = digests.request_for(channel_id, self.schedule, self.now + 7 * DAY, week)
        for is_new in (True, False):
            with self.sessions.begin() as session:
                assert digests.request_digest(session, request, self.now) is is_new
        self.rows[channel_id, week] = (False, False)
        self.post()

    @invariant()
    def every_week_has_its_row(self) -> None:
        """What is written down is what must be; each digest that is wanted is one message, a skipped one is none."""
        with self.sessions.reading() as session:
            runs = list(session.scalars(select(DigestRun)))
            keys = sorted(session.scalars(select(OutboxMessage.key)))
        written = {(run.channel_id, run.week): (run.skipped_at is not None, run.is_late) for run in runs}
        assert written == self.rows
        assert len(written) == len(runs)
        assert keys == sorted(f"digest:{run.channel_id}:{run.week}" for run in runs if run.skipped_at is None)

    @invariant()
    def weeks_follow_each_other(self) -> None:
        """From the first week that was expected of a channel, one follows the other without a gap."""
        for channel_id, expected in self.expected.items():
            weeks = sorted(week for channel, week in self.rows if channel == channel_id and week >= expected.first)
            mondays = [date.fromisocalendar(int(week[:4]), int(week[6:]), 1) for week in weeks]
            assert all(after - before == 7 * DAY for before, after in itertools.pairwise(mondays))
            assert not weeks or weeks[0] == expected.first


TestDigests: Any = Digests.TestCase
TestDigests.settings = settings(
    phases=set(Phase) - {Phase.explain},  # It traces every line, for minutes.
    max_examples=examples(25),
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
