"""A vote that came alone is recorded on PostgreSQL without locks, and is what it would be under locks."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update

from bot import clock
from bot.payloads import Reaction
from bot.recorder import recorder
from bot.services import people, votes
from bot.services.people import Known
from bot.services.reactions import put_reactions, record_reactions
from bot.services.support import lock_idea
from bot.vote_emoji import VoteEmoji
from db.models import Idea, OutboxMessage, Person, Vote
from db.models import Reaction as ReactionRow
from db.session import Sessions, open_database
from db.types import MessageKind, Standing, Status
from tests.votes import counted

pytestmark = pytest.mark.postgresql

EMOJI = VoteEmoji(["+1", "heart"])
NOW = clock.now()
HEARD = 2_000_000
BEFORE = {
    "nothing": (),
    "the same again": (("+1", True, HEARD),),
    "an older one, taken off": (("+1", False, HEARD - 1),),
    "a newer one, taken off": (("+1", False, HEARD + 1),),
    "another emoji": (("heart", True, HEARD - 1),),
    "another emoji, taken off": (("heart", False, HEARD + 1),),
}


@pytest.fixture
def sessions(postgresql_url: str) -> Iterator[Sessions]:
    """Yield sessions on an empty database."""
    sessions = open_database(postgresql_url)
    yield sessions
    sessions.dispose()


def file(sessions: Sessions, number: int = 1, author: str = "UAUTHOR", **values: Any) -> None:
    """Have an idea with a card that stands."""
    place = {"idea_id": number, "channel_id": "CIDEAS", "message_ts": f"1000.{number:06}"}
    with sessions.begin() as session:
        times = {"created_at": NOW, "answer_due_at": NOW}
        session.add(Idea(id=number, title="T", search_text="t", author_id=author, **times, **values))
        session.flush()
        row = {"key": f"card:{number}", "kind": MessageKind.CARD, "priority": 1, "post_key": str(number)}
        session.add(OutboxMessage(**row, **place, not_before=NOW, created_at=NOW))


def meet(sessions: Sessions, *user_ids: str, standing: Standing = Standing.MEMBER) -> None:
    """Know these people."""
    with sessions.begin() as session:
        session.execute(insert(Person), [{"user_id": each, "standing": standing} for each in user_ids])


def vote_of(user_id: str, number: int = 1, name: str = "+1", ts: int = HEARD, *, is_active: bool = True) -> Reaction:
    """Return somebody's reaction to an idea's card."""
    return Reaction("CIDEAS", f"1000.{number:06}", user_id, name, ts, is_active)


def stored(sessions: Sessions, number: int) -> list[Any]:
    """Return all that a vote changes, without the idea's number."""
    with sessions.reading() as session:
        idea = session.execute(
            select(Idea.votes, OutboxMessage.wanted_revision).join(OutboxMessage).where(Idea.id == number)
        )
        stands = select(Vote.user_id, Vote.by_button, Vote.by_reaction, Vote.counts, Vote.voted_at)
        reactions = select(ReactionRow.user_id, ReactionRow.emoji, ReactionRow.is_active, ReactionRow.event_ts)
        known = select(Person.user_id, Person.standing)
        return [
            idea.one(),
            session.execute(stands.where(Vote.idea_id == number)).all(),
            session.execute(reactions.where(ReactionRow.message_ts == f"1000.{number:06}").order_by("emoji")).all(),
            session.execute(known.order_by("user_id")).all(),
        ]


@pytest.mark.parametrize("status", [Status.NEW, Status.WITHDRAWN])
@pytest.mark.parametrize("before", BEFORE)
def test_it_is_what_it_would_be_under_locks(sessions: Sessions, before: str, status: Status) -> None:
    """Whoever votes, on whatever, after whatever: the shortcut and the way under locks leave the same behind."""
    meet(sessions, "UMEMBER", "UAUTHOR")
    meet(sessions, "UGUEST", standing=Standing.GUEST)
    for number, (user, is_on, is_pressed) in enumerate(
        itertools.product(("UMEMBER", "UGUEST", "UAUTHOR", "UNOBODY"), (True, False), (True, False))
    ):
        pair = 2 * number + 1, 2 * number + 2
        for each in pair:
            file(sessions, each)
            with sessions.begin() as session:
                record_reactions(
                    session, [vote_of(user, each, name, ts, is_active=on) for name, on, ts in BEFORE[before]], EMOJI
                )
            if is_pressed and user == "UMEMBER":
                with sessions.begin() as session:
                    votes.cast_vote(session, each, user, NOW)
            with sessions.begin() as session:
                session.execute(update(Idea).values(status=status).where(Idea.id == each))
        shortcut, locked = (vote_of(user, each, is_active=is_on) for each in pair)
        recorder(sessions, lambda: EMOJI).commit(shortcut)
        with sessions.begin() as session:
            record_reactions(session, [locked], EMOJI)
        assert stored(sessions, pair[0]) == stored(sessions, pair[1]), (user, is_on, is_pressed)


