"""What the bot does by the day: reminds owners, brings ideas back, reads threads, asks for the next idea."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.deeds import Deed
from bot.services.preferences import choose_kinds
from db.models import Idea, IdeaChange, Invitation, RoleMember, Stage
from db.types import Status
from sandbox.people import DEACTIVATED_ID
from tests.bot import AGENT, CLERK, DRIVER, ENGINEER, GUARD, LEADER, MANAGER, World
from tests.news import LINE, at, buttons, decide, learn_people, letters, notes, plan, rows, texts, weekday

QUESTION = "Will that work for parcels as well?"


@pytest.fixture
def world(sqlite_world: World) -> World:
    """Return a workspace on a Tuesday at ten, in which the bot knows everybody."""
    weekday(sqlite_world)
    learn_people(sqlite_world)
    return sqlite_world


def go_to(world: World, day: datetime, hour: float) -> None:
    """Let it be this hour, in UTC, of a day, and the bot make its rounds."""
    at(world, datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour))
    world.runtime._jobs.do_daily_work()
    world.settle()


def own(world: World, idea_id: int, owner_id: str | None, stage: str | None = None) -> datetime:
    """Give an idea an owner; return its answer date."""
    world.write(update(Idea).where(Idea.id == idea_id).values(owner_id=owner_id, stage=stage))
    return idea(world, idea_id).answer_due_at


def idea(world: World, idea_id: int = 1) -> Idea:
    """Return an idea's row."""
    with world.runtime.deps.sessions.reading() as session:
        return session.get_one(Idea, idea_id)


def test_owners_are_reminded_a_working_day_before_in_one_message(world: World) -> None:
    """The day before the answer date the owner gets one message about all that is due, with buttons; nobody else."""
    world.file(GUARD, LINE)
    world.file(AGENT, "Answer letters by name")
    for idea_id in (1, 2):
        due = own(world, idea_id, ENGINEER)
    go_to(world, due - timedelta(days=1), 7.9)
    assert texts(world, ENGINEER) == []
    go_to(world, due - timedelta(days=1), 8.1)
    go_to(world, due - timedelta(days=1), 12)
    (text,) = texts(world, ENGINEER)
    assert text.startswith("Two people wait for your word:")
    assert f"CX-1 · {LINE} (tomorrow)" in text
    assert "CX-2 · Answer letters by name (tomorrow)" in text
    assert {"Answer", "Route"} <= set(buttons(letters(world, ENGINEER)[0]))
    assert texts(world, LEADER) == []


def test_on_the_day_the_stage_s_people_are_reminded_too(world: World) -> None:
    """On the answer date the owner, the stage's owner and their deputy each get a message; not about answered ones."""
    world.file(GUARD, LINE)
    world.file(GUARD, "Answer letters by name")
    world.write(update(Stage).where(Stage.key == "use").values(owner_id=MANAGER, deputy_id=DRIVER))
    for idea_id in (1, 2):
        due = own(world, idea_id, ENGINEER, "use")
    plan(world, 2)
    go_to(world, due, 9)
    for person in (ENGINEER, MANAGER, DRIVER):
        (text,) = texts(world, person)
        assert "One person waits for your word" in text
        assert "CX-1" in text
        assert "(today)" in text
        assert "CX-2" not in text


def test_what_nobody_owns_is_the_leaders_to_answer(world: World) -> None:
    """An idea without an owner reminds every leader, and a group's idea every member of the group."""
    world.file(GUARD, LINE)
    world.file(GUARD, "Answer letters by name")
    own(world, 1, None)
    due = own(world, 2, "S0APPTEAM1")
    with world.runtime.deps.sessions.begin() as session:
        session.add_all(RoleMember(role="owner", user_id=each, source="S0APPTEAM1") for each in (ENGINEER, DRIVER))
    go_to(world, due, 9)
    assert ["CX-1" in text for text in texts(world, LEADER)] == [True]
    assert [["CX-2" in text for text in texts(world, person)] for person in (ENGINEER, DRIVER)] == [[True], [True]]


