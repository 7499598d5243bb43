"""What the table of deeds allows is what the product says."""

import itertools

import pytest

from bot.deeds import ALLOWED, ANSWERED, Condition, Deed, Standpoint, outcomes, permitted, possible
from db.types import Status
from tests.answering import ANSWERING, BEGUN, FROM_TO, MERGED, NEW, POSSIBLE_IN, SHIPPED, WITHDRAWN

LEADS_TO = {
    Deed.DECLINE: Status.DECLINED,
    Deed.PARK: Status.PARKED,
    Deed.MERGE: Status.MERGED,
    Deed.REVIEW: Status.UNDER_REVIEW,
    Deed.REOPEN: Status.UNDER_REVIEW,
    Deed.JUST_DO_IT: Status.IN_PROGRESS,
    Deed.FINISH: Status.SHIPPED,
    Deed.WITHDRAW: Status.WITHDRAWN,
}


def test_statuses_follow_each_other_as_in_the_product() -> None:
    """Which status may follow which is the product's table."""
    assert FROM_TO == ALLOWED


@pytest.mark.parametrize("status", Status)
def test_each_status_has_its_deeds(status: Status) -> None:
    """In each status that is possible which leads where the table allows, and answers only where they are due."""
    deeds = possible(Condition(status, waits=False, has_author=True))
    assert deeds == {deed for deed, statuses in POSSIBLE_IN.items() if status in statuses}
    reachable = {LEADS_TO[deed] for deed in deeds & LEADS_TO.keys()}
    reachable |= set(outcomes(Condition(status, waits=False, has_author=True)))
    assert reachable == FROM_TO[status]


@pytest.mark.parametrize("status", Status)
def test_a_question_after_the_answer_can_be_answered_without_a_change(status: Status) -> None:
    """An idea that waits again may be answered as it is, taken over and handed on, unless it is withdrawn or merged."""
    waiting = Condition(status, waits=status not in {MERGED, WITHDRAWN}, has_author=True)
    again = {status} if waiting.waits and status not in {NEW, Status.UNDER_REVIEW} else set()
    assert set(outcomes(waiting)) == FROM_TO[status] & set(ANSWERED) | again
    added = {Deed.ANSWER, Deed.SPONSOR, Deed.ROUTE} if waiting.waits else set()
    assert possible(waiting) == possible(Condition(status, waits=False, has_author=True)) | added


@pytest.mark.parametrize("status", Status)
def test_nobody_just_does_it_when_its_author_is_not_there(status: Status) -> None:
    """Only *Just do it* depends on an author who can."""
    there, away = (possible(Condition(status, waits=False, has_author=has_author)) for has_author in (True, False))
    assert there - away <= {Deed.JUST_DO_IT}
    assert Deed.JUST_DO_IT not in away


def test_nothing_follows_what_is_over() -> None:
    """Shipped, merged and withdrawn ideas stay what they are."""
    assert not any(possible(Condition(status, waits=False, has_author=True)) for status in (SHIPPED, MERGED, WITHDRAWN))
    assert outcomes(Condition(BEGUN, waits=False, has_author=True)) == (Status.PLANNED, Status.SHIPPED)


@pytest.mark.parametrize(
    ("is_leader", "is_owner", "is_author", "is_maker"), list(itertools.product([False, True], repeat=4))
)
def test_each_standpoint_permits_its_own(*, is_leader: bool, is_owner: bool, is_author: bool, is_maker: bool) -> None:
    """Leaders and owners answer, leaders take over from others, authors withdraw, makers finish; nobody does more."""
    expected = set(ANSWERING) if is_leader or is_owner else set()
    expected |= {Deed.SPONSOR} if is_leader and not is_owner else set()
    expected |= {Deed.WITHDRAW} if is_author else set()
    expected |= {Deed.FINISH} if is_maker else set()
    standpoint = Standpoint(is_leader=is_leader, is_owner=is_owner, is_author=is_author, is_maker=is_maker)
    assert permitted(standpoint) == expected
