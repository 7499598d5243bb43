"""What a digest reads costs what its week costs: votes of a time are found by their index."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session

from bot import clock
from db import digest_queries, home_queries, idea_queries
from db.models import Idea, Vote
from db.session import open_database

NOW = clock.now()
SINCE = NOW - timedelta(days=7)
READS: dict[str, Callable[[Session], Any]] = {
    "numbers": lambda session: digest_queries.week_numbers(session, SINCE, NOW),
    "counts": lambda session: (
        digest_queries.ideas_filed(session, SINCE, NOW, ["use"]),
        digest_queries.votes_cast(session, SINCE, NOW, ["use"]),
    ),
    "backed": lambda session: digest_queries.backed_ideas(session, SINCE, NOW),
    "top": lambda session: idea_queries.top_ideas(session, "U1", 1, SINCE),
    "wanted": lambda session: home_queries.most_wanted(session, SINCE, 5),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_votes_of_a_time_are_found_by_their_index(
    request: pytest.FixtureRequest, read: Callable[[Session], Any]
) -> None:
    """No statement about the votes of a week goes through those of all time, which grow and grow."""
    sessions = open_database(request.getfixturevalue("_fresh_sqlite"))
    with sessions.begin() as session:
        idea = {"title": "Idea", "search_text": "idea", "created_at": NOW, "answer_due_at": NOW}
        session.execute(insert(Idea), [idea] * 50)
        votes = [(number, voter) for number in range(1, 51) for voter in range(20)]
        vote = {"by_button": True, "counts": True}
        session.execute(
            insert(Vote),
            [vote | {"idea_id": n, "user_id": f"U{v}", "voted_at": NOW - timedelta(days=n)} for n, v in votes],
        )
        session.execute(text("ANALYZE"))
    plans: list[str] = []
    with sessions.reading() as session:
        connection = session.connection()

        def explain(_: Any, cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
            if "voted_at" in statement and not statement.startswith("EXPLAIN"):
                cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
                plans.extend(row[3] for row in cursor.fetchall())

        event.listen(connection, "before_cursor_execute", explain)
        read(session)
    sessions.dispose()
    assert any("ix_votes_voted_at" in plan for plan in plans)
    assert not [plan for plan in plans if plan.startswith("SCAN votes")]
