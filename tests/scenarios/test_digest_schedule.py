"""The weekly digest: due once in each week, late rather than lost, and with the right figures in it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, update

from bot import clock
from bot.digest_command import post, wanted_digests
from bot.rounds import prepare_digest
from bot.services.calendar import Week
from bot.services.digest_facts import read_digest
from bot.services.digests import DigestRequest, request_digest
from db.digest_models import DigestChannel, DigestRun
from db.digests import DigestFacts
from db.models import Idea, Vote
from db.types import Edition
from sandbox.people import DIGEST_CHANNEL
from sandbox.server import running_sandbox
from tests import oracle
from tests.bot import AGENT, GUARD, LEADER, World, running_bot, running_world, wait_until, words
from tests.db.test_vote_concurrency import at_once


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a migrated SQLite file."""
    return str(request.getfixturevalue("_fresh_sqlite"))


def monday(world: World) -> datetime:
    """Return nine o'clock of the next Monday, by the workspace's clock."""
    now = world.sandbox.workspace.clock.moment()
    day = (now + timedelta(days=7 - now.weekday())).date()
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def tick(world: World) -> None:
    """Let the bot look at the clock, and what is due be posted."""
    jobs = world.runtime._jobs
    jobs.ask_for_due_digests()
    jobs.prepare_digests()
    world.settle()


def digests(world: World) -> list[str]:
    """Return the digests in the leadership channel, as text."""
    return [words(message) for message in world.cards(DIGEST_CHANNEL)]


def test_due_at_its_hour_once(database_url: str) -> None:
    """A minute before the hour nothing is posted, at the hour one digest is, and none a second time."""
    with running_world(database_url, "http") as world:
        due = monday(world)
        for moment, expected in (
            (due - timedelta(minutes=1), 0),
            (due + timedelta(seconds=10), 1),
            (due + timedelta(hours=5), 1),
        ):
            world.sandbox.control("jump_to", time=moment.isoformat())
            tick(world)
            assert len(digests(world)) == expected
        assert "late" not in digests(world)[0]
        assert f"week {Week.containing(due, UTC).before.first_day.isocalendar().week}" in digests(world)[0]
        world.sandbox.control("advance", seconds=7 * 86_400)
        tick(world)
        assert len(digests(world)) == 2


def test_a_new_channel_expects_nothing_old(sqlite_world: World) -> None:
    """Just set up on any day of the week, a channel gets no digest of the time before, and misses none."""
    world = sqlite_world
    world.write(update(DigestChannel).values(weekday=(world.sandbox.workspace.clock.moment().weekday() - 1) % 7))
    tick(world)
    assert digests(world) == []
    assert world._rows(select(DigestRun.week)) == []


@pytest.mark.parametrize(("hours_late", "expected"), [(71, 1), (73, 0)])
def test_late_up_to_three_days(sqlite_url: str, hours_late: int, expected: int) -> None:
    """A bot that was down at the hour posts on its return, and says so; after three days it waits for the next."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, sqlite_url, "http") as world:
            due = monday(world)
        sandbox.control("jump_to", time=(due + timedelta(hours=hours_late)).isoformat())
        with running_bot(sandbox, sqlite_url, "http") as again:
            tick(again)
            tick(again)
            assert len(digests(again)) == expected
            assert sum("This digest is late" in text for text in digests(again)) == expected


def test_a_skipped_digest_is_said(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """After weeks of being down, the log names each digest that is not sent, once, and the next digest names them."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, sqlite_url, "http") as world:
            due = monday(world)
        sandbox.control("jump_to", time=(due + timedelta(days=7, hours=73)).isoformat())
        for _ in range(2):
            with running_bot(sandbox, sqlite_url, "http") as world:
                tick(world)
                assert digests(world) == []
        with running_bot(sandbox, sqlite_url, "http") as world:
            sandbox.control("jump_to", time=(due + timedelta(days=14, seconds=5)).isoformat())
            tick(world)
            (text,) = digests(world)
    weeks = [Week.containing(due, UTC).before, Week.containing(due, UTC)]
    numbers = " and ".join(str(week.first_day.isocalendar().week) for week in weeks)
    assert f"The digests of weeks {numbers} were not sent, because cxidea was not running." in text
    assert "late" not in text
    said = [line for line in caplog.messages if "digest.skipped" in line]
    assert [week.name in line and DIGEST_CHANNEL in line for week, line in zip(weeks, said, strict=True)] == [
        True,
        True,
    ]


