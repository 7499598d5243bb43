"""What App Home reads: from indexes, in as many statements for ten thousand ideas as for ten, by everybody's rights."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from bot import clock
from bot.deps import Deps
from bot.home_rendering import home_view
from bot.services.rights import Role, deeds_of, viewer_of
from bot.settings import Settings
from db import home_queries as queries
from db.home_queries import DeskFilter, Whose
from db.idea_queries import find_idea
from db.models import Idea, Person, RoleMember, Stage, Vote, Workspace
from db.session import Sessions, open_database
from db.types import Status
from tests.databases import look_through

LEADER = "U0LEADER01"
SETTINGS: dict[str, Any] = {
    "slack_bot_token": "xoxb-1",
    "slack_app_token": "xapp-1",
    "cx_ideas_channel": "C0IDEAS001",
    "cx_digest_channel": "C0LEADS001",
}
STATUSES = (*[Status.NEW] * 4, Status.UNDER_REVIEW, Status.PLANNED, Status.SHIPPED)


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    """Yield a database with a leader in it."""
    sessions = open_database(database_url)
    with sessions.begin() as session:
        session.add(RoleMember(role=Role.LEADER, user_id=LEADER, source=LEADER))
        session.add(Workspace(team_id="T1", bot_user_id="U0BOT00001", url="https://x.example/", learned_at=clock.now()))
    yield sessions
    sessions.dispose()


def fill(sessions: Sessions, count: int, **values: Any) -> None:
    """Add so many ideas of many people, and a vote for each."""
    now = clock.now()
    with sessions.begin() as session:
        ideas = [_idea(number, STATUSES[number % len(STATUSES)]) | values for number in range(count)]
        numbers = session.scalars(insert(Idea).returning(Idea.id), ideas).all()
        vote = {"user_id": "U0VOTER001", "by_button": True, "counts": True, "voted_at": now}
        session.execute(insert(Vote), [vote | {"idea_id": number} for number in numbers])
    look_through(sessions)


def _idea(number: int, status: Status) -> dict[str, Any]:
    filed_at = clock.now() - timedelta(minutes=number)
    return {
        "title": f"Idea {number}",
        "search_text": "idea",
        "author_id": f"U0AUTHOR{number % 50:02}",
        "status": status,
        "votes": 1,
        "created_at": filed_at,
        "answer_due_at": filed_at + timedelta(days=5),
        "settled_at": None if status in (Status.NEW, Status.UNDER_REVIEW) else filed_at,
    }


def plan_of(sessions: Sessions, statement: str, parameters: Any) -> str:
    """Return how the database reads, by its own words."""
    with sessions.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters))


def statements_of(sessions: Sessions, user_id: str, **look: Any) -> list[tuple[str, Any]]:
    """Return the statements of which one Home is made."""
    made: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        if statement.startswith("SELECT"):
            made.append((statement, parameters))

    deps = Deps.build(Settings(**SETTINGS), sessions)
    deps.book.refresh()
    deps.identity.get()
    event.listen(sessions.engine, "before_cursor_execute", note)
    with sessions.reading() as session:
        home_view(session, deps, {"user_id": user_id, **look}, clock.now())
    event.remove(sessions.engine, "before_cursor_execute", note)
    return made


def test_a_leader_s_first_page_reads_no_table_through(sessions: Sessions) -> None:
    """With many ideas, answered and not, no statement of a leader's Home goes through all ideas."""
    fill(sessions, 3_000, settled_at=clock.now(), status=Status.SHIPPED)
    fill(sessions, 700)
    plans = [plan_of(sessions, *each) for each in statements_of(sessions, LEADER)]
    assert len(plans) > 8
    for plan in plans:
        assert "SCAN ideas\n" not in f"{plan}\n", plan
        assert "Seq Scan on ideas" not in plan, plan
    assert sum("ix_ideas_waiting" in plan for plan in plans) == 2, "counting and the page itself"


def test_statements_do_not_grow_with_the_ideas(sessions: Sessions) -> None:
    """A Home with full lists takes as many statements as one with an idea in each."""
    fill(sessions, 8, author_id="U0AUTHOR01")
    few = statements_of(sessions, LEADER)
    fill(sessions, 300)
    assert [statement[:30] for statement, _ in statements_of(sessions, LEADER)] == [each[:30] for each, _ in few]


def test_what_is_due_comes_first_page_by_page(sessions: Sessions) -> None:
    """Pages follow one another by the answer date, none left out and none twice; beyond the last comes the last."""
    fill(sessions, 100)
    now = clock.now() + timedelta(days=5, minutes=-30)
    with sessions.reading() as session:
        pages = [queries.desk_page(session, DeskFilter(), page, 7, now) for page in range(1, 14)]
        shown = [number for page in pages[: pages[0].pages] for number in page.idea_ids]
        dues = [session.get_one(Idea, number).answer_due_at for number in shown]
    assert dues == sorted(dues)
    assert len(set(shown)) == len(shown) == pages[0].total == 72
    assert pages[0].overdue == sum(due <= now for due in dues) > 0
    assert pages[-1] == pages[pages[0].pages - 1]


