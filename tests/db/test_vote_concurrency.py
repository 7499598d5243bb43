"""Many people vote at the same moment, from several processes: no vote is lost, and nobody waits for ever."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Thread

import pytest
from sqlalchemy import event, update

from bot import clock
from bot.payloads import Reaction
from bot.recorder import recorder
from bot.services import people, repairs, votes
from bot.services.people import Known
from bot.services.reactions import record_reactions
from bot.services.repairs import Card, Listed
from bot.vote_emoji import VoteEmoji
from db.models import Idea, OutboxMessage, Person
from db.session import Sessions, open_database
from db.types import MessageKind, Standing
from tests.votes import counted

PLACE = ("CIDEAS", "1000.000001")
EMOJI = VoteEmoji(["+1", "heart"])
PEOPLE = [f"U{number:03}" for number in range(24)]
TICKS = itertools.count(1_000_000)


@pytest.fixture
def pair(database_url: str) -> Iterator[tuple[Sessions, Sessions]]:
    """Yield two processes' worth of sessions on a database with two ideas, whose cards stand."""
    first, second = open_database(database_url), open_database(database_url)
    now = clock.now()
    with first.begin() as session:
        for number in (1, 2):
            idea = Idea(title="T", search_text="t", author_id="UAUTHOR", created_at=now, answer_due_at=now)
            session.add(idea)
            session.flush()
            row = {"key": f"card:{number}", "kind": MessageKind.CARD, "priority": 1, "idea_id": number}
            place = {"channel_id": PLACE[0], "message_ts": f"1000.00000{number}"}
            session.add(OutboxMessage(**row | place, post_key=str(number), not_before=now, created_at=now))
    yield first, second
    first.dispose()
    second.dispose()


def at_once(deeds: Sequence[Callable[[], object]], threads: int = 8) -> None:
    """Do all these in so many threads that begin together; raise what any of them raised."""
    ready = threading.Barrier(threads)

    def work(mine: Sequence[Callable[[], object]]) -> None:
        ready.wait()
        for deed in mine:
            deed()

    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(work, deeds[number::threads]) for number in range(threads)]:
            future.result()


def react(sessions: Sessions, user: str, name: str = "+1", *, idea: int = 1, is_active: bool = True) -> None:
    """Record a reaction as the handler does."""
    reaction = Reaction(PLACE[0], f"1000.00000{idea}", user, name, next(TICKS), is_active)
    recorder(sessions, lambda: EMOJI).commit(reaction)


def deliver(sessions: Sessions, *reactions: Reaction) -> bool:
    """Record reactions in one transaction; tell whether a tally changed."""
    with sessions.begin() as session:
        return record_reactions(session, reactions, EMOJI)


def press(sessions: Sessions, user: str, idea: int = 1) -> None:
    """Vote by button."""
    with sessions.begin() as session:
        votes.cast_vote(session, idea, user, clock.now())


def test_many_vote_at_once(pair: tuple[Sessions, Sessions]) -> None:
    """Eight threads of two processes vote on one idea, by button and reaction alike: one vote for each person."""
    deeds: list[Callable[[], object]] = []
    for number, user in enumerate(PEOPLE):
        here, there = pair[number % 2], pair[(number + 1) % 2]
        deeds += [
            lambda here=here, user=user: react(here, user),  # type: ignore[misc]
            lambda there=there, user=user: press(there, user),  # type: ignore[misc]
            lambda there=there, user=user: react(there, user, "heart"),  # type: ignore[misc]
        ]
    at_once(deeds)
    assert counted(pair[0]) == (len(PEOPLE), len(PEOPLE))


def test_the_same_event_in_parallel_has_one_effect(pair: tuple[Sessions, Sessions]) -> None:
    """One event delivered eight times at the same moment, to two replicas, counts once."""
    reaction = Reaction(*PLACE, "UANN", "+1", next(TICKS))
    effects = list[bool]()

    def hear(sessions: Sessions) -> None:
        effects.append(deliver(sessions, reaction))

    at_once([lambda number=number: hear(pair[number % 2]) for number in range(16)])  # type: ignore[misc]
    assert sorted(effects) == [False] * 15 + [True]
    assert counted(pair[0]) == (1, 1)


def test_a_reaction_that_crosses_with_its_card(pair: tuple[Sessions, Sessions]) -> None:
    """Put on a card in the moment in which another process writes down where it stands, a reaction counts once."""
    for number, user in enumerate(PEOPLE[:6]):
        place = (PLACE[0], f"2000.00000{number}")
        voter = Thread(target=deliver, args=(pair[1], Reaction(*place, user, "+1", next(TICKS))))
        with pair[0].begin() as session:
            votes.lock_card(session, 1, place, EMOJI)
            voter.start()
            voter.join(0.02 * number)  # It comes upon the lock, or after the commit.
            session.execute(update(OutboxMessage).values(message_ts=place[1]).where(OutboxMessage.key == "card:1"))
            votes.recount_card(session, 1, place, EMOJI, clock.now())
        voter.join(30)
        assert counted(pair[0])[0] == 1