def test_a_skipped_digest_can_be_posted_by_hand(sqlite_url: str) -> None:
    """`digest --post --week` posts one that was skipped, once; then the next one says nothing of it."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, sqlite_url, "http") as world:
            due = monday(world)
        sandbox.control("jump_to", time=(due + timedelta(hours=73)).isoformat())
        with running_bot(sandbox, sqlite_url, "http") as world:
            tick(world)
            week = Week.containing(due, UTC).before.name
            for outcome in ("posted", "already posted"):
                wanted = wanted_digests(world.runtime.deps, week, None)
                ((is_there, line),) = post(world.settings, world.runtime.deps.sessions, wanted)
                assert is_there
                assert line.startswith(f"{outcome} {DIGEST_CHANNEL} {week} ")
            sandbox.control("jump_to", time=(due + timedelta(days=7, seconds=5)).isoformat())
            tick(world)
            oracle.check(sandbox, sqlite_url, weeks={DIGEST_CHANNEL: [week, Week.containing(due, UTC).name]})
            assert "not sent" not in digests(world)[-1]


def test_another_schedule_skips_nothing(sqlite_url: str) -> None:
    """Moved on a Thursday from Friday to the Monday before, the digest that was to come tomorrow comes at once."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, sqlite_url, "http", cx_digest_at="fri 17:00") as world:
            thursday = monday(world) + timedelta(days=10, hours=3)
        for moment in (thursday - timedelta(days=5, hours=18), thursday):
            sandbox.control("jump_to", time=moment.isoformat())
            with running_bot(sandbox, sqlite_url, "http", cx_digest_at="fri 17:00") as world:
                tick(world)
        with running_bot(sandbox, sqlite_url, "http", cx_digest_at="mon 09:00") as world:
            tick(world)
            names = [Week.containing(thursday, UTC).before.before.name, Week.containing(thursday, UTC).before.name]
            oracle.check(sandbox, sqlite_url, weeks={DIGEST_CHANNEL: names})
            assert "late" not in digests(world)[-1]


@pytest.mark.parametrize(("days_ahead", "minutes_to_slot", "expected"), [(-1, 30, 1), (1, -30, 0)])
def test_a_machine_whose_clock_is_off_sets_channels_up_by_slacks(
    sqlite_url: str, days_ahead: int, minutes_to_slot: int, expected: int
) -> None:
    """Set up half an hour before a slot of Slack's clock, or after it: that one is expected, or is not."""
    with running_sandbox() as sandbox:
        sandbox.call(lambda: sandbox.workspace.clock.turn_back(-days_ahead * 86_400))
        slot = sandbox.workspace.clock.moment() + timedelta(minutes=minutes_to_slot)
        with running_bot(sandbox, sqlite_url, "http", cx_digest_at=f"{slot:%a %H:%M}".lower()) as world:
            tick(world)
            sandbox.control("advance", seconds=3600)
            tick(world)
            assert len(digests(world)) == expected


def test_without_slacks_time_nothing_is_asked_for(sqlite_url: str) -> None:
    """A bot that cannot reach Slack asks for no digest by its own clock, which may be wrong, and skips none."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, sqlite_url, "http") as world:
            world.write(update(DigestChannel).values(since=datetime.now(UTC) - timedelta(days=28)))
        clock.reset()
        sandbox.control("fault", target="*", kind="status", count=0)
        with running_bot(sandbox, sqlite_url, "http") as world:
            world.runtime._jobs.ask_for_due_digests()
            with world.runtime.deps.sessions.reading() as session:
                assert session.scalar(select(func.count()).select_from(DigestRun)) == 0
            sandbox.control("clear_faults")
            world.runtime._jobs.ask_for_due_digests()
            with world.runtime.deps.sessions.reading() as session:
                assert session.scalar(select(func.count()).select_from(DigestRun)) == 4


def test_a_restart_doubles_nothing(sqlite_url: str) -> None:
    """Started again in the hour of the digest, before and after its posting, the bot posts it once."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, sqlite_url, "http") as world:
            tick(world)
            sandbox.control("jump_to", time=(monday(world) + timedelta(seconds=5)).isoformat())
            tick(world)
        for _ in range(2):
            with running_bot(sandbox, sqlite_url, "http") as again:
                tick(again)
                assert len(digests(again)) == 1