def test_the_desk_is_narrowed_by_whom_and_where(sessions: Sessions) -> None:
    """Stage, owner, a deputy's stages: each narrows, and together they narrow further."""
    fill(sessions, 1, stage="use", owner_id="U1", status=Status.NEW, settled_at=None)
    fill(sessions, 1, stage="use", owner_id="U2", status=Status.NEW, settled_at=None)
    fill(sessions, 1, stage="buy", owner_id="U2", status=Status.NEW, settled_at=None)
    fill(sessions, 1, status=Status.NEW, settled_at=None)
    wanted = {
        DeskFilter(): {1, 2, 3, 4},
        DeskFilter(stages=("use",)): {1, 2},
        DeskFilter(stages=(None,)): {4},
        DeskFilter(whose=Whose(frozenset({"U2"}))): {2, 3},
        DeskFilter(whose=Whose(frozenset({"U1"}), frozenset({"buy"}))): {1, 3},
        DeskFilter(stages=("use",), whose=Whose(frozenset({"U2"}))): {2},
        DeskFilter((Status.PLANNED,)): set(),
        DeskFilter(whose=Whose()): set(),
    }
    with sessions.reading() as session:
        for chosen, numbers in wanted.items():
            assert set(queries.desk_page(session, chosen, 1, 10, clock.now()).idea_ids) == numbers, chosen


def test_the_most_wanted_are_open_and_of_the_week(sessions: Sessions) -> None:
    """Votes before the week, votes that do not count and ideas that are closed do not make an idea wanted."""
    now = clock.now()
    fill(sessions, 4, status=Status.NEW, settled_at=None)
    fill(sessions, 1, status=Status.DECLINED)
    with sessions.begin() as session:
        for user in ("U1", "U2"):
            session.add(Vote(idea_id=3, user_id=user, by_button=True, counts=True, voted_at=now))
            session.add(Vote(idea_id=5, user_id=user, by_button=True, counts=True, voted_at=now))
            session.add(Vote(idea_id=2, user_id=user, by_button=False, counts=False, voted_at=now))
        session.execute(text("UPDATE votes SET voted_at = created_at FROM ideas WHERE ideas.id = idea_id AND id = 4"))
        session.execute(text("UPDATE votes SET counts = NOT counts WHERE idea_id = 1"))
    with sessions.reading() as session:
        assert queries.most_wanted(session, now - timedelta(minutes=1), 3) == {3: 3, 2: 1}


def test_what_waits_for_a_vote(sessions: Sessions) -> None:
    """The newest open ideas of others, of the last days, without a vote of one's own; one taken back waits again."""
    now = clock.now()
    fill(sessions, 6, status=Status.NEW, settled_at=None, author_id="U1")
    fill(sessions, 1, status=Status.NEW, settled_at=None, author_id=None)
    with sessions.begin() as session:
        session.add(Vote(idea_id=2, user_id="U2", by_button=True, counts=True, voted_at=now))
        session.add(Vote(idea_id=3, user_id="U2", by_button=False, counts=False, voted_at=now))
        session.get_one(Idea, 4).status = Status.DECLINED
        session.get_one(Idea, 5).created_at = now - timedelta(days=31)
    with sessions.reading() as session:
        since = now - timedelta(days=30)
        assert queries.unvoted_ideas(session, "U2", since, 5) == (7, 1, 3, 6)
        assert queries.unvoted_ideas(session, "U2", since, 5, without=(3,)) == (7, 1, 6)
        assert queries.unvoted_ideas(session, "U2", since, 2) == (7, 1)
        assert queries.unvoted_ideas(session, "U1", since, 5) == (7,)


PEOPLE = (
    "U0AUTHOR01",
    "U0OWNER001",
    "U0GROUPED1",
    "U0DEPUTY01",
    "U0DEPUTY02",
    "U0BOTH0001",
    LEADER,
    "U0LEFT0001",
    "U9",
)


def test_a_viewer_s_rights_are_the_rights(sessions: Sessions) -> None:
    """What Home offers, read once for all ideas, is what the rules allow for each idea by itself."""
    with sessions.begin() as session:
        for user, source in (("U0GROUPED1", "S0GROUP001"), ("U0DEPUTY02", "S0GROUP002")):
            session.add(RoleMember(role=Role.OWNER, user_id=user, source=source))
        for user in ("U0BOTH0001", "U0LEFT0001"):
            session.add(RoleMember(role=Role.LEADER, user_id=user, source="S0LEADERS1"))
        session.add(Person(user_id="U0LEFT0001", standing="deactivated"))
        session.get_one(Stage, "use").deputy_id = "U0DEPUTY01"
        session.get_one(Stage, "buy").deputy_id = "S0GROUP002"
    owners = (None, "U0OWNER001", "S0GROUP001", "U0BOTH0001", "U0LEFT0001", "S0LEADERS1")
    for owner, stage, status in itertools.product(owners, ("use", "buy", None), Status):
        fill_one(sessions, owner_id=owner, stage=stage, status=status)
    with sessions.reading() as session:
        ideas = [find_idea(session, number) for number in range(1, len(owners) * 3 * len(Status) + 1)]
        viewers = {user: viewer_of(session, user) for user in PEOPLE}
        assert len({viewer.standpoint(idea) for viewer in viewers.values() for idea in ideas if idea}) == 5
        for (user, viewer), idea in itertools.product(viewers.items(), ideas):
            assert idea
            assert viewer.deeds(idea, ()) == deeds_of(session, idea, user), (user, idea)


def fill_one(sessions: Sessions, **values: Any) -> None:
    """Add an idea that waits, whose author makes it."""
    with sessions.begin() as session:
        session.execute(insert(Idea), _idea(1, Status.NEW) | {"maker_id": "U0AUTHOR01"} | values)
