"""`/metrics` tells Prometheus what the bot does and how it stands, and nothing of who does what."""

import re

import pytest
from sqlalchemy import update

from bot.reconciliation import reconcile
from db.models import OutboxMessage
from sandbox.people import EXTERNAL_ID, IDEAS_CHANNEL
from tests.bot import AGENT, CLERK, GUARD, MANAGER, World, running_world, wait_until

LINE = "Let customers reschedule deliveries online"


def metric(world: World, name: str, **labels: str) -> float | None:
    """Return one figure of a scrape; None when it is absent."""
    status, text = world.get("/metrics")
    assert status == 200
    for line in text.splitlines():
        found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if found and found[1] == name and dict(re.findall(r'(\w+)="([^"]*)"', found[2] or "")) == labels:
            return float(found[3])
    return None


def requests(world: World, kind: str, outcome: str = "done") -> float | None:
    """Return how many requests of a kind ended so."""
    return metric(world, "cxidea_acknowledgement_seconds_count", kind=kind, outcome=outcome)


def test_requests_are_counted_and_timed(sqlite_url: str, transport: str) -> None:
    """Events, commands, forms, buttons and shortcuts are counted with their outcome and time, in both transports."""
    with running_world(sqlite_url, transport) as world:
        ts = world.file(GUARD, LINE)
        world.react(AGENT, ts)
        world.submit(CLERK, world.form(CLERK), title="Tell callers their place")
        world.sandbox.act(CLERK, "shortcut", callback_id="idea.share")
        shown = world.command(MANAGER, "top")["ephemeral"]
        world.press(MANAGER, shown, "vote.cast", "1")
        world.sandbox.control("fault", target="views.open", kind="error", error="expired_trigger_id")
        world.command(AGENT, "")
        world.settle()
        assert requests(world, "event") == 1
        assert requests(world, "command") == 3
        assert requests(world, "command", "refused") == 1
        assert [requests(world, kind) for kind in ("view", "shortcut", "action")] == [1, 1, 1]
        slowest = metric(world, "cxidea_acknowledgement_seconds_bucket", kind="command", outcome="done", le="3.0")
        assert slowest == 3


def test_failures_are_counted(sqlite_world: World) -> None:
    """What the database refused is counted as failed, whether a person got an excuse or Slack delivers it again."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    with world.without_tables("inbox", "reactions"):
        world.command(GUARD, LINE)
        world.react(AGENT, ts)
        wait_until(lambda: requests(world, "event", "failed"))
        assert requests(world, "command", "failed") == 1


def test_the_outbox_is_counted(http_world: World) -> None:
    """What waits is counted by state, with the age of the oldest unposted one, and what Slack shows is not."""
    world = http_world
    world.file(GUARD, LINE)
    assert [metric(world, "cxidea_outbox_rows", state=state) for state in ("due", "blocked", "dead")] == [0, 0, 0]
    assert metric(world, "cxidea_outbox_oldest_unposted_seconds") == 0
    world.sandbox.control("archive", channel=IDEAS_CHANNEL)
    world.command(AGENT, "Show the queue time before I call you")
    wait_until(lambda: metric(world, "cxidea_outbox_rows", state="blocked") == 1)
    wait_until(lambda: (metric(world, "cxidea_outbox_oldest_unposted_seconds") or 0) > 0.1)
    dead = {"state": "dead", "fence": OutboxMessage.fence + 1}  # Whoever is trying it right now comes too late.
    world.write(update(OutboxMessage).where(OutboxMessage.key == "card:2").values(dead))
    wait_until(lambda: metric(world, "cxidea_outbox_rows", state="dead") == 1)
    wait_until(lambda: metric(world, "cxidea_outbox_oldest_unposted_seconds") == 0)


def test_a_scrape_without_the_database(http_world: World) -> None:
    """While the database does not answer, its figures are absent, and the rest of the scrape is there."""
    world = http_world
    assert metric(world, "cxidea_database_up") == 1
    with world.without_tables("outbox"):
        assert metric(world, "cxidea_database_up") == 0
        assert metric(world, "cxidea_outbox_rows", state="due") is None
        assert metric(world, "cxidea_slack_calls_total", method="auth.test", outcome="ok")
    assert metric(world, "cxidea_database_up") == 1


def test_calls_connections_and_repairs_are_counted(sqlite_url: str) -> None:
    """Calls to Slack are counted by method and outcome, connections by their reason, missed reactions once found."""
    with running_world(sqlite_url, "socket") as world:
        ts = world.file(GUARD, LINE)
        assert metric(world, "cxidea_slack_calls_total", method="chat.postMessage", outcome="ok") == 1
        assert metric(world, "cxidea_socket_mode_connects_total", reason="first") == 1
        assert metric(world, "cxidea_socket_mode_up") == 1
        world.sandbox.control("fault", target="chat.update", kind="ratelimited", seconds=0)
        world.react(AGENT, ts)
        world.settle()
        assert metric(world, "cxidea_slack_calls_total", method="chat.update", outcome="ratelimited") == 1
        world.sandbox.control("fault", target="reaction_added", kind="lose")
        world.react(CLERK, ts)
        world.settle()
        reconcile(world.runtime.deps)
        assert metric(world, "cxidea_repaired_reactions_total") == 1
        world.sandbox.control("drop_sockets", reason="refresh_requested")
        wait_until(lambda: metric(world, "cxidea_socket_mode_connects_total", reason="asked") == 1)


def test_dead_letters_and_digests_have_their_counts(sqlite_world: World) -> None:
    """Dead letters and digests are counted from zero, so that the first one shows."""
    names = ("cxidea_dead_letters_total", "cxidea_repaired_reactions_total")
    assert [metric(sqlite_world, name) for name in names] == [0, 0]
    count = sqlite_world.runtime.deps.metrics
    count.dead_letter()
    count.digest_posted()
    count.digest_skipped()
    assert metric(sqlite_world, "cxidea_dead_letters_total") == 1
    outcomes = [metric(sqlite_world, "cxidea_digests_total", outcome=outcome) for outcome in ("posted", "skipped")]
    assert outcomes == [1, 1]


@pytest.mark.parametrize("strange", [None, "x" * 300])
def test_no_label_names_anybody(sqlite_world: World, strange: str | None) -> None:
    """Neither people, channels, ideas and words, nor what a stranger sends, turn up in a scrape."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.react(AGENT, ts)
    world.react(EXTERNAL_ID, ts)
    world.forge("interactive", {"type": strange or "unheard_of", "team": {"id": "T0ELSEWHERE"}})
    text = world.get("/metrics")[1]
    for word in (GUARD, AGENT, EXTERNAL_ID, IDEAS_CHANNEL, ts, "CX-", "reschedule", "unheard_of", "xxx"):
        assert word not in text