def test_other_hours_and_zones(sqlite_url: str) -> None:
    """CX_DIGEST_AT and CX_TIMEZONE say when: Friday at five in Auckland is Friday morning in UTC."""
    with running_world(sqlite_url, "http", cx_digest_at="fri 17:00", cx_timezone="Pacific/Auckland") as world:
        zone = ZoneInfo("Pacific/Auckland")
        local = world.sandbox.workspace.clock.moment().astimezone(zone)
        friday = (local + timedelta(days=(4 - local.weekday()) % 7 + 7)).date()
        due = datetime(friday.year, friday.month, friday.day, 17, tzinfo=zone)
        for moment, expected in ((due - timedelta(minutes=1), 0), (due + timedelta(minutes=1), 1)):
            world.sandbox.control("jump_to", time=moment.isoformat())
            tick(world)
            assert len(digests(world)) == expected


def test_a_digest_waits_for_lost_votes(sqlite_world: World) -> None:
    """Before a digest the cards are compared with Slack: a vote whose event was lost is in it."""
    world = sqlite_world
    ts = world.file(GUARD, "Let customers reschedule deliveries online")
    world.sandbox.control("fault", target="reaction_added", kind="lose")
    world.react(AGENT, ts)
    world.press(LEADER, world.command(LEADER, "digest")["ephemeral"], "digest.post")
    tick(world)
    assert "1 vote" in digests(world)[0]


def test_a_digest_goes_out_though_slack_lists_nothing(sqlite_world: World) -> None:
    """When the comparison fails, the digest is posted all the same."""
    world = sqlite_world
    world.file(GUARD, "Let customers reschedule deliveries online")
    tick(world)
    world.sandbox.control("fault", target="conversations.history", kind="error", error="fatal_error", count=0)
    world.sandbox.control("jump_to", time=(monday(world) + timedelta(seconds=5)).isoformat())
    tick(world)
    assert len(digests(world)) == 1


def test_the_figures(database_url: str) -> None:
    """Ideas, votes, people, stages, first-time authors and top ideas are what a plain count of the rows says."""
    with running_world(database_url, "http") as world:
        world.settle()
        week = Week.named("2026-W40", UTC)
        world.write(delete(Vote))
        _history(world, week)
        with world.runtime.deps.sessions.reading() as session:
            request = DigestRequest(DIGEST_CHANNEL, week.name, Edition.REGULAR, "UTC")
            facts = read_digest(session, request, world.runtime.deps.rules, 100, week.end + timedelta(hours=9))
            ideas = [idea for idea in session.scalars(select(Idea)) if idea.status != "withdrawn"]
            votes = [vote for vote in session.scalars(select(Vote)) if vote.counts]
        kept = {idea.id: idea for idea in ideas}
        votes = [vote for vote in votes if vote.idea_id in kept]
        for numbers, (start, end) in (
            (facts.numbers, (week.start, week.end)),
            (facts.previous, (week.before.start, week.start)),
        ):
            filed = [idea for idea in ideas if start <= idea.created_at < end]
            voted = [vote for vote in votes if start <= vote.voted_at < end]
            people = {idea.author_id for idea in filed} | {vote.user_id for vote in voted}
            assert (numbers.ideas, numbers.votes, numbers.participants) == (len(filed), len(voted), len(people))
        new = [idea for idea in ideas if week.start <= idea.created_at < week.end]
        check_charts(facts, week, new)
        earlier = {idea.author_id for idea in ideas if idea.created_at < week.start}
        assert set(facts.first_time_authors) == {idea.author_id for idea in new} - earlier
        counts = Counter(vote.idea_id for vote in votes if week.start <= vote.voted_at < week.end)
        assert len(facts.movers) == min(5, len(counts))
        for mover in facts.movers:
            assert (mover.votes_in_period, mover.votes) == (counts[mover.idea_id], kept[mover.idea_id].votes)
        waiting = [idea for idea in ideas if idea.created_at < week.end]
        assert (facts.waiting.total, facts.waiting.overdue) == (
            len(waiting),
            sum(idea.answer_due_at < week.end for idea in waiting),
        )


