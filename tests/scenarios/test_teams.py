"""Teams come from a field of people's profiles; digests weigh votes by them, and say who takes part."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from db.models import Person
from sandbox.people import DIGEST_CHANNEL, TEAM_FIELD
from tests.bot import (
    AGENT,
    BILLING,
    CLERK,
    DRIVER,
    ENGINEER,
    GUARD,
    MANAGER,
    RESEARCHER,
    WRITER,
    World,
    running_world,
    words,
)
from tests.scenarios.test_digest_acts import digest, to_monday
from tests.scenarios.test_settings import saved

LINE = "Let customers reschedule deliveries online"
NORTH, SOUTH = "Branch North", "Branch South"
OF_NORTH, OF_SOUTH = (GUARD, AGENT, CLERK, ENGINEER, MANAGER, DRIVER), (BILLING, WRITER, RESEARCHER)
DAY = 86_400


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Yield a workspace with a team of six and one of three, and the bot, which is told where teams stand."""
    with running_world(database_url, "http", cx_team_field=TEAM_FIELD) as world:
        place(world, OF_NORTH, NORTH)
        place(world, OF_SOUTH, SOUTH)
        learn(world)
        yield world


def place(world: World, people: tuple[str, ...], team: str) -> None:
    """Let the profiles of people name this team, and others none."""
    for user in people:
        world.sandbox.call(partial(world.sandbox.workspace.users[user].fields.__setitem__, TEAM_FIELD, team))


def learn(world: World) -> None:
    """Let the bot learn everybody, and read profiles until it has read all."""
    world.runtime._jobs.learn()
    for _ in range(3):  # The first look forgets what another field said.
        world.runtime._jobs.learn_teams()


def teams(world: World) -> dict[str, str | None]:
    """Return which team the bot takes each member to be of."""
    return dict(world._rows(select(Person.user_id, Person.team).where(Person.standing == "member")))


def vote(world: World, ts: str, *voters: str) -> None:
    """Let people vote, and the bot tell Slack."""
    for voter in voters:
        world.react(voter, ts)
    world.settle()


def read_digest(world: World) -> str:
    """Let the next Monday come; return the words of its digest."""
    to_monday(world)
    return words(digest(world, len(world.cards(DIGEST_CHANNEL)) - 1))


def test_a_digest_says_from_how_many_teams_votes_came(world: World) -> None:
    """The field's value is a person's team, and the reason for an idea counts the teams behind it."""
    vote(world, world.file(GUARD, LINE), AGENT, CLERK, WRITER)
    assert teams(world)[CLERK] == NORTH
    assert "3 votes, all this week, from 2 teams" in read_digest(world)


def test_who_takes_part_is_told_by_team_and_small_groups_never(world: World) -> None:
    """A team of which five took part is named with its share; of others only their number is told."""
    vote(world, world.file(GUARD, LINE), AGENT, CLERK, ENGINEER, MANAGER, WRITER, BILLING)
    said = read_digest(world)
    assert f"By team: {NORTH} (5 of 6)" in said
    assert "7 people took part (1 with ideas, 6 with votes)" in said
    assert SOUTH not in said


def test_four_of_a_team_are_not_told_of(world: World) -> None:
    """When fewer than five of a large team took part, its name is not there."""
    vote(world, world.file(GUARD, LINE), AGENT, CLERK, ENGINEER)
    said = read_digest(world)
    assert "By team: fewer than five people each from 1 team" in said
    assert NORTH not in said


def test_a_team_without_a_sign_for_90_days_is_named_and_its_next_idea_is_greeted(world: World) -> None:
    """Silence of a team shows after 90 days; its first idea after that says so as its reason."""
    vote(world, world.file(GUARD, LINE), AGENT)
    world.sandbox.control("advance", seconds=100 * DAY)
    world.runtime.deps.heartbeat.beat()
    other = world.file(BILLING, "Print the hotline on every letter we send")
    vote(world, other, WRITER)
    assert "Nothing in 90 days about" in (said := read_digest(world))
    assert f"nor from {NORTH}." in said
    assert SOUTH not in said
    vote(world, world.file(CLERK, "Offer a chat on the returns page"), AGENT)
    assert f"first idea from {NORTH} in 90 days, 1 vote this week" in read_digest(world)


def test_nothing_is_told_by_team_before_profiles_are_read(world: World) -> None:
    """While most profiles have not been read, sizes of teams would be wrong, and no share is told."""
    world.write(update(Person).values(team_checked_at=None))
    vote(world, world.file(GUARD, LINE), AGENT, CLERK, ENGINEER, MANAGER)
    assert "By team" not in read_digest(world)


def test_another_field_saved_in_slack_is_read_instead(world: World) -> None:
    """Whoever names another field has all teams forgotten, and read again from there."""
    saved(world, "workforce/", workforce="", team_field="Xf0OTHER001")
    learn(world)
    assert set(teams(world).values()) == {None}
    saved(world, "workforce/", workforce="", team_field=TEAM_FIELD)
    learn(world)
    assert teams(world)[CLERK] == NORTH


def test_a_wrong_field_is_refused_with_what_to_write(world: World) -> None:
    """What is no id of a field is not saved; the form says what an id looks like."""
    refused = saved(world, "workforce/", workforce="", team_field="Team")
    assert "like Xf0123456789" in str(refused)
    assert world.runtime.deps.company.team_field == TEAM_FIELD


def test_without_the_scope_nobody_has_a_team(sqlite_url: str) -> None:
    """A workspace that refuses the optional scope gets its digests, without teams."""
    with running_world(sqlite_url, "http", cx_team_field=TEAM_FIELD) as world:
        world.sandbox.call(partial(world.sandbox.workspace.app.scopes.discard, "users.profile:read"))
        learn(world)
        vote(world, world.file(GUARD, LINE), AGENT)
        said = read_digest(world)
    assert "1 vote this week, " in said
    assert "team" not in said


def test_profiles_are_read_again_after_a_month(world: World) -> None:
    """Who changes teams is of the new one a month later at the latest."""
    place(world, (CLERK,), SOUTH)
    world.runtime._jobs.learn_teams()
    assert teams(world)[CLERK] == NORTH
    world.sandbox.control("advance", seconds=31 * DAY)
    world.runtime.deps.heartbeat.beat()
    for _ in range(2):
        world.runtime._jobs.learn_teams()
    assert teams(world)[CLERK] == SOUTH


@pytest.mark.parametrize("fields", [None, [], {TEAM_FIELD: None}, {TEAM_FIELD: {"value": ""}}])
def test_a_profile_that_says_nothing_makes_nobody_s_team(fields: Any) -> None:
    """Whatever Slack sends for a field that nobody has filled in is no team."""
    from bot.directory import _team_in

    assert _team_in({"fields": fields}, TEAM_FIELD) is None
