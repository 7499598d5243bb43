"""Who the bot is, as several replicas learn it."""

import threading
from datetime import UTC, datetime

from slack_sdk import WebClient
from sqlalchemy import select

from bot.identity import IdentityBook
from db.models import Workspace
from db.session import open_database
from sandbox.server import Sandbox

REPLICAS = 8


def test_replicas_that_learn_at_once_agree(database_url: str, sandbox: Sandbox) -> None:
    """Eight that ask Slack at the same instant, again and again, all learn it; one row says it."""
    client = WebClient(str(sandbox.info["bot_token"]), base_url=str(sandbox.info["api_url"]))
    sessions = open_database(database_url)
    together = threading.Barrier(REPLICAS)
    known = []

    def learn() -> None:
        for _ in range(10):
            together.wait(30)
            known.append(IdentityBook(sessions).learn(client, datetime.now(UTC)))

    threads = [threading.Thread(target=learn) for _ in range(REPLICAS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions.reading() as session:
        assert [row.team_id for row in session.scalars(select(Workspace))] == [sandbox.workspace.team_id]
    sessions.dispose()
    assert len(known) == 10 * REPLICAS
    assert len(set(known)) == 1


def test_another_workspace_takes_the_place_of_the_old_one(database_url: str, sandbox: Sandbox) -> None:
    """A database that is moved to another workspace knows that one alone."""
    client = WebClient(str(sandbox.info["bot_token"]), base_url=str(sandbox.info["api_url"]))
    sessions = open_database(database_url)
    old = {"team_id": "T0OLD", "bot_user_id": "U0OLD", "url": "https://old.example/", "learned_at": datetime.now(UTC)}
    with sessions.begin() as session:
        session.add(Workspace(**old))
    IdentityBook(sessions).learn(client, datetime.now(UTC))
    with sessions.reading() as session:
        assert [row.team_id for row in session.scalars(select(Workspace))] == [sandbox.workspace.team_id]
    sessions.dispose()