def withdraw(sessions: Sessions) -> None:
    """Have the idea withdrawn."""
    with sessions.begin() as session:
        session.execute(update(Idea).values(status=Status.WITHDRAWN))


def learn_of_guest(sessions: Sessions) -> None:
    """Find out that the voter is a guest."""
    with sessions.begin() as session:
        people.learn_people(session, {"UANN": Known(Standing.GUEST)}, clock.now())


def press(sessions: Sessions) -> None:
    """Vote by button, too."""
    with sessions.begin() as session:
        votes.cast_vote(session, 1, "UANN", NOW)


def take_off(sessions: Sessions) -> None:
    """Take the reaction off, which is newer, and of which Slack told first."""
    with sessions.begin() as session:
        put_reactions(session, [vote_of("UANN", ts=HEARD + 1, is_active=False)])


def move_card(sessions: Sessions) -> None:
    """Post the idea's card anew."""
    with sessions.begin() as session:
        session.execute(update(OutboxMessage).values(message_ts="2000.000001"))


@pytest.mark.parametrize(
    ("deed", "tally", "stands"),
    [
        (withdraw, 0, []),
        (learn_of_guest, 0, [(False, True, False)]),
        (press, 1, [(True, True, True)]),
        (take_off, 0, []),
        (move_card, 0, []),
    ],
)
def test_what_changes_in_between_is_seen(
    sessions: Sessions, deed: Callable[[Sessions], None], tally: int, stands: list[Any]
) -> None:
    """What somebody else does between the look and the writing counts as if it had been done before."""
    file(sessions)
    meet(sessions, "UANN")
    done = list[str]()

    def meanwhile(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("WITH reaction") and not done:
            done.append(statement)
            deed(sessions)

    for engine in sessions.engines:
        event.listen(engine, "before_cursor_execute", meanwhile)
    recorder(sessions, lambda: EMOJI).commit(vote_of("UANN"))
    assert done
    with sessions.reading() as session:
        assert session.scalar(select(Idea.votes)) == tally
        rows = session.execute(select(Vote.by_button, Vote.by_reaction, Vote.counts)).all()
    assert [tuple(row) for row in rows] == stands


def test_news_of_the_voter_wait_for_a_vote_under_way(sessions: Sessions) -> None:
    """Whoever turns out to be a guest while their vote waits for the idea has none afterwards."""
    file(sessions)
    meet(sessions, "UANN")
    voter = Thread(target=recorder(sessions, lambda: EMOJI).commit, args=(vote_of("UANN"),))
    news = Thread(target=learn_of_guest, args=(sessions,))
    with sessions.begin() as session:
        lock_idea(session, 1)
        for each in (voter, news):
            each.start()
            each.join(0.3)
    for each in (voter, news):
        each.join(30)
    assert counted(sessions) == (0, 0)


def test_a_vote_that_waits_sees_what_it_waited_for(sessions: Sessions) -> None:
    """A vote that waits for somebody who withdraws the idea does not count."""
    file(sessions)
    meet(sessions, "UANN")
    voter = Thread(target=recorder(sessions, lambda: EMOJI).commit, args=(vote_of("UANN"),))
    with sessions.begin() as session:
        session.execute(update(Idea).values(status=Status.WITHDRAWN))
        voter.start()
        voter.join(0.3)
        assert voter.is_alive()
    voter.join(30)
    assert counted(sessions) == (0, 0)


def test_votes_keep_to_a_connection_of_their_own(sessions: Sessions) -> None:
    """Votes that come alone go through one connection, which stays warm, and transactions under way through others."""
    people = [f"U{number}" for number in range(6)]
    file(sessions)
    meet(sessions, *people)
    of_transactions, of_votes = set[int](), set[int]()

    def note(connection: Any, *_more: object) -> None:
        used = of_votes if connection.engine is sessions.engines[-1] else of_transactions
        used.add(connection.connection.driver_connection.info.backend_pid)

    for engine in sessions.engines:
        event.listen(engine, "before_cursor_execute", note)
    for number, user in enumerate(people):
        with ExitStack() as transactions:
            for _ in range(number % 3):
                transactions.enter_context(sessions.begin()).execute(text("SELECT 1"))
            recorder(sessions, lambda: EMOJI).commit(vote_of(user))
    assert counted(sessions) == (6, 6)
    assert len(of_votes) == 1
    assert not of_votes & of_transactions


def test_it_goes_through_nothing_that_grows(sessions: Sessions) -> None:
    """Both statements find all that they need by an index, on PostgreSQL as SQLite's do."""
    file(sessions)
    meet(sessions, "UANN")
    asked = list[tuple[str, Any]]()
    for engine in sessions.engines:
        event.listen(engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    recorder(sessions, lambda: EMOJI).commit(vote_of("UANN"))
    assert len(asked) == 2
    questions = list(asked)
    with sessions.engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        for statement, values in questions:
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars()
            assert [step for step in plan if "Seq Scan" in step] == []
