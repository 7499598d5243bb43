"""Who may do what, from which status: every cell through the front door."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select

from bot import outbox
from bot.deeds import Deed
from db.models import OutboxMessage
from db.types import MessageKind, Status
from tests.answering import (
    BEGUN,
    BUTTONS,
    DECLINED,
    FORMS,
    FROM_TO,
    GROUP,
    IN_MENU,
    LEADER,
    MAY,
    MEMBER,
    NEW,
    OWNER,
    PARKED,
    PEOPLE,
    PLANNED,
    POSSIBLE_IN,
    REVIEW,
    SHIPPED,
    WITHDRAWN,
    Desk,
)

AFTER = {
    Deed.ANSWER: PLANNED,
    Deed.DECLINE: DECLINED,
    Deed.PARK: PARKED,
    Deed.MERGE: Status.MERGED,
    Deed.REVIEW: REVIEW,
    Deed.REOPEN: REVIEW,
    Deed.JUST_DO_IT: BEGUN,
    Deed.FINISH: SHIPPED,
    Deed.WITHDRAW: WITHDRAWN,
}
NOT_FOR_YOU = ("Only leaders and the owner of CX-1", "Only its author", "Only whoever makes", "Only leaders can take")
NOT_NOW = "CX-1 has moved on"


@pytest.mark.parametrize("user", PEOPLE)
def test_every_cell(desk: Desk, user: str) -> None:
    """What a person may do from a status works; everything else is refused in words, and changes nothing at all."""
    for status in Status:
        before = put_back(desk, status, user)
        for deed in Deed:
            fields: dict[str, Any] = {"outcome": BEGUN} if (deed, status) == (Deed.ANSWER, PLANNED) else {}
            answered = desk.do(user, deed, **fields)
            cell = (user, deed, status, answered)
            assert answered.status == 200, cell
            if may(user, deed, status):
                assert answered.refusal is None, cell
                assert desk.idea().status == (BEGUN if fields else AFTER.get(deed, status)), cell
                assert len(desk.history()) == 1, cell
                before = put_back(desk, status, user)
            else:
                assert answered.refusal, cell
                assert answered.refusal.startswith(NOT_NOW if deed in MAY[user] else NOT_FOR_YOU), cell
                assert desk.dump() == before, cell


@pytest.mark.parametrize("user", PEOPLE)
def test_every_button_of_a_form(desk: Desk, user: str) -> None:
    """A form opens for whoever may send it off, and for nobody else; opening one changes nothing."""
    parts = desk.world.sandbox.parts
    for status in Status:
        before = put_back(desk, status, user)
        for deed in FORMS:
            trigger = desk.world.sandbox.call(lambda: parts.triggers.issue(user))
            answered = desk.press(user, deed, trigger=trigger)
            opens = may(user, deed, status)
            assert (answered.status, bool(answered.refusal)) == (200, not opens), (user, deed, status, answered)
            views = desk.world.sandbox.call(lambda: list(parts.workspace.views.values()))
            assert [view.definition["callback_id"] for view in views] == ([FORMS[deed]] if opens else [])
            for view in views:
                desk.world.sandbox.call(lambda view=view: parts.workspace.close_view(view))  # type: ignore[misc]
        assert desk.dump() == before


def may(user: str, deed: Deed, status: Status) -> bool:
    """Tell whether the product lets this person do this from this status."""
    return deed in MAY[user] and status in POSSIBLE_IN[deed]


def put_back(desk: Desk, status: Status, user: str) -> dict[str, Any]:
    """Make the idea what it was at first, owned by this person's group if they are of one; return all there is."""
    desk.put_back(status, GROUP if user == MEMBER else OWNER)
    return desk.dump()


def test_every_outcome_of_an_answer(desk: Desk) -> None:
    """An answer leads where the product's table says, and where another form leads it does not."""
    for status in Status:
        for outcome in Status:
            desk.put_back(status)
            answered = desk.submit(LEADER, Deed.ANSWER, outcome=outcome)
            leads = outcome in FROM_TO[status] & {PLANNED, BEGUN, SHIPPED}
            assert (answered.refusal is None) == leads, (status, outcome, answered)
            assert desk.idea().status == (outcome if leads else status)


def test_who_decides_sees_it_in_app_home(desk: Desk) -> None:
    """A decision has its maker's App Home shown anew, and nobody's who never opened it."""
    desk.put_back(NEW)
    with desk.sessions.begin() as session:
        outbox.enqueue_home(session, LEADER, datetime.now(UTC), page=2)
    for number, deed in enumerate((Deed.SPONSOR, Deed.PARK), start=2):
        assert desk.do(LEADER, deed).refusal is None
        with desk.sessions.begin() as session:
            homes = session.execute(select(OutboxMessage.key, OutboxMessage.wanted_revision).where(IS_HOME)).all()
            assert homes == [(f"home:{LEADER}", number)]
    with desk.sessions.begin() as session:
        session.execute(delete(OutboxMessage).where(IS_HOME))


IS_HOME = OutboxMessage.kind == MessageKind.HOME


def test_people_of_another_workspace_do_not_get_in(desk: Desk) -> None:
    """A request from a workspace that is not ours is refused, whoever it says it is from."""
    desk.put_back(NEW)
    before, ours = desk.dump(), desk.world.sandbox.workspace.team_id
    desk.world.sandbox.workspace.team_id = "T0STRANGE"
    try:
        assert {desk.do(LEADER, deed).status for deed in Deed} == {403}
    finally:
        desk.world.sandbox.workspace.team_id = ours
    assert desk.dump() == before


def test_the_matrix_knows_every_deed() -> None:
    """Each deed has a button or a place in the menu, a set of statuses, and somebody who may do it."""
    assert set(BUTTONS) | set(IN_MENU) == set(POSSIBLE_IN) == set(Deed)
    assert set().union(*MAY.values()) == set(Deed)