def test_nobody_is_reminded_of_what_is_answered_or_on_days_off(world: World) -> None:
    """Answered before the message has left, an idea reminds nobody; and no working day, no reminder."""
    world.file(GUARD, LINE)
    due = own(world, 1, ENGINEER)
    world.sandbox.workspace.users[ENGINEER].tz = "America/Los_Angeles"
    learn_people(world)
    go_to(world, due, 9)
    assert len(rows(world, "reminder:")) == 1
    plan(world)
    at(world, due.replace(hour=17))
    world.settle()
    assert texts(world, ENGINEER) == []
    world.file(GUARD, "Answer letters by name")
    own(world, 2, DRIVER)
    world.write(update(Idea).where(Idea.id == 2).values(answer_due_at=due + timedelta(days=4)))  # A Saturday.
    go_to(world, due + timedelta(days=4), 9)
    assert texts(world, DRIVER) == []


def test_reminders_can_be_turned_off(world: World) -> None:
    """Who turned reminders off gets none."""
    world.file(GUARD, LINE)
    due = own(world, 1, ENGINEER)
    with world.runtime.deps.sessions.begin() as session:
        choose_kinds(session, ENGINEER, [], due)
    go_to(world, due, 9)
    assert texts(world, ENGINEER) == []
    assert len(rows(world, "reminder:")) == 1


def test_ideas_of_somebody_who_left_go_to_who_is_there(world: World) -> None:
    """When its owner is deactivated, an open idea goes to the stage's deputy, who is told."""
    world.file(GUARD, LINE)
    world.write(update(Stage).where(Stage.key == "use").values(deputy_id=DRIVER))  # The bot may look at any moment.
    own(world, 1, DEACTIVATED_ID, "use")
    world.runtime._jobs.learn()
    world.settle()
    assert idea(world).owner_id == DRIVER
    (text,) = texts(world, DRIVER)
    assert "Its owner has left, so this idea is yours to answer: CX-1" in text


def ask(world: World, ts: str, user: str, text: str) -> None:
    """Write in a card's thread."""
    world.sandbox.act(user, "say", channel=world.ideas_channel, text=text, thread_ts=ts)


def night(world: World, days: int) -> None:
    """Let days pass until half past three at night, and the bot read threads."""
    now = world.sandbox.workspace.clock.moment()
    if days:
        at(world, (now + timedelta(days=days)).replace(hour=3, minute=30))
    world.runtime._jobs.read_threads()
    world.settle()


def test_a_question_left_alone_puts_the_idea_back(world: World) -> None:
    """Five working days without a reply, the author's question makes the idea wait again, once, for all to see."""
    ts = world.file(GUARD, LINE)
    plan(world)
    ask(world, ts, GUARD, QUESTION)
    night(world, 7)
    assert idea(world).settled_at is not None
    night(world, 1)
    assert idea(world).settled_at is None
    assert "found no reply for five working days: CX-1" in notes(world, ts)[-1]
    go_to(world, world.sandbox.workspace.clock.moment(), 9)
    assert "It waits for an answer again, answer due" in texts(world, GUARD)[-1]
    night(world, 1)
    plan(world, text="For parcels as well.")
    night(world, 8)
    assert idea(world).settled_at is not None
    with world.runtime.deps.sessions.reading() as session:
        assert session.scalar(select(func.count()).where(IdeaChange.step == "asked")) == 1


@pytest.mark.parametrize(
    ("said", "is_asked_again"),
    [
        ([(GUARD, QUESTION), (LEADER, "It will.")], False),
        ([(GUARD, QUESTION), (AGENT, "I would love that.")], True),
        ([(LEADER, "Ask me anything."), (GUARD, f"*{QUESTION}* ")], True),
        ([(GUARD, QUESTION), (GUARD, "Never mind, I found it.")], False),
        ([(AGENT, QUESTION)], False),
        ([], False),
    ],
)
def test_only_the_author_s_last_open_question_counts(
    world: World, said: list[tuple[str, str]], *, is_asked_again: bool
) -> None:
    """A leader's reply, the author's own last word without a question, or somebody else's question: nothing waits."""
    ts = world.file(GUARD, LINE)
    ask(world, ts, GUARD, "Is this the right place?")
    at(world, world.sandbox.workspace.clock.moment() + timedelta(minutes=1))
    plan(world)
    for user, text in said:
        ask(world, ts, user, text)
    night(world, 9)
    assert (idea(world).settled_at is None) == is_asked_again


