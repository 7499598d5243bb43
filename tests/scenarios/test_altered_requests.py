"""Every part of every kind of request altered: refused or answered, and nobody does what they could not do before."""

import asyncio
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.bot import ADMIN, GUARD, LEADER, World, running_world, words
from tests.door import Visitor
from tests.doorstep import PEOPLES_TABLES, Doorstep
from tests.effort import EFFORT, examples
from tests.recordings import ALTERATIONS, MISSING, Path, Request, record

DECIDING = frozenset(
    {
        *("type", "command", "callback_id", "action_id", "block_id", "value", "private_metadata", "actions", "view"),
        *("user", "user_id", "team", "team_id", "enterprise", "api_app_id", "trigger_id", "event_id", "response_url"),
        *("event", "text", "item", "channel", "ts", "reaction", "event_ts", "values", "state"),
    }
)
SEED = 20261124


def check(doorstep: Doorstep, request: Request, changes: dict[Path, Any], note: object) -> None:
    """Deliver an altered request, and assert that it is taken or refused, and does only what its sender may do."""
    before = doorstep.known
    with capture_logs() as logged:
        altered, status = doorstep.deliver(request, changes)
    assert status in (200, 400, 403, 404), (request.name, note, status)
    assert not [line for line in logged if line["log_level"] in ("error", "critical")], (request.name, note, logged)
    after = doorstep.rows(PEOPLES_TABLES)
    if after != before:
        assert_rightful(before, after, sender(altered.payload), (request.name, note))
        doorstep.reopen()


def sender(payload: dict[str, Any]) -> Any:
    """Return who made a request."""
    person = payload.get("user")
    event = payload.get("event")
    if isinstance(event, dict):
        person = event.get("user")
    return payload.get("user_id") or (person.get("id") if isinstance(person, dict) else person)


def assert_rightful(before: dict[str, Any], after: dict[str, Any], who: Any, note: object) -> None:
    """Assert that of all that changed, each row is this person's own, and digests are asked for by those who may."""
    changed = {table: list({*rows.values()} ^ {*before[table].values()}) for table, rows in after.items()}
    assert not changed["role_members"], note
    assert not changed["digest_channels"], note
    assert not changed["stages"], note
    assert not changed["saved_settings"] or who == ADMIN, note
    assert not changed["digest_runs"] or who in (LEADER, ADMIN), note
    for row in changed["ideas"] + changed["votes"]:
        assert row[1] == who, (note, row)


@pytest.mark.timeout(120 * max(1, EFFORT))
def test_each_part_altered(doorstep: Doorstep) -> None:
    """Any part of any request missing, of another kind, huge, hostile or somebody else's: no crash, no stolen right."""
    doorstep.reopen()
    choose = random.Random(SEED)  # noqa: S311  # which alterations an ordinary run has time for
    for request in doorstep.requests:
        for path in request.paths:
            is_deciding = path[-1] in DECIDING and "blocks" not in path
            if not is_deciding and choose.random() > 0.06 * EFFORT:
                continue
            for name in choose.sample(list(ALTERATIONS), min(len(ALTERATIONS), examples(1))):
                check(doorstep, request, {path: ALTERATIONS[name]}, (path, name))


FORM = ("view", "callback_id")
NO_ACTIONS: list[Any] = [[], None, "x", [None], [{}], [{"action_id": 7}]]
NO_BLOCKS: list[Any] = [None, "x", 7, [None], ["x"], [{"type": "input"}], [{"type": "input", "block_id": {}}]]
EVENT_IDS: list[Any] = [MISSING, None, "\ud800", "\x00", "x" * 5000, ["x"]]
KINDS: list[Any] = [True, 7, ["x"], {}, None]
ADDRESSES: list[Any] = [MISSING, "", "x", "file:///etc/passwd", "http://[", 7]
FOUND: list[tuple[str, Any]] = [
    *(("reaction_added", {("event_id",): value}) for value in EVENT_IDS),
    *(("reaction_removed", {("event", "type"): value}) for value in KINDS),
    *(
        ("digest.preview", {("actions", 0, "value"): value})
        for value in ("2199-W10", "0001-W01", "9999-W52", "2026-W60")
    ),
    *(("digest.post", {("actions", 0, "value"): value}) for value in ("2199-W10/regular", "/", "0001-W01/x")),
    *(("vote.cast", {("actions",): value}) for value in NO_ACTIONS),
    *(("vote.cast", {("response_url",): value}) for value in ADDRESSES),
    *(("app_home_opened", {("event", "tab"): value}) for value in (MISSING, None, ["home"], "messages")),
    *(("home.turn_page", {("actions", 0, "value"): value}) for value in ("0", "-1", "١٢", "9" * 5000, "x", "")),
    *((name, {(part,): "x"}) for name in ("vote.cast", "idea.submit") for part in ("team", "enterprise", "view")),
    *(("idea.submit", {FORM: "idea.unheard_of", ("view", "blocks"): value}) for value in NO_BLOCKS),
]
"""What was an unhandled error once."""


