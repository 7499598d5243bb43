"""What comes while a transaction is under way shares the next one, and nobody hears before their work is committed."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from bot.group_commit import GroupCommit
from db.models import Person
from db.session import Sessions, open_database
from tests.bot import wait_until

PEOPLE = [f"U{number:03}" for number in range(12)]


class Crowd:
    """Threads that write people down together; the first of them is held until the rest wait."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.groups: list[list[str]] = []
        self.go_on = threading.Event()
        self.together = GroupCommit(sessions, self._write)
        self.pool = ThreadPoolExecutor(len(PEOPLE))

    def _write(self, session: Session, people: Sequence[str]) -> None:
        self.groups.append(list(people))
        session.execute(insert(Person), [{"user_id": each, "standing": "member"} for each in people])
        assert self.go_on.wait(10)

    def come(self, people: Sequence[str]) -> list[Future[bool]]:
        """Have everybody come, the first alone, the others while the first is being written down."""
        first = self.pool.submit(self._be_written, people[0])
        wait_until(lambda: self.groups)
        rest = [self.pool.submit(self._be_written, each) for each in people[1:]]
        wait_until(lambda: len(self.together._waiting) == len(rest))  # who waits shows nowhere else
        self.go_on.set()
        return [first, *rest]

    def _be_written(self, user_id: str) -> bool:
        self.together.commit(user_id)
        return user_id in self.written()

    def written(self) -> set[str]:
        """Return who is in the database, as another connection sees it."""
        with self.sessions.reading() as session:
            return set(session.scalars(select(Person.user_id)))


@pytest.fixture
def crowd(database_url: str) -> Iterator[Crowd]:
    """Yield a crowd at an empty database."""
    sessions = open_database(database_url)
    crowd = Crowd(sessions)
    yield crowd
    crowd.go_on.set()
    crowd.pool.shutdown()
    sessions.dispose()


def test_a_crowd_shares_a_transaction(crowd: Crowd) -> None:
    """Whoever comes while one is written down is written down with all others who wait, in one transaction."""
    assert [future.result(10) for future in crowd.come(PEOPLE)] == [True] * len(PEOPLE)
    assert sorted(map(len, crowd.groups)) == [1, len(PEOPLE) - 1]


def test_nobody_hears_before_their_commit(crowd: Crowd) -> None:
    """With the group held just before its commit nobody of it is answered; afterwards each finds their own."""
    at_commit, may_commit = threading.Semaphore(0), threading.Semaphore(1)

    def hold(_connection: object) -> None:
        at_commit.release()
        assert may_commit.acquire(timeout=10)

    event.listen(crowd.sessions.engine, "commit", hold)
    futures = crowd.come(PEOPLE)
    assert all(at_commit.acquire(timeout=10) for _ in range(2))
    assert futures[0].result(10)
    assert [future for future in futures[1:] if future.done()] == []
    may_commit.release()
    assert all(future.result(10) for future in futures)


def test_what_the_database_does_not_take_fails_alone(crowd: Crowd) -> None:
    """Of a group in which two bring the same, only one of the two is refused; everybody else is written down."""
    futures = crowd.come([*PEOPLE[:-1], PEOPLE[1]])
    errors = [future.exception(10) for future in futures]
    assert [type(error) for error in errors if error] == [IntegrityError]
    assert crowd.written() == set(PEOPLE[:-1])


def test_without_a_database_all_are_refused_together(crowd: Crowd) -> None:
    """When the database is away, the whole group hears so after one try; the next one goes on."""

    def be_away(_connection: object) -> None:
        if len(crowd.groups) > 1:
            raise OperationalError("COMMIT", {}, Exception("gone"))

    event.listen(crowd.sessions.engine, "commit", be_away)
    errors = [future.exception(10) for future in crowd.come(PEOPLE)]
    assert [type(error) for error in errors] == [type(None)] + [OperationalError] * (len(PEOPLE) - 1)
    assert len(crowd.groups) == 2
    event.remove(crowd.sessions.engine, "commit", be_away)
    crowd.together.commit("ULATER")
    assert crowd.written() == {PEOPLE[0], "ULATER"}


def test_only_who_comes_alone_takes_the_shortcut(crowd: Crowd) -> None:
    """The shortcut's work is not done again; what it leaves is done the usual way, and its error is the caller's."""
    done = list[str]()

    def shortcut(item: str) -> bool:
        if item == "broken":
            raise LookupError(item)
        return item == "plain"

    together = GroupCommit[str](crowd.sessions, lambda _session, items: done.extend(items), shortcut)
    together.commit("plain")
    together.commit("other")
    with pytest.raises(LookupError):
        together.commit("broken")
    assert done == ["other"]
