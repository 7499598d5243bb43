"""`cxidea doctor` says what is wrong, and what to do."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import now
from bot.doctor import checks
from bot.doctor_database import Check
from bot.manifest import OPTIONAL_SCOPES, SCOPES
from bot.settings import Settings, load
from db.session import open_database
from sandbox.server import Sandbox, running_sandbox

Configure = Callable[..., Settings]


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    app = shared_sandbox.workspace.app
    scopes = set(app.scopes)
    yield shared_sandbox
    app.scopes, app.is_token_revoked = scopes, False
    shared_sandbox.control("clear_faults")
    for channel in (shared_sandbox.info["ideas_channel"], shared_sandbox.info["digest_channel"]):
        shared_sandbox.control("unarchive", channel=channel)
        shared_sandbox.control("invite", channel=channel)


@pytest.fixture
def configure(sandbox: Sandbox, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Configure:
    right = {
        "SLACK_API_URL": sandbox.info["api_url"],
        "SLACK_BOT_TOKEN": sandbox.info["bot_token"],
        "SLACK_APP_TOKEN": sandbox.info["app_token"],
        "CX_IDEAS_CHANNEL": sandbox.info["ideas_channel"],
        "CX_DIGEST_CHANNEL": sandbox.info["digest_channel"],
        "DATABASE_URL": database_url,
    }

    def set_and_load(**changes: str) -> Settings:
        for name, value in {**right, **changes}.items():
            monkeypatch.setenv(name, value)
        return load(Settings)

    return set_and_load


def wrong(found: list[Check]) -> list[str]:
    return [f"{check.name}: {check.text}" for check in found if not check.ok]


def line(found: list[Check], name: str) -> str:
    (check,) = [check for check in found if check.name == name]
    return check.text


def test_all_is_well(configure: Configure) -> None:
    """A right installation gets a line for each thing, all of them ok."""
    found = checks(configure())
    assert wrong(found) == []
    assert [check.name for check in found] == [
        "settings",
        "bot token",
        "app token",
        "scopes",
        "CX_IDEAS_CHANNEL",
        "CX_DIGEST_CHANNEL",
        "clock",
        "database",
        "next digests",
    ]
    assert "#cx-ideas" in line(found, "CX_IDEAS_CHANNEL")


def test_settings_line_says_where_they_come_from(configure: Configure, tmp_path: Path) -> None:
    """Whoever wonders which value holds sees whether `.env` was read at all, and the transport."""
    (tmp_path / ".env").write_text("CX_TIMEZONE=Europe/Berlin\n")
    assert line(checks(configure()), "settings") == "6 from environment, 1 from .env; Socket Mode"
    http = checks(configure(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="0f", HOST="127.0.0.1"))
    assert "HTTP on 127.0.0.1:3000" in line(http, "settings")
    assert "app token" not in [check.name for check in http]


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
def test_wrong_token_is_told_without_showing_it(configure: Configure, variable: str) -> None:
    """A token that Slack refuses is named by its variable's line, with what to do."""
    (only,) = wrong(checks(configure(**{variable: f"xoxb-{'no'}" if "BOT" in variable else "xapp-no"})))
    assert "invalid_auth" in only
    assert "copy the token again" in only
    assert "xoxb-no" not in only
    assert "xapp-no" not in only


def test_revoked_token_is_told(configure: Configure, sandbox: Sandbox) -> None:
    """When the app was removed from the workspace, the answer is to install it again."""
    sandbox.control("revoke_token")
    (only,) = wrong(checks(configure()))
    assert "install the app again" in only


def test_slack_away_is_one_line(configure: Configure) -> None:
    """Without Slack the rest is still looked at, and one line says that Slack did not answer."""
    found = checks(configure(SLACK_API_URL="http://127.0.0.1:9/api/"))
    assert len(wrong(found)) == 1
    assert "check the network" in line(found, "bot token")
    assert line(found, "database")


def test_missing_scopes_are_named(configure: Configure, sandbox: Sandbox) -> None:
    """Each scope of the manifest that the app lacks is named."""
    sandbox.control("set_scopes", scopes=[scope for scope in SCOPES if scope not in ("reactions:read", "users:read")])
    (only,) = wrong(checks(configure()))
    assert "missing reactions:read, users:read; add them" in only