def test_threads_are_read_a_few_at_a_time_each_once_a_night(world: World) -> None:
    """Of seven threads five are read at once, the others next, none again that night; those long answered are left."""
    for number in range(8):
        world.file(GUARD, f"{LINE} {number}")
        plan(world, number + 1)
    long_ago = world.sandbox.workspace.clock.moment() - timedelta(days=31)
    world.write(update(Idea).where(Idea.id == 8).values(settled_at=long_ago))
    reads: list[int] = []
    for days in (1, 0, 0, 1):
        before = calls(world)
        night(world, days)
        reads.append(calls(world) - before)
    assert reads == [5, 2, 0, 5]


def calls(world: World) -> int:
    """Return how many threads have been read."""
    return sum(entry.name == "conversations.replies" for entry in world.sandbox.parts.journal.entries)


def test_a_thread_that_cannot_be_read_holds_no_other_up(world: World) -> None:
    """A card that an admin deleted, or a passing failure, costs its own thread alone."""
    gone = world.file(GUARD, LINE)
    ts = world.file(GUARD, "Answer letters by name")
    plan(world, 1)
    plan(world, 2)
    ask(world, ts, GUARD, QUESTION)
    world.sandbox.control("delete_message", channel=world.ideas_channel, ts=gone)
    night(world, 9)
    assert idea(world, 2).settled_at is None


def ship(world: World, idea_id: int) -> None:
    """Have an idea ship."""
    decide(world, Deed.ANSWER, idea_id, status=Status.SHIPPED, text="It is live.")


def invitations(world: World) -> set[tuple[str, str]]:
    """Return who was asked for the next idea, and upon what."""
    with world.runtime.deps.sessions.reading() as session:
        return {(row.user_id, row.occasion) for row in session.scalars(select(Invitation))}


def test_45_days_after_shipping_the_author_is_asked_for_the_next(world: World) -> None:
    """Whoever's idea works for customers is asked kindly, once, unless they have shared another one since."""
    for author in (GUARD, AGENT):
        world.file(author, f"{LINE} for {author}")
    ship(world, 1)
    ship(world, 2)
    world.file(AGENT, "Answer letters by name")
    shipped = world.sandbox.workspace.clock.moment()
    go_to(world, shipped + timedelta(days=44), 10)
    assert invitations(world) == set()
    for days in (45, 46, 47):
        go_to(world, shipped + timedelta(days=days), 10.5)
    assert invitations(world) == {(GUARD, "shipped")}
    text = texts(world, GUARD)[-1]
    assert "works for customers now, because you wrote it down. What should change next for customers?" in text
    assert sum("What should change next" in each for each in texts(world, GUARD)) == 1


def test_a_second_decline_brings_a_mentor(world: World) -> None:
    """After a second decline the author is asked not to stop, with somebody of the same stage whose idea shipped."""
    for author, stage in ((CLERK, "buy"), (DRIVER, "use"), (DRIVER, "use"), (MANAGER, "buy")):
        world.file(author, f"{LINE} {author} {stage}")
        newest = max(int(row.key.split(":")[1]) for row in rows(world, "card:"))
        own(world, newest, None, stage)
        ship(world, newest)
    world.sandbox.control("deactivate", user=MANAGER)
    learn_people(world)
    for idea_id in (5, 6):
        world.file(GUARD, f"Answer letters by name {idea_id}")
        own(world, idea_id, None, "buy")
        decide(world, Deed.DECLINE, idea_id)
        go_to(world, world.sandbox.workspace.clock.moment() + timedelta(days=1), 11)
    go_to(world, world.sandbox.workspace.clock.moment() + timedelta(days=1), 11)
    asked = [text for text in texts(world, GUARD) if "Two of your ideas were declined" in text]
    assert [f"<@{CLERK}> has had ideas shipped" in text for text in asked] == [True]
    share: dict[str, Any] = buttons(letters(world, GUARD)[-1])["Share an idea"]
    assert share["action_id"] == "idea.open_form"
