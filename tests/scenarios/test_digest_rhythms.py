"""Channels have rhythms of their own: a monthly digest for the board, in the language of its dates."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from db.digest_models import DigestChannel, DigestRun
from sandbox.people import BOT_USER_ID, DIGEST_CHANNEL
from tests.bot import ADMIN, AGENT, CLERK, GUARD, LEADER, World, wait_until, words
from tests.commands import name_settings, run_cxidea
from tests.scenarios.test_digest_command import said
from tests.scenarios.test_digest_schedule import monday, tick
from tests.scenarios.test_settings import GENERAL, overview, saved

BERLIN = ZoneInfo("Europe/Berlin")
LINE = "Let customers reschedule deliveries online"


@pytest.fixture
def board(sqlite_world: World) -> World:
    """Return a world whose general channel gets the digest each month, on its first Tuesday at eight."""
    members = sqlite_world.sandbox.workspace.channels[GENERAL].members
    sqlite_world.sandbox.call(partial(members.append, BOT_USER_ID))
    saved(sqlite_world, "digest/", channel=GENERAL, rhythm="monthly", weekday="1", time="08:00", zone="Europe/Berlin")
    return sqlite_world


def jump(world: World, moment: datetime) -> None:
    """Let a moment come, and the bot look at its clock."""
    world.sandbox.control("jump_to", time=moment.isoformat())
    tick(world)


def here(world: World) -> datetime:
    """Return what time it is where the board is."""
    return world.sandbox.workspace.clock.moment().astimezone(BERLIN)


def board_digests(world: World) -> list[dict[str, Any]]:
    """Return the digests that stand in the board's channel, as admins see it."""
    return [message for message in world.cards(GENERAL, ADMIN) if message.get("blocks")]


