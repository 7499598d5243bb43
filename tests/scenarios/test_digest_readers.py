"""Whoever wants it gets the weekly digest in a direct message: once, at a decent hour, until they want it no more."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.services import readers
from bot.services.readers import choose_digest
from db.digest_models import DigestReader, DigestRun
from sandbox.errors import ActError
from sandbox.people import DIGEST_CHANNEL, GUEST_ID
from tests.bot import AGENT, CLERK, ENGINEER, GUARD, LEADER, WRITER, World, wait_until, words
from tests.news import buttons, learn_people, letters
from tests.scenarios.test_digest_acts import to_monday

LINE = "Let customers reschedule deliveries online"
KINDS = ["own_ideas", "voted_ideas", "reminders", "next_idea"]


@pytest.fixture
def world(sqlite_world: World) -> World:
    """Return a workspace in which the bot knows everybody, with an idea that two people want."""
    learn_people(sqlite_world)
    ts = sqlite_world.file(GUARD, LINE)
    for voter in (AGENT, CLERK):
        sqlite_world.react(voter, ts)
    sqlite_world.settle()
    return sqlite_world


def choose(world: World, user: str, *kinds: str) -> None:
    """Tick boxes in the form of what somebody is told."""
    world.open_home(user)
    home = world.home(user)
    pressed = world.sandbox.act(user, "press", view_id=home["id"], action_id="news.preferences")
    world.submit(user, pressed["view"], news=list(kinds))


def read(world: World) -> None:
    """Let the next Monday come and its digest be posted, and its readers be written to."""
    to_monday(world)
    world.runtime._jobs.tell_readers()
    world.settle()


def digests_of(world: World, user: str) -> list[dict[str, Any]]:
    """Return the digests in a person's direct messages."""
    return [letter for letter in letters(world, user) if "Customer ideas · week" in words(letter)]


def test_whoever_ticks_the_box_gets_each_week_s_digest(world: World) -> None:
    """The box is in *What I am told*; the next digest comes as a message, with the same words as the channel's."""
    choose(world, ENGINEER, *KINDS, "digest")
    read(world)
    (letter,) = digests_of(world, ENGINEER)
    (posted,) = world.cards(DIGEST_CHANNEL)
    assert LINE in words(letter)
    assert letter["text"] == posted["text"]
    assert digests_of(world, WRITER) == []
    world.runtime._jobs.tell_readers()
    world.settle()
    assert len(digests_of(world, ENGINEER)) == 1


def test_whoever_takes_the_tick_off_gets_none(world: World) -> None:
    """Without the tick no more come, also when one was on its way."""
    choose(world, ENGINEER, "digest")
    choose(world, ENGINEER, *KINDS)
    read(world)
    assert digests_of(world, ENGINEER) == []
    assert world._rows(select(DigestReader.user_id)) == []


def test_a_reader_acts_in_it_only_with_the_right_to(world: World) -> None:
    """A leader's copy has the buttons of the channel's; everybody else's has none for ideas."""
    for user in (ENGINEER, LEADER):
        choose(world, user, "digest")
    read(world)
    assert "Answer" in buttons(digests_of(world, LEADER)[0])
    assert list(buttons(digests_of(world, ENGINEER)[0])) == ["What I am told"]


def test_a_week_posted_by_hand_is_not_sent_around(world: World) -> None:
    """Readers get the newest week alone: an older one that somebody has posted, or one so far, is not for them."""
    choose(world, ENGINEER, "digest")
    preview = world.command(LEADER, "digest")["ephemeral"]
    world.press(LEADER, preview | {"channel": "C0GENERAL1"}, "digest.post")
    world.runtime._jobs.prepare_digests()
    world.runtime._jobs.tell_readers()
    world.settle()
    assert len(world.cards(DIGEST_CHANNEL)) == 1
    assert digests_of(world, ENGINEER) == []


def test_a_guest_is_not_offered_it(world: World) -> None:
    """The digest is for the company's own people; a forged tick of a guest's brings nothing."""
    with pytest.raises(ActError, match="does not offer"):
        choose(world, GUEST_ID, "digest")
    with world.runtime.deps.sessions.begin() as session:
        choose_digest(session, GUEST_ID, world.sandbox.workspace.clock.moment(), is_wanted=True)
    read(world)
    assert digests_of(world, GUEST_ID) == []


def test_many_readers_are_told_in_parts_each_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some at a time and over several transactions, everybody is written to once."""
    monkeypatch.setattr(readers, "READERS_AT_ONCE", 2)
    people = (GUARD, AGENT, CLERK, ENGINEER, WRITER)
    for user in people:
        choose(world, user, "digest")
    read(world)
    wait_until(lambda: not world._rows(select(DigestRun.id).where(DigestRun.told_through.is_not(None))))
    world.settle()
    assert [len(digests_of(world, user)) for user in people] == [1] * len(people)


def test_choosing_is_audited_once(world: World) -> None:
    """Who chose the digest stands in the audit log, and a form sent off unchanged adds nothing."""
    now = world.sandbox.workspace.clock.moment()
    for is_wanted in (True, True, False, False):
        with world.runtime.deps.sessions.begin() as session:
            choose_digest(session, ENGINEER, now, is_wanted=is_wanted)
    from db.models import AuditEntry

    details = world._rows(select(AuditEntry.detail).where(AuditEntry.action == "digest.chosen"))
    assert details == [({"is_wanted": True},), ({"is_wanted": False},)]