def test_missing_optional_scopes_are_fine(configure: Configure, sandbox: Sandbox) -> None:
    """An optional scope that was refused is mentioned with what is then not there, and nothing is wrong."""
    sandbox.control("set_scopes", scopes=list(SCOPES))
    found = checks(configure())
    assert wrong(found) == []
    assert all(scope in line(found, "scopes") for scope in OPTIONAL_SCOPES)


def test_user_group_in_the_settings_needs_its_scope(configure: Configure, sandbox: Sandbox) -> None:
    """Whoever names leaders by user group cannot do without the scope that reads groups."""
    sandbox.control("set_scopes", scopes=list(SCOPES))
    (only,) = wrong(checks(configure(CX_LEADERS="U0LEAD001,S0GROUP01")))
    assert "missing usergroups:read" in only


def test_channel_troubles_are_told_one_by_one(configure: Configure, sandbox: Sandbox) -> None:
    """Not invited, archived, unknown: each channel has its line with what to do."""
    sandbox.control("kick", channel=sandbox.info["ideas_channel"])
    sandbox.control("archive", channel=sandbox.info["digest_channel"])
    found = checks(configure(CX_DIGEST_CHANNEL=f"{sandbox.info['digest_channel']},C0NOWHERE1"))
    assert [text.split(":")[0] for text in wrong(found)] == [
        "CX_IDEAS_CHANNEL",
        "CX_DIGEST_CHANNEL",
        "CX_DIGEST_CHANNEL",
    ]
    not_invited, archived, unknown = wrong(found)
    assert "invite the bot: /invite @cx_ideas" in not_invited
    assert "is archived" in archived
    assert "correct the id" in unknown


@pytest.mark.parametrize(("seconds", "words"), [(90, "ahead of"), (-90, "behind"), (5, None)])
def test_clock_is_compared_with_slack_s(configure: Configure, seconds: int, words: str | None) -> None:
    """A clock that is more than a minute off is told: signatures and answer dates depend on it."""
    found = checks(configure(), now=lambda: now() + timedelta(seconds=seconds))
    if words:
        (only,) = wrong(found)
        assert words in only
        assert "NTP" in only
    else:
        assert wrong(found) == []


def test_database_without_tables_is_told(configure: Configure, tmp_path: Path) -> None:
    """Before the first migration doctor names the command, and leaves no file behind."""
    (only,) = wrong(checks(configure(DATABASE_URL=f"sqlite:///{tmp_path}/new.db")))
    assert "cxidea migrate" in only
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize(
    ("revision", "is_right", "words"),
    [("0000", False, "run: cxidea migrate"), ("9999", True, "by a newer release (9999)")],
)
def test_database_at_another_migration_is_told(
    configure: Configure, revision: str, *, is_right: bool, words: str
) -> None:
    """An older database wants migrating; on a newer one this release runs, and doctor says that it is newer."""
    settings = configure()
    sessions = open_database(settings.database_url.get_secret_value())
    with sessions.begin() as session:
        session.connection().exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608
    sessions.dispose()
    (found,) = [check for check in checks(settings) if check.name == "database"]
    assert (found.ok, words in found.text) == (is_right, True)


@pytest.mark.parametrize("address", ["postgresql://cx:pass-word@127.0.0.1:9/cx", "sqlite:////dev/null/no/cx.db"])
def test_unreachable_database_is_told(configure: Configure, address: str) -> None:
    """A server that is away, or a folder that is none, is one line without the password."""
    (only,) = wrong(checks(configure(DATABASE_URL=address)))
    assert only.startswith("database")
    assert "pass-word" not in only


def test_no_database_at_all_is_a_file_that_is_none(configure: Configure, tmp_path: Path) -> None:
    """A file that is no database is told, and left as it is."""
    (tmp_path / "letter.db").write_text("Dear colleagues, " * 100)
    (only,) = wrong(checks(configure(DATABASE_URL=f"sqlite:///{tmp_path}/letter.db")))
    assert "cannot be opened" in only


def test_next_three_digests_are_shown_in_their_zone(configure: Configure) -> None:
    """The times are those on the wall, also across the change of the clocks."""
    settings = configure(CX_DIGEST_AT="sun 09:00", CX_TIMEZONE="Europe/Berlin")
    found = checks(settings, now=lambda: datetime(2026, 10, 17, 12, tzinfo=UTC))
    expected = "Sun 2026-10-18 09:00, Sun 2026-10-25 09:00, Sun 2026-11-01 09:00 (Europe/Berlin)"
    assert line(found, "next digests") == expected