def test_crowds_on_two_cards_cross_without_deadlock(pair: tuple[Sessions, Sessions]) -> None:
    """Two replicas record crowds that name the same people and cards in opposite orders: each counts once."""
    for round_number in range(6):
        crowd = [
            Reaction(PLACE[0], f"1000.00000{idea}", user, name, next(TICKS))
            for user in PEOPLE[round_number * 4 : round_number * 4 + 4]
            for idea in (1, 2)
            for name in ("+1", "heart")
        ]
        here, there = partial(deliver, pair[0], *crowd), partial(deliver, pair[1], *crowd[::-1])
        at_once([here, there], 2)
    assert [counted(pair[0], idea) for idea in (1, 2)] == [(24, 24), (24, 24)]


def test_what_a_crowd_costs(pair: tuple[Sessions, Sessions]) -> None:
    """Sixteen votes on two cards take PostgreSQL six statements and two for each card, SQLite four for each of both."""
    with pair[0].begin() as session:
        session.add_all([Person(user_id=user, standing=Standing.MEMBER) for user in PEOPLE])
    crowd = [
        Reaction(PLACE[0], f"1000.00000{1 + number % 2}", user, "+1", next(TICKS))
        for number, user in enumerate(PEOPLE[:16])
    ]
    with statements(pair[0]) as seen:
        deliver(pair[0], *crowd)
    assert len(seen) <= (6 + 2 * 2 if pair[0].engine.dialect.name == "postgresql" else 4 * 16 + 4 * 2), seen
    assert [counted(pair[0], idea) for idea in (1, 2)] == [(8, 8), (8, 8)]


def test_votes_standings_and_repairs_cross_without_deadlock(pair: tuple[Sessions, Sessions]) -> None:
    """People vote while Slack says what they are and a repair counts the card: every transaction goes through."""
    for round_number in range(4):
        newcomers = [f"U{round_number}X{number}" for number in range(16)]
        deeds: list[Callable[[], object]] = []
        for number, user in enumerate(newcomers):
            deeds.append(lambda user=user, number=number: react(pair[0], user, idea=1 + number % 2))  # type: ignore[misc]
            deeds.append(lambda user=user: press(pair[1], user))  # type: ignore[misc]
        deeds += [
            lambda newcomers=newcomers: _learn(pair[1], newcomers),  # type: ignore[misc]
            lambda: _recount(pair[0]),
            lambda newcomers=newcomers: _learn(pair[0], newcomers),  # type: ignore[misc]
            lambda newcomers=newcomers: _repair(pair[1], newcomers),  # type: ignore[misc]
        ]
        at_once(deeds[::-1])
    for idea_id in (1, 2):
        tally, rows = counted(pair[0], idea_id)
        assert tally == rows
        assert rows
    assert counted(pair[0])[0] == 64


def test_a_vote_crossing_with_news_of_its_person(pair: tuple[Sessions, Sessions]) -> None:
    """Whoever turns out to be a guest while their vote is being counted has none afterwards."""
    for number in range(12):
        user = f"UGUEST{number}"
        if number % 2:  # The shortcut is for people who are known.
            _learn(pair[0], [user])
        at_once([lambda user=user: react(pair[0], user), lambda user=user: _learn(pair[1], [user], Standing.GUEST)], 2)  # type: ignore[misc]
    assert counted(pair[0]) == (0, 0)


def test_what_a_vote_costs(pair: tuple[Sessions, Sessions]) -> None:
    """A vote of a known person takes eight statements at most, two on PostgreSQL, on an idea of any size."""
    sessions = pair[0]
    with sessions.begin() as session:
        session.add_all([Person(user_id=user, standing=Standing.MEMBER) for user in PEOPLE])
    for user in PEOPLE[:10]:
        react(sessions, user)
    whole, second = (2, 6) if sessions.engine.dialect.name == "postgresql" else (8, 5)
    for user, name, most in ((PEOPLE[11], "+1", whole), (PEOPLE[11], "heart", second), (PEOPLE[12], "eyes", 1)):
        with statements(sessions) as seen:
            react(sessions, user, name)
        assert len(seen) <= most, seen


@pytest.mark.parametrize(("voters", "most"), [(3, 9), (40, 7)])
def test_what_a_recount_costs(pair: tuple[Sessions, Sessions], voters: int, most: int) -> None:
    """Counting a card anew takes few reads however many voted, when nothing has changed."""
    for number in range(voters):
        react(pair[0], f"UR{number}")
    with statements(pair[0]) as seen:
        _recount(pair[0])
    assert len(seen) <= most, seen


@contextmanager
def statements(sessions: Sessions) -> Iterator[list[str]]:
    """Collect the statements that go to the database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    for engine in sessions.engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in sessions.engines:
            event.remove(engine, "before_cursor_execute", note)
    seen[:] = [statement for statement in seen if not statement.startswith("BEGIN")]


def _learn(sessions: Sessions, user_ids: list[str], standing: Standing = Standing.MEMBER) -> None:
    with sessions.begin() as session:
        people.learn_people(session, dict.fromkeys(reversed(user_ids), Known(standing)), clock.now())


def _recount(sessions: Sessions) -> None:
    with sessions.begin() as session:
        votes.recount_card(session, 1, PLACE, EMOJI, clock.now())


def _repair(sessions: Sessions, user_ids: list[str]) -> None:
    listed = {"heart": Listed(frozenset(user_ids), len(user_ids) + 1)}
    with sessions.begin() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.idea_id == 2).values(attempts=0))
    with sessions.begin() as session:
        repairs.repair_card(session, Card(1, *PLACE), listed, next(TICKS), EMOJI)
