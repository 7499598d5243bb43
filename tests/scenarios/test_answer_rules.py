"""Rules of answering that the table of roles and statuses does not show: questions, owners who leave, parked ideas."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.deeds import Deed
from bot.services import answers, owners, people
from bot.services.ideas import FilingRules, choose_stage
from bot.services.people import Known
from db.models import Idea, Person, Stage
from db.types import Standing, Status
from tests.answering import (
    AUTHOR,
    BEGUN,
    DECLINED,
    DEPUTY,
    LEADER,
    MEMBER,
    NEW,
    OWNER,
    PARKED,
    PLANNED,
    REVIEW,
    SHIPPED,
    Desk,
)

RULES = FilingRules("CIDEAS", 5, ZoneInfo("UTC"))


@pytest.fixture(autouse=True)
def _nothing_has_happened(desk: Desk) -> None:
    desk.start_again(2)


def ask_again(desk: Desk) -> None:
    """Let the author's question after an answer find no reply."""
    now = datetime.now(UTC)
    with desk.sessions.begin() as session:
        answers.ask_again(session, answers.lock_idea(session, 1), now, RULES, now)


def learn(desk: Desk, user: str, standing: Standing) -> None:
    """Hear what somebody is."""
    with desk.sessions.begin() as session:
        people.learn_people(session, {user: Known(standing)}, datetime.now(UTC))


@pytest.mark.parametrize("status", [PLANNED, BEGUN, SHIPPED, DECLINED, PARKED])
def test_a_question_after_the_answer_is_answered_as_it_stands(desk: Desk, status: Status) -> None:
    """An idea whose author asked waits again, and an answer that changes nothing else settles it."""
    forms = {DECLINED: Deed.DECLINE, PARKED: Deed.PARK}
    fields: dict[str, Any] = {} if status in forms else {"outcome": status}
    assert desk.submit(LEADER, forms.get(status, Deed.ANSWER), **fields).refusal is None
    term = desk.idea().parked_until
    ask_again(desk)
    assert desk.idea().settled_at is None
    for refusal in (None, "CX-1 has moved on"):
        said = desk.submit(LEADER, Deed.ANSWER, outcome=status, text="Yes, in all our cities.").refusal
        assert (said and said[: len(str(refusal))]) == refusal
    given, asked, again = desk.history()
    assert (asked.step, again.text) == ("asked", "Yes, in all our cities.")
    idea = desk.idea()
    assert (idea.status, idea.answer_id, idea.parked_until) == (status, again.id, term)
    assert (idea.answered_at, idea.settled_at) == (given.at, again.at)


def test_a_parked_idea_comes_back_with_what_it_gained_since(desk: Desk) -> None:
    """On its day a parked idea is under review again, says how many votes came since it was parked, and waits."""
    desk.write(update(Idea).values(votes=1))
    assert desk.submit(LEADER, Deed.PARK, condition="It is signed").refusal is None
    desk.write(update(Idea).values(votes=3))
    ask_again(desk)
    assert desk.submit(LEADER, Deed.ANSWER, outcome=PARKED, text="It still is not.").refusal is None
    desk.write(update(Idea).values(votes=6))
    now = datetime.now(UTC)
    with desk.sessions.begin() as session:
        assert answers.bring_back(session, RULES, now) == 0
    with desk.sessions.begin() as session:
        assert answers.bring_back(session, RULES, now + timedelta(days=31)) == 1
    idea, newest = desk.idea(), desk.history()[-1]
    assert (idea.status, idea.parked_until, idea.parked_condition, idea.settled_at) == (REVIEW, None, None, None)
    assert (newest.actor_id, newest.after, newest.detail["gained"]) == (None, REVIEW, 5)
    assert idea.answer_due_at > now + timedelta(days=31)


def test_a_stage_whose_owner_has_left_is_its_deputy_s_and_then_all_leaders(desk: Desk) -> None:
    """An idea that is filed under a stage goes to somebody who is there."""
    expected = [(None, OWNER), (OWNER, DEPUTY), (DEPUTY, None)]
    for leaving, owner in expected:
        if leaving:
            learn(desk, leaving, Standing.DEACTIVATED)
        with desk.sessions.begin() as session:
            assert owners.owner_of_stage(session, "use") == owner


