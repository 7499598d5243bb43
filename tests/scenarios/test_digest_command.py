"""`cxidea digest` and `/cxidea digest`: who may, once for each week and edition, and what they answer."""

import json
import threading
from typing import Any

import pytest
from sqlalchemy import func, select, update
from typer.testing import Result

from bot import clock, digest_command
from bot.services.calendar import Week
from db.base import Base
from db.models import OutboxMessage
from sandbox.people import BOT_USER_ID, DIGEST_CHANNEL, LEADERS_GROUP
from tests.bot import ADMIN, AGENT, GUARD, LEADER, World, running_world, wait_until, words
from tests.commands import name_settings, run_cxidea

_ANSWERS = ("posted ", "already posted ", "waiting: ")
LINE = "Let customers reschedule deliveries online"


@pytest.fixture
def cxidea(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the command line, with the settings of the bot that runs beside it."""
    name_settings(monkeypatch, sqlite_world.settings)
    return run_cxidea


def said(result: Result) -> str:
    """Return what the command printed, without what the bot beside it in this process logs to the same place."""
    return "".join(line for line in result.stdout.splitlines(keepends=True) if line.startswith(_ANSWERS))


def weeks() -> tuple[str, str]:
    """Return the names of the last whole week and of the running one, in UTC."""
    running = Week.containing(clock.now(), clock.now().tzinfo)  # type: ignore[arg-type]
    return running.before.name, running.name


def digests(world: World) -> list[dict[str, Any]]:
    """Return the messages of the leadership channel."""
    return world.cards(DIGEST_CHANNEL)


def test_post_twice(sqlite_world: World, cxidea: Any) -> None:
    """The first `--post` says where it stands, the second that it stands there already; both end with 0."""
    last, _ = weeks()
    first, second = cxidea("digest", "--post"), cxidea("digest", "--post")
    (digest,) = digests(sqlite_world)
    assert (first.exit_code, said(first)) == (0, f"posted {DIGEST_CHANNEL} {last} {digest['ts']}\n")
    assert (second.exit_code, said(second)) == (0, f"already posted {DIGEST_CHANNEL} {last} {digest['ts']}\n")


def test_the_running_week_so_far(sqlite_world: World, cxidea: Any) -> None:
    """`--week` of the running week posts "so far", once, and the regular digest of that week comes all the same."""
    world, (_, running) = sqlite_world, weeks()
    world.file(GUARD, LINE)
    answers = [said(cxidea("digest", "--post", "--week", running)).split()[0] for _ in range(2)]
    assert answers == ["posted", "already"]
    assert ["so far" in words(digest) for digest in digests(world)] == [True]
    world.sandbox.control("advance", seconds=7 * 86_400)
    world.runtime.deps.heartbeat.beat()
    assert said(cxidea("digest", "--post", "--week", running)).startswith("posted")
    assert ["so far" in words(digest) for digest in digests(world)] == [True, False]


def test_preview_changes_nothing(sqlite_world: World, cxidea: Any) -> None:
    """`--preview` prints channel, week, text and blocks as JSON; no row is changed and Slack is not asked."""
    world = sqlite_world
    world.react(AGENT, world.file(GUARD, LINE))
    world.settle()
    wait_until(lambda: "users.list" in _calls(world))  # The running bot's own first look at everybody.
    before, calls = _rows(world), _calls(world)
    result = cxidea("digest", "--preview", "--week", weeks()[1])
    shown = json.loads(result.stdout[result.stdout.index('{"channel"') :].splitlines()[0])
    assert result.exit_code == 0
    assert list(shown) == ["channel", "week", "text", "blocks"]
    assert (shown["channel"], shown["week"]) == (DIGEST_CHANNEL, weeks()[1])
    assert LINE in words(shown)
    assert (_rows(world), [name for name in _calls(world)[len(calls) :] if name != "auth.test"]) == (before, [])


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--post", "--week", "garbage"), "2026-W47"),
        (("--post", "--week", "2026-W60"), "2026-W47"),
        (("--preview", "--week", "2199-W01"), "has not begun"),
        (("--post", "--channel", "C0UNKNOWN1"), "cxidea doctor"),
        ((), "--preview or --post"),
        (("--post", "--preview"), "--preview or --post"),
    ],
)
def test_wrong_arguments(sqlite_world: World, cxidea: Any, arguments: tuple[str, ...], hint: str) -> None:
    """A week or channel that there is not ends with 2 and one line that says what is right."""
    result = cxidea("digest", *arguments)
    assert (result.exit_code, said(result)) == (2, "")
    assert hint in result.stderr
    # The bot beside it, in this process, may log to the same place.
    assert len([line for line in result.stderr.splitlines() if not line.startswith(("{", "20", "[", "\x1b"))]) == 1
    assert digests(sqlite_world) == []


def test_slack_away(sqlite_world: World, cxidea: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """While Slack takes nothing, the command says why it waits and ends with 1; the bot posts the digest later."""
    world = sqlite_world
    monkeypatch.setattr(digest_command, "_PATIENCE_SECONDS", 3)
    world.sandbox.control("kick", channel=DIGEST_CHANNEL, user=BOT_USER_ID)
    result = cxidea("digest", "--post")
    assert (result.exit_code, said(result)) == (1, f"waiting: not_in_channel ({DIGEST_CHANNEL} {weeks()[0]})\n")
    with world.runtime.deps.sessions.reading() as session:
        assert session.scalar(select(OutboxMessage.state)) != "dead"
    world.sandbox.control("invite", channel=DIGEST_CHANNEL, user=BOT_USER_ID)
    world.write(update(OutboxMessage).values(not_before=OutboxMessage.created_at))
    wait_until(lambda: digests(world))
    assert said(cxidea("digest", "--post")).startswith("already posted")
    assert len(digests(world)) == 1


def test_nobody_at_slacks_address(sqlite_world: World, cxidea: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """While Slack cannot be reached the command says so and ends with 1; it asks once for the next time."""
    monkeypatch.setattr(digest_command, "_PATIENCE_SECONDS", 1)
    monkeypatch.setattr(digest_command, "_FRESHEN_SECONDS", 0.5)
    sqlite_world.settle()
    sqlite_world.runtime._stop.set()
    sqlite_world.runtime._sender.join()
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    result = cxidea("digest", "--post")
    assert (result.exit_code, said(result).split(" (")[0]) == (1, "waiting: ConnectionRefusedError")
    monkeypatch.setenv("SLACK_API_URL", sqlite_world.settings.slack_api_url)
    monkeypatch.setattr(digest_command, "_PATIENCE_SECONDS", 20)
    assert said(cxidea("digest", "--post")).startswith("posted")
    assert len(digests(sqlite_world)) == 1
    for thread in threading.enumerate():
        if thread.name == "freshen":
            thread.join()  # It was left behind, and would go on into other tests.


def test_leaders_and_admins_by_id_or_group(sqlite_world: World) -> None:
    """A leader and an admin see the preview; anybody else reads politely why not, and nothing is posted."""
    world = sqlite_world
    for user in (LEADER, ADMIN):
        assert "Nothing is posted yet" in words(world.command(user, "digest")["ephemeral"])
    refusal = world.command(AGENT, "digest")["ephemeral"]
    assert "Nothing is posted yet" not in words(refusal)
    assert "leader" in words(refusal).lower()
    assert digests(world) == []


def test_a_right_by_user_group(request: pytest.FixtureRequest) -> None:
    """Members of a user group named in the settings have the right; who leaves the group loses it."""
    url = request.getfixturevalue("_fresh_sqlite")
    with running_world(url, "http", cx_leaders=LEADERS_GROUP, cx_admins="") as world:
        wait_until(lambda: "Nothing is posted yet" in words(world.command(LEADER, "digest")["ephemeral"]))
        assert "Nothing is posted yet" not in words(world.command(ADMIN, "digest")["ephemeral"])
        preview = world.command(LEADER, "digest")["ephemeral"]
        members = world.sandbox.workspace.user_groups[LEADERS_GROUP].users
        world.sandbox.call(lambda: members.remove(LEADER))
        world.runtime._jobs.learn()
        world.press(LEADER, preview, "digest.post")
        assert "Nothing is posted yet" not in words(world.command(LEADER, "digest")["ephemeral"])
        world.runtime._jobs.prepare_digests()
        world.settle()
        assert digests(world) == []


def test_post_it_now_twice(sqlite_world: World) -> None:
    """*Post it now* says where the digest goes, to another who looked at it before that it stands there already."""
    world = sqlite_world
    looked_at = {user: world.command(user, "digest")["ephemeral"] for user in (LEADER, ADMIN)}
    assert f"Post it now posts it in <#{DIGEST_CHANNEL}>." in words(looked_at[LEADER])
    for user, expected in ((LEADER, "on its way"), (ADMIN, "already")):
        world.press(user, looked_at[user], "digest.post")
        assert expected in words(world.last_ephemeral(user))
        wait_until(lambda: digests(world))
    world.settle()
    assert ["so far" in words(digest) for digest in digests(world)] == [True]
    afterwards = world.command(LEADER, "digest")["ephemeral"]
    assert "It is posted already, with the numbers of that moment." in words(afterwards)
    assert "digest.post" not in str(afterwards)


def test_last_week_instead(sqlite_world: World) -> None:
    """*Last week instead* shows the last whole week, and its *Post it now* posts that one."""
    world = sqlite_world
    world.press(LEADER, world.command(LEADER, "digest")["ephemeral"], "digest.preview")
    shown = world.last_ephemeral(LEADER)
    assert "week so far" not in words(shown).removesuffix("This week so far")
    world.press(LEADER, shown, "digest.post")
    wait_until(lambda: digests(world))
    assert f"week {int(weeks()[0][-2:])}" in words(digests(world)[0])


def _calls(world: World) -> list[str]:
    return [entry.name for entry in world.sandbox.parts.journal.entries if entry.kind == "api"]


def _rows(world: World) -> dict[str, int | None]:
    with world.runtime.deps.sessions.reading() as session:
        tables = Base.metadata.sorted_tables
        return {table.name: session.scalar(select(func.count()).select_from(table)) for table in tables}
