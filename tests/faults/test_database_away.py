"""A database that goes away and comes back: said once each, and scraped all the while."""

import time

import structlog
from sqlalchemy.exc import OperationalError

from bot.migrations import migrate
from bot.notices import DatabaseNotices
from db.session import open_database
from tests.bot import AGENT, GUARD, running_world, wait_until
from tests.postgres import Cluster
from tests.votes import tally

LINE = "Let customers reschedule deliveries online"


def test_an_outage_is_two_lines_of_the_jobs(cluster: Cluster) -> None:
    """However often the jobs fail meanwhile, the log says once that the database is away, and once that it is back."""
    url = cluster.url(cluster.create_database())
    migrate(url)
    with running_world(url, "http") as world, structlog.testing.capture_logs() as lines:
        ts = world.file(GUARD, LINE)
        cluster.kill()
        try:
            wait_until(lambda: [line for line in lines if line["event"] == "database.away"])
            assert "cxidea_database_up 0.0" in world.get("/metrics")[1]
            assert world.get("/readyz")[0] == 503
            time.sleep(5)
        finally:
            cluster.start()
        wait_until(lambda: [line for line in lines if line["event"] == "database.back"], seconds=30)
        wait_until(lambda: "cxidea_database_up 1.0" in world.get("/metrics")[1])
        world.react(AGENT, ts)
        wait_until(lambda: tally(world.card(ts)) == 1)
    told = [line for line in lines if line["event"].startswith(("database.", "job."))]
    assert [line["event"] for line in told] == ["database.away", "database.back"], told


def test_what_began_in_an_outage_may_still_fail_after_it(sqlite_url: str) -> None:
    """Work that began before the database was back is no news when it fails; work that began after it is."""
    sessions = open_database(sqlite_url)
    notices, error = DatabaseNotices(sessions), OperationalError("SELECT 1", {}, OSError("the line is dead"))
    with structlog.testing.capture_logs() as lines:
        began = time.monotonic()
        assert notices.failed(error, began)
        notices.worked()
        assert notices.failed(error, began), "it needs no stack trace either"
        assert [line["event"] for line in lines] == ["database.away", "database.back"]
        assert notices.failed(error, time.monotonic())
    sessions.dispose()
    assert [line["event"] for line in lines] == ["database.away", "database.back", "database.away"]