def test_an_idea_that_waits_again_is_not_left_with_somebody_who_has_gone(desk: Desk) -> None:
    """What was declined before its owner left goes to the deputy when it is reopened."""
    assert desk.submit(OWNER, Deed.DECLINE).refusal is None
    learn(desk, OWNER, Standing.DEACTIVATED)
    assert desk.submit(LEADER, Deed.REOPEN).refusal is None
    assert (desk.idea().status, desk.idea().owner_id) == (REVIEW, DEPUTY)
    assert [(each.step, each.after) for each in desk.history()][1:] == [("status", REVIEW), ("owner", DEPUTY)]


def test_a_reason_says_something(desk: Desk) -> None:
    """Blanks do not make a reason longer, and the same few letters over and over are none; any script is."""
    before = desk.dump()
    assert "yours has 9" in str(desk.submit(LEADER, Deed.DECLINE, text=f"Too{' ' * 40}dear.").refusal)
    for text in ("no " * 20, "x" * 60, "....,,,," * 8):
        assert "in a sentence" in str(desk.submit(LEADER, Deed.DECLINE, text=text).refusal)
    assert desk.dump() == before
    words = "夜間対応を検討しましたが、一晩に四件の電話では折り返し電話の三十八倍の費用がかかるため見送ります。"
    assert desk.submit(LEADER, Deed.DECLINE, text=words).refusal is None


def test_who_became_a_guest_may_take_their_idea_back(desk: Desk) -> None:
    """An author who is a guest now can withdraw, and do nothing else."""
    desk.write(update(Person).where(Person.user_id == AUTHOR).values(standing="guest"))
    try:
        assert desk.do(AUTHOR, Deed.FINISH).refusal
        assert desk.do(AUTHOR, Deed.ANSWER).refusal
        assert desk.do(AUTHOR, Deed.WITHDRAW).refusal is None
    finally:
        desk.write(update(Person).where(Person.user_id == AUTHOR).values(standing="member"))


def test_nobody_hands_an_idea_to_somebody_who_is_not_there(desk: Desk) -> None:
    """A guest, a bot, somebody who has left, its author, a stage off the list, none or two get no idea."""
    before = desk.dump()
    for person in ("UGUEST", "UBOT", "UGONE", "UEXTERNAL", None):
        assert "Choose a colleague" in str(desk.submit(LEADER, Deed.ROUTE, person=person).refusal)
    assert "That is its author" in str(desk.submit(LEADER, Deed.ROUTE, person=AUTHOR).refusal)
    assert "Choose a colleague" in str(desk.submit(LEADER, Deed.ROUTE, stage="buy").refusal)
    assert "not on the list" in str(desk.submit(LEADER, Deed.ROUTE, person=None, stage="nowhere").refusal)
    assert "in words" in str(desk.submit(LEADER, Deed.ROUTE, text=" ").refusal)
    assert "fits in 2,000" in str(desk.submit(LEADER, Deed.ROUTE, text="x" * 2001).refusal)
    assert desk.dump() == before
    assert desk.submit(LEADER, Deed.ROUTE, person=MEMBER).refusal is None
    assert desk.idea().owner_id == MEMBER


def test_a_stage_that_was_taken_off_the_list_does_not_bind_its_ideas(desk: Desk) -> None:
    """An idea filed under it keeps it, with its owner, when its author chooses it again; no other one gets it."""
    desk.write(update(Stage).where(Stage.key == "use").values(is_active=False))
    try:
        with desk.sessions.begin() as session:
            choose_stage(session, 1, AUTHOR, "use")
        assert (desk.idea().stage, desk.idea().owner_id) == ("use", OWNER)
        assert "not on the list" in str(desk.submit(LEADER, Deed.ROUTE, person=None, stage="use").refusal)
    finally:
        desk.write(update(Stage).where(Stage.key == "use").values(is_active=True))


def test_nobody_just_does_it_for_an_author_who_has_left(desk: Desk) -> None:
    """An idea whose author is no longer there is not put in their hands."""
    learn(desk, AUTHOR, Standing.DEACTIVATED)
    assert "has moved on" in str(desk.press(LEADER, Deed.JUST_DO_IT).refusal)
    assert (desk.idea().status, desk.idea().maker_id) == (NEW, None)
    learn(desk, AUTHOR, Standing.MEMBER)
    assert desk.press(LEADER, Deed.JUST_DO_IT).refusal is None
    assert (desk.idea().status, desk.idea().maker_id) == (BEGUN, AUTHOR)
