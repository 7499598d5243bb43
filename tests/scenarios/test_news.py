"""Everyone concerned is told what becomes of an idea: once, at a decent hour, and as much as they want."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.deeds import Deed
from bot.services import answers, owners
from bot.services.owners import Route
from db.models import Person
from db.types import Status
from tests.bot import AGENT, CLERK, DRIVER, ENGINEER, GUARD, LEADER, World
from tests.news import (
    LINE,
    REASON,
    at,
    buttons,
    decide,
    learn_people,
    letters,
    notes,
    plan,
    rows,
    spread,
    texts,
    weekday,
)


@pytest.fixture
def world(sqlite_world: World) -> World:
    """Return a workspace on a Tuesday at ten, in which the bot knows everybody."""
    weekday(sqlite_world)
    learn_people(sqlite_world)
    return sqlite_world


def file_with_votes(world: World, *voters: str, line: str = LINE, author: str = GUARD) -> str:
    """File an idea and have people vote for it; return the time stamp of its card."""
    ts = world.file(author, line)
    for voter in voters:
        world.react(voter, ts)
    world.settle()
    return ts


def test_author_and_voters_hear_an_answer_once_and_the_thread_has_it(world: World) -> None:
    """An answer reaches its author, each voter and the card's thread, once each, with who gave it and why."""
    ts = file_with_votes(world, AGENT, CLERK)
    plan(world, text="We build it into the app in spring.")
    for reader in (GUARD, AGENT, CLERK):
        (text,) = texts(world, reader)
        assert f"<@{LEADER}> answered CX-1 · {LINE}" in text
        assert "Planned. “We build it into the app in spring.”" in text
        assert ("which you voted for" in text) == (reader != GUARD)
    assert texts(world, ENGINEER) == []
    (note,) = notes(world, ts)
    assert "Planned. “We build it into the app in spring.”" in note
    spread(world)
    assert len(letters(world, AGENT)) == 1


def test_the_author_s_letter_leads_to_card_and_thread(world: World) -> None:
    """The author can see the card and reply in its thread; a voter sees the card; both can say what they want."""
    ts = file_with_votes(world, AGENT)
    plan(world)
    (own,), (voted,) = letters(world, GUARD), letters(world, AGENT)
    assert list(buttons(own)) == ["See it", "Reply", "What I am told"]
    assert list(buttons(voted)) == ["See it", "What I am told"]
    assert buttons(own)["Reply"]["url"].endswith(f"?thread_ts={ts}&cid={world.ideas_channel}")
    assert world.press(GUARD, own | {"channel": im_of(world, GUARD)}, "news.reply_in_thread")["acked"]


def im_of(world: World, user: str) -> str:
    """Return the channel of the bot's direct messages to a person."""
    (im,) = [im for im in world.sandbox.state(user)["ims"] if im["messages"]]
    return str(im["id"])


def test_nobody_is_told_of_their_own_act(world: World) -> None:
    """A leader who answers an idea of theirs, or one that they voted for, gets no message about it."""
    file_with_votes(world, LEADER)
    file_with_votes(world, AGENT, author=LEADER, line="Answer letters by name")
    plan(world, 1)
    plan(world, 2)
    assert texts(world, LEADER) == []
    assert len(texts(world, AGENT)) == 1


def test_a_look_into_it_is_told_the_author_alone(world: World) -> None:
    """Taken under review, the author hears of it; the voters and the thread do not."""
    ts = file_with_votes(world, AGENT)
    decide(world, Deed.REVIEW, text="")
    assert [f"<@{LEADER}> looks into CX-1" in text for text in texts(world, GUARD)] == [True]
    assert (texts(world, AGENT), notes(world, ts)) == ([], [])


def test_withdrawn_by_its_author_tells_nobody(world: World) -> None:
    """An idea that its author withdraws is no news."""
    ts = file_with_votes(world, AGENT)
    decide(world, Deed.WITHDRAW, text="", actor_id=GUARD)
    assert (texts(world, GUARD), texts(world, AGENT), notes(world, ts)) == ([], [], [])


