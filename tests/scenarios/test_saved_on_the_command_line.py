"""Commands go by what was saved in Slack, as the bot does."""

import json

import pytest

from sandbox.people import DIGEST_CHANNEL
from tests.bot import ADMIN, AGENT, GUARD, LEADER, World, words
from tests.commands import run_cxidea
from tests.scenarios.test_settings import GENERAL, LINE, saved


@pytest.fixture
def environment(sqlite_world: World) -> dict[str, str]:
    """Return the environment of the bot that runs beside the commands."""
    settings = sqlite_world.settings
    assert settings.slack_signing_secret
    return {
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_SIGNING_SECRET": settings.slack_signing_secret.get_secret_value(),
        "SLACK_API_URL": settings.slack_api_url,
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "CX_IDEAS_CHANNEL": settings.cx_ideas_channel,
        "CX_DIGEST_CHANNEL": DIGEST_CHANNEL,
        "CX_LEADERS": LEADER,
    }


def checks(environment: dict[str, str]) -> dict[str, str]:
    """Return the lines of `cxidea doctor` by what they are about."""
    lines = run_cxidea("doctor", **environment).stdout.splitlines()
    return {name[5:]: text for name, _, text in (line.partition(": ") for line in lines)}


def test_digests_go_to_the_saved_channels(sqlite_world: World, environment: dict[str, str]) -> None:
    """`digest` knows the saved channels with their zones, and not those of the environment any more."""
    saved(sqlite_world, "digest/", channel=GENERAL, zone="Asia/Tokyo")
    saved(sqlite_world, f"digest/{DIGEST_CHANNEL}", remove=["remove"])
    done = run_cxidea("digest", "--preview", **environment)
    (preview,) = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert preview["channel"] == GENERAL
    assert run_cxidea("digest", "--preview", "--channel", DIGEST_CHANNEL, **environment).exit_code == 2


def test_reconcile_counts_by_the_saved_emoji(sqlite_world: World, environment: dict[str, str]) -> None:
    """`reconcile` takes the saved reactions for votes, whatever the environment says."""
    ts = sqlite_world.file(GUARD, LINE)
    sqlite_world.react(AGENT, ts, "tada")
    sqlite_world.settle()
    saved(sqlite_world, "votes/", reactions="tada")
    done = run_cxidea("reconcile", **environment, CX_VOTE_REACTIONS="heart")
    assert done.exit_code == 0
    sqlite_world.settle()
    assert "1 vote" in words(sqlite_world.card(ts))


def test_doctor_says_what_is_saved_by_whom_and_when(sqlite_world: World, environment: dict[str, str]) -> None:
    """Doctor looks at the saved values, and names each with who saved it and when."""
    before = checks(environment)
    assert "saved settings" not in before
    assert "CX_IDEAS_CHANNEL" in before
    saved(sqlite_world, "ideas_channel/", channel=GENERAL)
    saved(sqlite_world, "digest/", channel=GENERAL, weekday="4", time="16:30", zone="Europe/Berlin")
    after = checks(environment)
    assert f"ideas_channel by {ADMIN} on 20" in after["saved settings"]
    assert f"digest_channels by {ADMIN} on 20" in after["saved settings"]
    assert "CX_IDEAS_CHANNEL" not in after
    assert "#general" in after["ideas channel"]
    assert "16:30 (Europe/Berlin)" in after[f"next digests in {GENERAL}"]
    assert "09:00 (UTC)" in after[f"next digests in {DIGEST_CHANNEL}"]


def test_doctor_asks_for_the_scope_that_saved_groups_need(sqlite_world: World, environment: dict[str, str]) -> None:
    """A user group that owns a stage or was saved among the leaders needs the scope that reads groups."""
    sandbox = sqlite_world.sandbox
    scopes = [scope for scope in sandbox.workspace.app.scopes if scope != "usergroups:read"]
    sandbox.control("set_scopes", scopes=scopes)
    assert "missing" not in checks(environment)["scopes"]
    saved(sqlite_world, "owner/use", owning_group="S0LEADERS1")
    assert "missing usergroups:read" in checks(environment)["scopes"]
