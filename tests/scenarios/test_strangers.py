"""Other workspaces and other apps are refused at every entry, by their ids; one's own organisation is not."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update

from db.models import Workspace
from tests.bot import GUARD, World, words
from tests.doorstep import Doorstep, door_of
from tests.recordings import MISSING, Path, Request, record

ORGANISATION = "E0OURORG01"
Changes = dict[Path, Any]


def as_from(request: Request, team: Any, enterprise: Any = None) -> Changes:
    """Return what makes a request one of this workspace and organisation, in the shape of its kind."""
    if request.kind == "interactive":
        parts = {"team": team, "enterprise": enterprise}
        return {(name,): value and {"id": value, "name": "x"} for name, value in parts.items()}
    return {("team_id",): team or MISSING, ("enterprise_id",): enterprise or MISSING}


def refused(doorstep: Doorstep, changes: Any) -> None:
    """Assert that each kind of request, so changed, is refused and leaves no trace in the database."""
    before = doorstep.rows()
    for request in doorstep.requests:
        assert doorstep.deliver(request, changes(request))[1] == 403, request.name
    assert doorstep.rows() == before


def test_another_workspace_is_refused_everywhere(doorstep: Doorstep) -> None:
    """Command, button, form, shortcut and event of another workspace are 403, and nothing is stored."""
    refused(doorstep, lambda request: as_from(request, "T0OTHER001"))


def test_no_workspace_at_all_is_refused_everywhere(doorstep: Doorstep) -> None:
    """A request that names neither a workspace nor an organisation is 403."""
    refused(doorstep, lambda request: as_from(request, None))


def test_another_app_is_refused_everywhere(doorstep: Doorstep) -> None:
    """A request that names another app is 403, also from our own workspace; Slack's shortcuts may name none."""
    refused(doorstep, lambda _: {("api_app_id",): "A0OTHER001"})


def test_another_organisation_is_refused_everywhere(doorstep: Doorstep) -> None:
    """To a workspace of no organisation, none may speak."""
    refused(doorstep, lambda request: as_from(request, None, ORGANISATION))


@pytest.fixture
def in_organisation(doorstep: Doorstep) -> Iterator[Doorstep]:
    """Yield a door whose workspace belongs to an organisation."""
    alone = doorstep.door
    doorstep.world.write(update(Workspace).values(enterprise_id=ORGANISATION))
    doorstep.door = door_of(doorstep.world)
    yield doorstep
    doorstep.world.write(update(Workspace).values(enterprise_id=None))
    doorstep.door = alone


def test_ones_own_organisation_is_let_in(in_organisation: Doorstep) -> None:
    """In an organisation, a request without a workspace but with the organisation is taken; other ones are not."""
    for request in in_organisation.requests:
        status = in_organisation.deliver(request, as_from(request, None, ORGANISATION))[1]
        assert status != 403, request.name
    refused(in_organisation, lambda request: as_from(request, None, "E0OTHER001"))
    refused(in_organisation, lambda request: as_from(request, "T0OTHER001", "E0OTHER001"))


def test_strangers_are_refused_over_socket_mode(world: World) -> None:
    """Over Socket Mode, requests of another workspace or app are not acknowledged and change nothing."""
    requests = record(world)
    before = [words(card) for card in world.cards()]
    world.sandbox.workspace.ack_seconds = 0.3
    for request in requests[::3]:
        foreign: list[Changes] = [as_from(request, "T0OTHER001"), {("api_app_id",): "A0OTHER001"}]
        for changes in foreign:
            assert not world.forge(request.kind, request.altered("x", changes).payload).ok, request.name
    world.sandbox.workspace.ack_seconds = 15
    assert [words(card) for card in world.cards()] == before
    assert "Filed as" in words(world.command(GUARD, "We are still here")["ephemeral"])
