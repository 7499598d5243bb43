"""Leaders decide at the same moment, from several processes: one after the other, and nobody meets a deadlock."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.deeds import Deed
from bot.errors import BotError
from bot.services import people, votes
from bot.services.answers import Decision, decide, lock_idea
from bot.services.ideas import FilingRules
from bot.services.owners import sponsor
from bot.services.people import Known
from db.models import Idea, IdeaChange, OutboxMessage, RoleMember
from db.session import Sessions, open_database
from db.types import MessageKind, Standing, Status
from tests.db.test_vote_concurrency import at_once
from tests.votes import counted

RULES = FilingRules("CIDEAS", 5, ZoneInfo("UTC"))
LEADERS = ["UANN", "UBEN", "UCAT", "UDAN"]
REASON = "We looked at it for a week; it would cost more than it would bring to anybody."


@pytest.fixture
def pair(database_url: str) -> Iterator[tuple[Sessions, Sessions]]:
    """Yield two processes' worth of sessions on a database with leaders in it."""
    first, second = open_database(database_url), open_database(database_url)
    with first.begin() as session:
        session.add_all(RoleMember(role="leader", user_id=user, source=user) for user in LEADERS)
    yield first, second
    first.dispose()
    second.dispose()


def file(sessions: Sessions, count: int) -> list[int]:
    """File some ideas; return their numbers."""
    now = datetime.now(UTC)
    with sessions.begin() as session:
        ideas = [Idea(title="T", search_text="t", author_id="UAUTHOR", created_at=now) for _ in range(count)]
        for idea in ideas:
            idea.answer_due_at = now + timedelta(days=7)
            session.add(idea)
            session.flush()
            row = {"key": f"card:{idea.id}", "kind": MessageKind.CARD, "priority": 1, "idea_id": idea.id}
            session.add(OutboxMessage(**row, post_key=str(idea.id), not_before=now, created_at=now))
        return [idea.id for idea in ideas]


def decision(deed: Deed, idea_id: int, user: str, into: int | None = None) -> Decision:
    """Return what a leader decides."""
    until = datetime.now(UTC).date() + timedelta(days=9)
    status = Status.PLANNED if deed is Deed.ANSWER else None
    return Decision(deed, idea_id, user, datetime.now(UTC), REASON, status, until, "", into)


def deciding(sessions: Sessions, what: Decision, refused: list[BotError]) -> Callable[[], None]:
    """Return the deed of deciding this; a refusal in words is noted, anything else is raised."""

    def deed() -> None:
        try:
            with sessions.begin() as session:
                decide(session, what, RULES)
        except BotError as error:
            refused.append(error)

    return deed


def test_leaders_who_answer_at_once_answer_one_after_the_other(pair: tuple[Sessions, Sessions]) -> None:
    """Of many decisions at the same moment each is made on what the one before left, or refused in words."""
    for _ in range(6):
        (number,) = file(pair[0], 1)
        refused: list[BotError] = []
        deeds = [Deed.ANSWER, Deed.DECLINE, Deed.PARK, Deed.REVIEW] * 2
        what = [decision(deed, number, user) for deed, user in zip(deeds, itertools.cycle(LEADERS), strict=False)]
        at_once([deciding(pair[place % 2], each, refused) for place, each in enumerate(what)])
        with pair[0].reading() as session:
            changes = list(session.scalars(select(IdeaChange).where(IdeaChange.idea_id == number).order_by("id")))
            idea = session.get_one(Idea, number)
        assert len(changes) + len(refused) == len(what)
        assert [change.before for change in changes] == ["new", *(change.after for change in changes[:-1])]
        assert idea.status == changes[-1].after
        answers = [change.id for change in changes if change.after != "under_review"]
        assert idea.answer_id == (answers[-1] if answers else None)


def test_two_ideas_merged_into_each_other(pair: tuple[Sessions, Sessions]) -> None:
    """A into B while B goes into A, and people vote and become known: one goes into the other, and no vote is lost."""
    for round_number in range(8):
        first, second = file(pair[0], 2)
        fans = [f"U{round_number}X{number}" for number in range(8)]
        for number, user in enumerate(fans):
            with pair[0].begin() as session:
                votes.cast_vote(session, (first, second)[number % 2], user, datetime.now(UTC))
        refused: list[BotError] = []
        deeds = [
            deciding(pair[0], decision(Deed.MERGE, first, "UANN", second), refused),
            deciding(pair[1], decision(Deed.MERGE, second, "UBEN", first), refused),
            lambda fans=fans: learn(pair[1], fans),  # type: ignore[misc]
            lambda first=first: vote(pair[0], first, "ULATE"),  # type: ignore[misc]
            lambda second=second: vote(pair[1], second, "ULATE"),  # type: ignore[misc]
            lambda fans=fans: learn(pair[0], ["ULATE", *fans]),  # type: ignore[misc]
        ]
        at_once(deeds if round_number % 2 else deeds[::-1], len(deeds))
        with pair[0].reading() as session:
            ideas = {number: session.get_one(Idea, number) for number in (first, second)}
        (merged,) = [number for number, idea in ideas.items() if idea.status == Status.MERGED]
        assert len(refused) == 1
        assert ideas[merged].merged_into in ideas
        kept = first + second - merged
        tally, rows = counted(pair[0], kept)
        assert tally == rows
        assert rows in {len(fans), len(fans) + 1}


def vote(sessions: Sessions, idea_id: int, user: str) -> None:
    """Vote by button."""
    with sessions.begin() as session:
        votes.cast_vote(session, idea_id, user, datetime.now(UTC))


def learn(sessions: Sessions, users: list[str]) -> None:
    """Hear that these people are of the company."""
    with sessions.begin() as session:
        people.learn_people(session, dict.fromkeys(users, Known(Standing.MEMBER)), datetime.now(UTC))


def test_two_leaders_take_an_idea_over(pair: tuple[Sessions, Sessions]) -> None:
    """Whoever comes second takes it over from the first; the history has both."""
    (number,) = file(pair[0], 1)

    def take(sessions: Sessions, user: str) -> None:
        with sessions.begin() as session:
            sponsor(session, lock_idea(session, number), user, datetime.now(UTC))

    at_once([lambda place=place, user=user: take(pair[place % 2], user) for place, user in enumerate(LEADERS)], 4)  # type: ignore[misc]
    with pair[0].reading() as session:
        changes = list(session.scalars(select(IdeaChange).order_by(IdeaChange.id)))
        owner_id = session.get_one(Idea, number).owner_id
    assert [change.before for change in changes] == [None, *(change.after for change in changes[:-1])]
    assert sorted(str(change.after) for change in changes) == LEADERS
    assert owner_id == changes[-1].after