def first_tuesdays(world: World) -> tuple[datetime, datetime, str]:
    """Return the next two first Tuesdays of months, at eight o'clock UTC, and which month is before the first."""
    now = world.sandbox.workspace.clock.moment()
    months = [(now.year + (now.month + ahead - 1) // 12, (now.month + ahead - 1) % 12 + 1) for ahead in (0, 1, 2)]
    days = [
        next(day for day in (datetime(year, month, date, 8, tzinfo=UTC) for date in range(1, 8)) if day.weekday() == 1)
        for year, month in months
    ]
    first, second = [day for day in days if day > now][:2]
    before = (first.year - (first.month == 1), (first.month - 2) % 12 + 1)
    return first, second, f"{before[0]}-M{before[1]:02}"


def test_a_board_gets_each_month_s_digest_once(board: World) -> None:
    """On the first such day of a month the month before is told of, once; the weekly channel goes on by weeks."""
    board.react(AGENT, board.file(GUARD, LINE))
    first, second, month = first_tuesdays(board)
    jump(board, first)
    tick(board)
    (digest,) = board_digests(board)
    assert f"Customer ideas · {datetime.strptime(month, '%Y-M%m').replace(tzinfo=UTC):%B %Y}" in words(digest)
    runs = board._rows(select(DigestRun.week).where(DigestRun.channel_id == GENERAL))
    assert runs == [(month,)]
    jump(board, second)
    assert len(board_digests(board)) == 2
    weekly = board._rows(select(DigestRun.week).where(DigestRun.channel_id == DIGEST_CHANNEL))
    assert all("-W" in week for (week,) in weekly)


def test_another_rhythm_expects_nothing_old(board: World) -> None:
    """A channel that changes to weeks gets the first digest that is due after that, and no month any more."""
    first, _, _ = first_tuesdays(board)
    saved(board, f"digest/{GENERAL}", rhythm="weekly", weekday="1", time="08:00", zone="Europe/Berlin")
    jump(board, first)
    (digest,) = board_digests(board)
    assert "Customer ideas · week " in words(digest)
    assert "not sent" not in words(digest)


def test_the_overview_and_the_form_say_the_rhythm(board: World) -> None:
    """What was chosen stands in the overview."""
    saved(board, f"digest/{DIGEST_CHANNEL}", language="de")
    said_of = overview(board)
    assert f"Digest in <#{GENERAL}>: each month’s first Tuesday 08:00 (Europe/Berlin), all stages" in said_of
    assert f"Digest in <#{DIGEST_CHANNEL}>: Monday 09:00 (UTC), all stages, dates in de" in said_of


@pytest.mark.parametrize(("typed", "kept"), [("pt-BR", "pt_BR"), ("de", "de"), ("", None)])
def test_a_language_of_dates_is_kept_or_refused(board: World, typed: str, kept: str | None) -> None:
    """A language that is known holds from then on; another one is refused with what to write."""
    saved(board, f"digest/{GENERAL}", language="fr")
    refused = saved(board, f"digest/{GENERAL}", language="klingon")
    assert "Write its code, like de, fr or pt-BR." in str(refused)
    saved(board, f"digest/{GENERAL}", language=typed)
    assert board._rows(select(DigestChannel.language).where(DigestChannel.channel_id == GENERAL)) == [(kept,)]


def test_a_preview_turns_to_the_month_and_back(board: World) -> None:
    """A leader looks at the running week, then at the running month, and posts it where months are told of."""
    board.react(AGENT, board.file(GUARD, LINE))
    preview = board.command(LEADER, "digest")["ephemeral"]
    assert "week " in words(preview).splitlines()[1]
    board.press(LEADER, preview | {"channel": "C0GENERAL1"}, "digest.preview_other_rhythm")
    shown = board.last_ephemeral(LEADER)
    assert f"Customer ideas · {here(board):%B %Y} so far" in words(shown)
    board.press(LEADER, shown | {"channel": "C0GENERAL1"}, "digest.post")
    tick(board)
    assert len(board_digests(board)) == 1
    assert not board.cards(DIGEST_CHANNEL)


def test_an_admin_changes_the_digest_from_its_preview(sqlite_world: World) -> None:
    """*When and where* opens the form of the digest that is looked at; leaders who are no admins have no such one."""
    world = sqlite_world
    preview = world.command(ADMIN, "digest")["ephemeral"]
    view = world.press(ADMIN, preview | {"channel": "C0GENERAL1"}, "settings.change")["view"]
    assert f"The digest in <#{DIGEST_CHANNEL}>" in words(view)
    assert "settings.change" not in str(world.command(LEADER, "digest")["ephemeral"])


def test_the_command_line_posts_a_month(board: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--week 2026-M10` is of channels that hear of months; a week is refused there, with what the channel gets."""
    name_settings(monkeypatch, board.settings)
    posted = run_cxidea("digest", "--post", "--week", "2026-M10")
    assert said(posted).startswith(f"posted {GENERAL} 2026-M10 ")
    both = json.loads(run_cxidea("digest", "--preview").stdout)
    assert [each["week"][4:6] for each in both] == ["-W", "-M"] or [each["week"][4:6] for each in both] == ["-M", "-W"]
    refused = run_cxidea("digest", "--post", "--week", "2026-W40", "--channel", GENERAL)
    assert refused.exit_code != 0
    assert "gets monthly digests. Ask for a month, like 2026-M11." in refused.stderr


def test_an_idea_of_last_month_s_digest_rests_in_the_next(board: World) -> None:
    """The board does not read of the same idea again while nothing has happened to it."""
    first, second, _ = first_tuesdays(board)
    if first.month == here(board).month:  # It tells of the last month, in which there was no idea yet.
        jump(board, first)
        first, second, _ = first_tuesdays(board)
    card = board.file(GUARD, LINE)
    for voter in (AGENT, CLERK):
        board.react(voter, card)
    board.settle()
    jump(board, first)
    board.react(LEADER, card)
    board.settle()
    jump(board, second)
    assert ["What moved people" in words(digest) for digest in board_digests(board)[-2:]] == [True, False]


def test_a_week_so_far_that_found_no_channel_is_not_posted_when_the_week_is_over(sqlite_world: World) -> None:
    """What waited for the bot to be let in and was overtaken by the regular digest is left out; that one comes."""
    world = sqlite_world
    world.file(GUARD, LINE)
    world.sandbox.control("kick", channel=DIGEST_CHANNEL)
    world.press(LEADER, world.command(LEADER, "digest")["ephemeral"] | {"channel": "C0GENERAL1"}, "digest.post")
    jump(world, monday(world) + timedelta(seconds=5))
    world.sandbox.control("invite", channel=DIGEST_CHANNEL)
    wait_until(lambda: world.cards(DIGEST_CHANNEL))
    world.settle()
    (only,) = world.cards(DIGEST_CHANNEL)
    assert "so far" not in words(only)