def test_several_changes_within_ten_minutes_are_one_message(world: World) -> None:
    """What follows within ten minutes changes the message that stands; what comes later is a new one."""
    first = world.sandbox.workspace.clock.moment()
    file_with_votes(world, AGENT)
    file_with_votes(world, AGENT, author=CLERK, line="Answer letters by name")
    plan(world, 1, text="In spring.")
    decide(world, Deed.ANSWER, 1, status=Status.IN_PROGRESS, text="Earlier, in fact.")
    plan(world, 2, text="With the new printer.")
    (text,) = texts(world, AGENT)
    assert "In progress. “Earlier, in fact.”" in text
    assert "In spring." not in text
    assert "Planned. “With the new printer.”" in text
    at(world, first + timedelta(minutes=15))
    decide(world, Deed.ANSWER, 1, status=Status.SHIPPED, text="It is live.")
    assert len(letters(world, AGENT)) == 2
    assert "Shipped. “It is live.”" in texts(world, AGENT)[1]
    assert "Shipped" not in texts(world, AGENT)[0]


def test_a_merge_is_told_once_and_what_becomes_of_it_too(world: World) -> None:
    """Whoever voted for both ideas hears of the merge once; the merged idea's author of the other one."""
    file_with_votes(world, AGENT, CLERK)
    file_with_votes(world, AGENT, author=DRIVER, line="Move a delivery in the app")
    decide(world, Deed.MERGE, 1, into=2)
    assert [text.count("Merged into CX-2") for text in texts(world, AGENT)] == [1]
    assert [text.count("Merged into CX-2") for text in texts(world, GUARD)] == [1]
    at(world, world.sandbox.workspace.clock.moment() + timedelta(minutes=11))
    decide(world, Deed.ANSWER, 2, status=Status.SHIPPED, text="It is live.")
    assert "which your idea was merged into" in texts(world, GUARD)[1]
    assert [len(texts(world, reader)) for reader in (AGENT, CLERK, DRIVER, GUARD)] == [2, 2, 1, 2]


def test_just_do_it_gives_its_maker_a_button(world: World) -> None:
    """The author who is told to just do it can say in the message that it is done; a voter cannot."""
    file_with_votes(world, AGENT)
    decide(world, Deed.JUST_DO_IT, text="Go ahead, and take a day for it.")
    assert "Just do it." in texts(world, GUARD)[0]
    assert buttons(letters(world, GUARD)[0])["It is done"]["value"] == "1"
    assert "It is done" not in buttons(letters(world, AGENT)[0])


def test_reopened_and_brought_back_is_noted_in_the_thread(world: World) -> None:
    """The thread says that a declined idea is looked at again, and that a parked one is back with more votes."""
    ts = file_with_votes(world)
    decide(world, Deed.DECLINE)
    decide(world, Deed.REOPEN, text="The carrier has changed its prices.")
    today = world.sandbox.workspace.clock.moment()
    decide(world, Deed.PARK, until=(today + timedelta(days=7)).date())
    for voter in (AGENT, CLERK):
        world.react(voter, ts)
    world.settle()
    at(world, today + timedelta(days=7))
    world.runtime._jobs.do_daily_work()
    spread(world)
    declined, reopened, parked, back = notes(world, ts)
    assert REASON in declined
    assert "reopened" in reopened
    assert "It waits for an answer again, answer due" in reopened
    assert "Parked until " in parked
    assert "Under review, with 2 votes more since." in back
    assert "with 2 votes more since" in texts(world, GUARD)[-1]


def test_whoever_gets_an_idea_to_answer_is_told_why(world: World) -> None:
    """An idea handed on is announced to the one who is to answer it, with the reason and a button to answer it."""
    file_with_votes(world)
    deps, now = world.runtime.deps, world.sandbox.workspace.clock.moment()
    with deps.sessions.begin() as session:
        route = Route(1, LEADER, "You know the app best.", now, person_id=ENGINEER)
        owners.route(session, answers.lock_idea(session, 1), route)
    spread(world)
    (text,) = texts(world, ENGINEER)
    assert f"<@{LEADER}> hands you CX-1" in text
    assert "“You know the app best.” It waits for your answer, answer due" in text
    assert {"Answer", "Route"} <= set(buttons(letters(world, ENGINEER)[0]))
    assert texts(world, GUARD) == []