def check_charts(facts: DigestFacts, week: Week, new: list[Idea]) -> None:
    """Assert that the charts show the new ideas by stage, and the week and the one before as the numbers have them."""
    names = {"buy": "Buy", "use": "Use", None: None}
    by_stage = Counter(names[idea.stage] for idea in new)
    assert {each.stage: each.ideas for each in facts.stage_counts if each.ideas} == by_stage
    assert [(each.first_day, each.ideas, each.votes) for each in facts.weeks[-2:]] == [
        (week.before.first_day, facts.previous.ideas, facts.previous.votes),
        (week.first_day, facts.numbers.ideas, facts.numbers.votes),
    ]


def _history(world: World, week: Week) -> None:
    """Fill the weeks around one with ideas and votes, at their very edges too."""
    moments = [
        week.before.start,
        week.start - timedelta(microseconds=1),
        week.start,
        week.start + timedelta(days=3),
        week.end - timedelta(microseconds=1),
        week.end,
    ]
    with world.runtime.deps.sessions.begin() as session:
        for number in range(24):
            at = moments[number % 6]
            values: dict[str, Any] = {"title": f"Idea {number}", "search_text": "", "author_id": f"UA{number % 5}"}
            idea = Idea(**values, created_at=at, answer_due_at=at, stage=["buy", "use", None][number % 3])
            idea.status = "withdrawn" if number % 11 == 7 else "new"
            session.add(idea)
            session.flush()
            for voter in range((number * 7) % 5):
                when = moments[(number + voter) % 6]
                vote = {"idea_id": idea.id, "user_id": f"UV{voter}", "counts": voter != 3, "by_reaction": True}
                session.add(Vote(**vote, voted_at=when))
            counting = select(func.count()).where(Vote.idea_id == idea.id, Vote.counts)
            session.flush()
            idea.votes = session.scalar(counting) or 0


def test_six_replicas_at_the_same_hour(database_url: str) -> None:
    """Several bots on one database look at the clock at the same moment: one run, one digest."""
    with running_world(database_url, "http") as world:
        tick(world)
        world.sandbox.control("jump_to", time=(monday(world) + timedelta(seconds=5)).isoformat())
        world.runtime.deps.heartbeat.beat()
        at_once([world.runtime._jobs.ask_for_due_digests] * 6, 6)
        tick(world)
        wait_until(lambda: digests(world))
        assert len(digests(world)) == 1
        with world.runtime.deps.sessions.reading() as session:
            assert session.scalar(select(func.count()).select_from(DigestRun)) == 1


def test_a_past_week_does_not_know_of_later_ideas(sqlite_world: World) -> None:
    """An idea filed after a week has not waited in it; its own week says that it waits."""
    sqlite_world.file(GUARD, "Let customers reschedule deliveries online")
    running = Week.containing(datetime.now(UTC), UTC)
    with sqlite_world.runtime.deps.sessions.reading() as session:
        for week, waits in ((running.before, False), (running, True)):
            request = DigestRequest(DIGEST_CHANNEL, week.name, Edition.REGULAR, "UTC")
            facts = read_digest(session, request, sqlite_world.runtime.deps.rules, 100, datetime.now(UTC))
            assert (facts.waiting.total == 1) is waits


def test_six_replicas_send_the_same_digest(database_url: str) -> None:
    """Asked for once and prepared by six at the same moment, a digest is written down once, and none of them fails."""
    with running_world(database_url, "http") as world:
        deps, now = world.runtime.deps, world.sandbox.workspace.clock.moment()
        world.react(AGENT, world.file(GUARD, "Let customers reschedule deliveries online"))
        world.settle()
        for back in range(20):
            week = Week.containing(now - timedelta(weeks=back), UTC)
            edition = Edition.REGULAR if back else Edition.SO_FAR
            request = DigestRequest(DIGEST_CHANNEL, week.name, edition, "UTC")
            with deps.sessions.begin() as session:
                request_digest(session, request, now)
            at_once([partial(prepare_digest, deps, request)] * 6, 6)
        world.settle()
        assert len(digests(world)) == 20