def test_what_was_found_before(doorstep: Doorstep) -> None:
    """Alterations that crashed something once are refused or answered."""
    doorstep.reopen()
    requests = {request.name: request for request in doorstep.requests}
    for name, changes in FOUND:
        check(doorstep, requests[name], changes, changes)


@pytest.mark.timeout(120 * max(1, EFFORT))
@settings(deadline=None, max_examples=examples(60), derandomize=EFFORT == 1)
@given(data=st.data())
def test_two_parts_altered(doorstep: Doorstep, data: st.DataObject) -> None:
    """Two parts of a request altered at once crash nothing and give nobody another's rights."""
    request = data.draw(st.sampled_from(doorstep.requests), label="request")
    paths = st.sampled_from([path for path in request.paths if "blocks" not in path])
    names = data.draw(st.dictionaries(paths, st.sampled_from(list(ALTERATIONS)), min_size=2, max_size=2))
    check(doorstep, request, {path: ALTERATIONS[name] for path, name in names.items()}, names)


def test_everything_that_people_do_was_recorded(doorstep: Doorstep) -> None:
    """The recordings hold each command, button, menu, form, shortcut and event that the app listens to."""
    names = {request.name for request in doorstep.requests}
    assert {
        *("idea.open_form", "idea.add_details", "idea.choose_stage", "idea.undo", "idea.see_card"),
        *("vote.cast", "vote.take_back", "list.turn_page", "list.turn_page_back", "digest.post", "digest.preview"),
        *("idea.submit", "idea.edit", "idea.from_message", "idea.share", "reaction_added", "reaction_removed"),
        *("/cxidea a line", "/cxidea ", "/cxidea help", "/cxidea mine", "/cxidea show", "/cxidea stats"),
        *("home.choose_status", "home.choose_stage", "home.choose_owner", "home.turn_page", "home.turn_page_back"),
        *("/cxidea top", "app_home_opened", "/cxidea search", "/cxidea digest", "/cxidea settings"),
        *("settings.change", "settings.save"),
    } == names


def test_the_bot_goes_on_after_altered_requests(sqlite_url: str, transport: str) -> None:
    """Over either transport, after many altered requests the bot serves, and nothing waits to be sent."""
    with running_world(sqlite_url, transport) as world:
        requests = record(world)
        world.sandbox.workspace.ack_seconds = 1.0
        choose = random.Random(SEED)  # noqa: S311  # which alterations an ordinary run has time for
        by_name = {request.name: request for request in requests}
        altered = [by_name[name].altered(f"f{number}", changes) for number, (name, changes) in enumerate(FOUND)]
        for number in range(examples(60)):
            request = choose.choice(requests)
            path, name = choose.choice(request.paths), choose.choice(list(ALTERATIONS))
            altered.append(request.altered(f"n{number}", {path: ALTERATIONS[name]}))
        if transport == "http":
            visitor = Visitor(world)
            assert {visitor.deliver(each) for each in altered} <= {200, 400, 403, 404}
            visitor.leave()
        else:
            for start in range(0, len(altered), 50):
                world.sandbox.wait_for(_ask_all(world, altered[start : start + 50]))
        world.sandbox.workspace.ack_seconds = 15.0
        world.settle()
        assert "Filed as CX-" in words(world.command(GUARD, "The bot is still there")["ephemeral"])


async def _ask_all(world: World, requests: list[Request]) -> None:
    await asyncio.gather(*(world.sandbox.parts.delivery.ask(each.kind, each.payload) for each in requests))