def test_quiet_hours_are_each_person_s_own(world: World) -> None:
    """At ten in the evening in Berlin a person in Chicago is told at once, one in Berlin at eight the next morning."""
    ts = file_with_votes(world, AGENT)
    world.sandbox.workspace.users[AGENT].tz = "America/Chicago"
    learn_people(world)
    evening = weekday(world, 21)
    plan(world, text="In spring.")
    assert (len(texts(world, AGENT)), len(texts(world, GUARD))) == (1, 0)
    assert len(notes(world, ts)) == 1
    decide(world, Deed.ANSWER, status=Status.IN_PROGRESS, text="Begun tonight.")
    morning = evening.replace(hour=7) + timedelta(days=1)
    assert [row.not_before for row in rows(world, f"news:{GUARD}")] == [morning]
    at(world, morning + timedelta(seconds=5))
    world.settle()
    (text,) = texts(world, GUARD)
    assert "In progress. “Begun tonight.”" in text


def test_weekends_are_quiet(world: World) -> None:
    """Answered on Saturday, an idea is news on Monday morning."""
    file_with_votes(world)
    saturday = weekday(world, 11, weekday=5)
    plan(world)
    assert texts(world, GUARD) == []
    at(world, datetime.combine(saturday.date() + timedelta(days=2), datetime.min.time(), UTC) + timedelta(hours=7))
    world.settle()
    assert len(texts(world, GUARD)) == 1


def test_the_unwilling_are_spared(world: World) -> None:
    """Who turned news of votes off is not written to about them, and still is about their own ideas."""
    file_with_votes(world, AGENT)
    file_with_votes(world, author=AGENT, line="Answer letters by name")
    plan(world, 1)
    (before,) = letters(world, AGENT)
    form = world.press(AGENT, before | {"channel": im_of(world, AGENT)}, "news.preferences")["view"]
    assert world.submit(AGENT, form, news=["own_ideas", "reminders", "next_idea"])["closed"]
    at(world, world.sandbox.workspace.clock.moment() + timedelta(minutes=11))
    decide(world, Deed.ANSWER, 1, status=Status.IN_PROGRESS)
    assert len(texts(world, AGENT)) == 1
    plan(world, 2)
    assert "CX-2" in texts(world, AGENT)[1]
    assert "CX-1" not in texts(world, AGENT)[1]


def preferences(world: World, user: str) -> dict[str, Any]:
    """Open the form of what somebody is told; return its boxes."""
    (letter, *_) = letters(world, user)
    form = world.press(user, letter | {"channel": im_of(world, user)}, "news.preferences")["view"]
    boxes: dict[str, Any] = form["blocks"][0]["element"]
    return boxes | {"view": form}


def test_the_form_shows_what_holds_and_takes_an_empty_choice(world: World) -> None:
    """All news are ticked at first; with none left nobody writes, and a repeated submission changes nothing."""
    file_with_votes(world)
    plan(world)
    boxes = preferences(world, GUARD)
    ticked, offered = ([option["value"] for option in boxes[each]] for each in ("initial_options", "options"))
    assert [*ticked, "digest"] == offered
    world.submit(GUARD, boxes["view"], news=[])
    assert "initial_options" not in preferences(world, GUARD)
    assert world.deliver("interaction", "view_submission").ok
    at(world, world.sandbox.workspace.clock.moment() + timedelta(minutes=11))
    decide(world, Deed.ANSWER, status=Status.IN_PROGRESS)
    assert len(texts(world, GUARD)) == 1


def test_no_choice_is_kept_while_the_database_fails(world: World) -> None:
    """A choice that cannot be written down is refused in words, and the form can be sent again."""
    file_with_votes(world)
    plan(world)
    form = preferences(world, GUARD)["view"]
    with world.without_tables("preferences"):
        assert not world.submit(GUARD, form, news=[]).get("closed")
        opened = world.press(GUARD, letters(world, GUARD)[0] | {"channel": im_of(world, GUARD)}, "news.preferences")
        assert opened["view"] is None
    assert world.submit(GUARD, form, news=[])["closed"]


def test_nobody_outside_the_company_is_written_to(world: World) -> None:
    """A guest and somebody deactivated are told nothing; whoever is unknown is looked up first."""
    file_with_votes(world, AGENT, CLERK)
    world.sandbox.control("deactivate", user=CLERK)
    world.sandbox.control("set_role", user=GUARD, role="guest")
    learn_people(world)
    world.write(update(Person).where(Person.user_id == AGENT).values(standing="unknown"))
    plan(world)
    world.learn()
    spread(world)
    assert (texts(world, GUARD), len(texts(world, AGENT))) == ([], 1)
    assert not [
        channel for channel in world.sandbox.workspace.channels.values() if channel.is_im and CLERK in channel.members
    ]
