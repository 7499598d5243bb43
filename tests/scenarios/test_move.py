"""`cxidea move`: a bot that began on SQLite goes on, on PostgreSQL, as if it had always been there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from typer.testing import Result

from db import moving
from db.models import Idea, Vote
from db.session import open_database
from db.types import Status
from sandbox.server import running_sandbox
from tests import postgres
from tests.bot import AGENT, CLERK, GUARD, World, running_bot, words
from tests.commands import run_cxidea
from tests.news import learn_people, plan

LINE = "Let customers reschedule deliveries online"


@pytest.fixture
def empty(_postgresql_template: tuple[postgres.Server, str]) -> Iterator[str]:
    """Yield the address of an empty PostgreSQL database."""
    server, _ = _postgresql_template
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


def live(world: World) -> None:
    """File two ideas, vote, answer one of them, and withdraw a third."""
    learn_people(world)
    first = world.file(GUARD, LINE)
    world.file(AGENT, "Tell callers their place in the queue")
    for voter in (AGENT, CLERK):
        world.react(voter, first)
    world.settle()
    plan(world)
    receipt = world.command(GUARD, "An idea that nobody will ever see again")["ephemeral"]
    world.settle()
    world.press(GUARD, receipt | {"channel": "C0GENERAL1"}, "idea.undo")


def move(sqlite_url: str, to: str) -> Result:
    """Carry the command out."""
    return run_cxidea("move", "--to", to, DATABASE_URL=sqlite_url)


@pytest.mark.postgresql
def test_a_moved_bot_goes_on(sqlite_url: str, empty: str) -> None:
    """Ideas, votes, history and places of cards are there; the next idea gets the next number, and a card its vote."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, sqlite_url, "http") as world:
            live(world)
        done = move(sqlite_url, empty)
        assert done.exit_code == 0, done.stderr
        assert "ideas: 3" in done.stdout
        assert "counts and tallies are the same on both sides" in done.stdout
        with running_bot(sandbox, empty, "http") as world:
            assert world._rows(select(Idea.id, Idea.votes, Idea.status).order_by(Idea.id)) == [
                (1, 2, Status.PLANNED),
                (2, 0, Status.NEW),
                (3, 0, Status.WITHDRAWN),
            ]
            before = world.cards()
            world.react(CLERK, before[1]["ts"])
            fourth = world.file(CLERK, "Offer a chat on the returns page")
            assert "CX-4" in words(world.card(fourth))
            assert "1 vote" in words(world.cards()[1])
            assert len(world.cards()) == len(before) + 1


@pytest.mark.postgresql
def test_it_may_be_repeated(sqlite_url: str, empty: str) -> None:
    """A second time it compares, finds all there, and writes nothing."""
    with running_sandbox() as sandbox, running_bot(sandbox, sqlite_url, "http") as world:
        live(world)
    assert move(sqlite_url, empty).exit_code == 0
    again = move(sqlite_url, empty)
    assert (again.exit_code, "It is all there already" in again.stdout) == (0, True)


@pytest.mark.postgresql
def test_a_database_with_other_content_is_left_alone(sqlite_url: str, postgresql_url: str) -> None:
    """Where another bot has lived, nothing is moved, and the line says what to name instead."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, postgresql_url, "http") as world:
            world.file(GUARD, LINE)
        with running_bot(sandbox, sqlite_url, "http") as world:
            live(world)
    refused = move(sqlite_url, postgresql_url)
    assert refused.exit_code == 1
    assert "has something else in it. Name an empty one." in refused.stderr
    sessions = open_database(postgresql_url)
    with sessions.reading() as session:
        assert session.scalar(select(func.count()).select_from(Idea)) == 1
    sessions.dispose()


@pytest.mark.postgresql
def test_a_copy_that_differs_is_undone(sqlite_url: str, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the comparison fails, nothing stays of the copy, and a second attempt can begin anew."""
    with running_sandbox() as sandbox, running_bot(sandbox, sqlite_url, "http") as world:
        live(world)
    copy = moving._copy

    def lossy(source: object, target: object, table: object) -> None:
        copy(source, target, table)  # type: ignore[arg-type]
        if table is Vote.__table__:
            target.execute(text("DELETE FROM votes"))  # type: ignore[attr-defined]

    monkeypatch.setattr(moving, "_copy", lossy)
    refused = move(sqlite_url, empty)
    assert (refused.exit_code, "What was written of votes differs" in refused.stderr) == (1, True)
    monkeypatch.setattr(moving, "_copy", copy)
    assert move(sqlite_url, empty).exit_code == 0


@pytest.mark.postgresql
def test_a_bot_that_runs_is_not_moved(sqlite_url: str, empty: str) -> None:
    """While the bot serves Slack from the file, the command says so, and moves nothing."""
    from db.sole import sole_use

    sessions = open_database(sqlite_url)
    with sole_use(sessions):
        refused = move(sqlite_url, empty)
    sessions.dispose()
    assert refused.exit_code == 1
    assert "Stop that one first" in refused.stderr


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("nonsense", "--to is no database address. Example: cxidea move --to postgresql://"),
        ("sqlite:///other.db", "--to must begin with postgresql://"),
        ("postgresql://nobody:secret@127.0.0.1:1/none", "The database to move to cannot be used"),
    ],
)
def test_a_wrong_address_is_refused_without_its_password(sqlite_url: str, to: str, said: str) -> None:
    """What cannot be moved to is said in a line that tells what to do and repeats no password."""
    refused = move(sqlite_url, to)
    assert refused.exit_code != 0
    assert said in refused.stderr
    assert "secret" not in refused.stderr


@pytest.mark.postgresql
def test_a_database_without_all_letters_is_refused(sqlite_url: str, request: pytest.FixtureRequest) -> None:
    """A title in Japanese does not fit into a database of Latin letters: the line says what to do."""
    with running_sandbox() as sandbox, running_bot(sandbox, sqlite_url, "http") as world:
        world.file(GUARD, "Let customers choose when it comes: 配達の時間")
    server, _ = request.getfixturevalue("_postgresql_template")
    latin = server.create_database("template0", options="ENCODING 'LATIN1' LOCALE 'C'")
    refused = move(sqlite_url, server.url(latin))
    server.drop_database(latin)
    assert (refused.exit_code, "Make it with ENCODING 'UTF8'" in refused.stderr) == (1, True)


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A slip in DATABASE_URL is said, and leaves no empty database behind."""
    refused = move(f"sqlite:///{tmp_path}/other.db", "postgresql://127.0.0.1/other")
    assert (refused.exit_code, f"There is no database {tmp_path}/other.db yet" in refused.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.postgresql
def test_what_is_on_postgresql_needs_no_move(postgresql_url: str) -> None:
    """A database that is on PostgreSQL already is not moved."""
    refused = move(postgresql_url, "postgresql://127.0.0.1/other")
    assert (refused.exit_code, "names PostgreSQL already" in refused.stderr) == (2, True)
