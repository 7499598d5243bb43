"""Statements that go to the driver as they are do what SQLAlchemy's own would do."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from bot import clock
from db.driver import Statement, given
from db.models import Idea, OutboxMessage, Person
from db.session import Sessions, open_database
from db.types import MessageKind, Standing

NOW = clock.now()
COLUMNS = (Person.user_id, Person.standing, Person.checked_at, Person.timezone, Person.team, Person.team_checked_at)
ADD = Statement(insert(Person).from_select([column.name for column in COLUMNS], given(*COLUMNS)))
SEEN = Statement(
    select(Person.user_id, Person.standing, Person.checked_at, Person.standing == Standing.MEMBER)
    .where(Person.user_id == bindparam("somebody"))
    .order_by(Person.user_id)
)


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    """Yield sessions on an empty database."""
    sessions = open_database(database_url)
    yield sessions
    sessions.dispose()


def person(user_id: str, **values: Any) -> dict[str, Any]:
    """Return a row of somebody's."""
    return {
        "user_id": user_id,
        "standing": "member",
        "checked_at": NOW,
        "timezone": None,
        "team": None,
        "team_checked_at": None,
    } | values


@pytest.mark.parametrize("count", [1, 3, 40])
def test_rows_go_in_and_come_out_as_sqlalchemy_has_them(sessions: Sessions, count: int) -> None:
    """Times, truths and missing values are the same whoever writes and whoever reads, few rows or many."""
    people = [f"U{number:02}" for number in range(count)]
    with sessions.begin() as session:
        ADD.run_each(session, map(person, people))
        assert SEEN.run_each(session, ({"somebody": each} for each in people)) == [
            (each, "member", NOW, True) for each in people
        ]
        stored = select(Person.user_id, Person.checked_at, Person.team).order_by(Person.user_id)
        assert [tuple(row) for row in session.execute(stored)] == [(each, NOW, None) for each in people]


def test_no_rows_are_no_work(sessions: Sessions) -> None:
    """Nothing asked is nothing answered, and nothing sent."""
    with sessions.begin() as session:
        assert SEEN.run_each(session, []) == []


def test_a_missing_value_is_named(sessions: Sessions) -> None:
    """A statement without one of its values is not sent, least of all with nothing in its place."""
    with sessions.begin() as session, pytest.raises(KeyError, match="somebody"):
        SEEN.run_each(session, [{"nobody": "UANN"}])
    for count in (1, 40):
        people = [{"user_id": f"U{number}", "standing": "member"} for number in range(count)]
        with sessions.begin() as session, pytest.raises(KeyError, match="checked_at"):
            ADD.run_each(session, people)


@pytest.mark.parametrize("count", [1, 40])
def test_errors_are_those_of_sqlalchemy(sessions: Sessions, count: int) -> None:
    """What the database does not take is undone whole, and is an error that SQLAlchemy would have raised."""
    with pytest.raises(IntegrityError, match="INSERT INTO people") as caught, sessions.begin() as session:  # noqa: PT012  # as the callers do
        ADD.run_each(session, [person("UANN")])
        ADD.run_each(session, [person(f"U{number}", standing="king") for number in range(count)])
    assert "king" not in str(caught.value).partition("[SQL")[2]
    with sessions.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.postgresql
def test_a_connection_that_broke_is_not_used_again(postgresql_url: str) -> None:
    """When PostgreSQL ends a connection, its transaction fails as if the database were away; the next one goes on."""
    sessions, others = open_database(postgresql_url), open_database(postgresql_url)
    with pytest.raises(OperationalError) as caught, sessions.begin() as session:  # noqa: PT012  # as the callers do
        SEEN.run_each(session, [{"somebody": "UANN"}])
        backend = session.scalar(text("SELECT pg_backend_pid()"))
        with others.begin() as other:
            other.execute(text("SELECT pg_terminate_backend(:backend, 5000)"), {"backend": backend})
        SEEN.run_each(session, [{"somebody": "UANN"}])
    assert caught.value.connection_invalidated
    with sessions.begin() as session:
        assert SEEN.run_each(session, [{"somebody": "UANN"}]) == []
    sessions.dispose()
    others.dispose()


def test_a_word_of_ours_is_a_constant(sessions: Sessions) -> None:
    """What a statement itself says, like the kind of a message, goes along on both databases."""
    cards = Statement(
        select(OutboxMessage.key).where(
            OutboxMessage.kind == MessageKind.CARD, OutboxMessage.channel_id == bindparam("place")
        )
    )
    with sessions.begin() as session:
        session.add(Idea(title="T", search_text="t", author_id="UANN", created_at=NOW, answer_due_at=NOW))
        session.flush()
        for kind in (MessageKind.CARD, MessageKind.THREAD):
            row = {"key": f"{kind}:1", "kind": kind, "priority": 1, "idea_id": 1, "channel_id": "C1"}
            session.add(OutboxMessage(**row, post_key=kind, not_before=NOW, created_at=NOW))
        session.flush()
        assert cards.run_each(session, [{"place": "C1"}]) == [("card:1",)]


def test_a_transaction_after_a_lone_statement_is_one(sessions: Sessions) -> None:
    """A connection that was lent for lone statements comes back as it was: what fails next is undone whole."""
    with sessions.single() as connection:
        assert SEEN.run_each(connection, [{"somebody": "UANN"}]) == []
    with pytest.raises(LookupError), sessions.begin() as session:  # noqa: PT012  # as the callers do
        ADD.run_each(session, [person("UANN")])
        raise LookupError
    with sessions.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0
