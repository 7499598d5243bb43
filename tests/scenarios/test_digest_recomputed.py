"""No number of a digest has to be believed: each can be worked out from what `cxidea export` writes."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from math import sqrt
from typing import Any

import pytest

from bot.__main__ import ExportSheet
from bot.export import SHEETS, export_json
from bot.services.digest_records import facts_of
from db.digest_models import DigestRun
from db.digests import DigestFacts
from sandbox.people import DIGEST_CHANNEL, TEAM_FIELD
from tests.bot import AGENT, BILLING, CLERK, DRIVER, ENGINEER, GUARD, MANAGER, WRITER, World, running_world, words
from tests.news import learn_people, plan
from tests.scenarios.test_digest_acts import to_monday
from tests.scenarios.test_teams import learn, place

Row = dict[str, Any]
DAY = timedelta(days=1)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Yield a workspace with teams that has lived for two weeks, and whose second digest is posted."""
    with running_world(database_url, "http", cx_team_field=TEAM_FIELD) as world:
        place(world, (GUARD, AGENT, CLERK, ENGINEER, MANAGER, DRIVER), "Branch North")
        learn(world)
        learn_people(world)
        live_a_week(world, "Let customers reschedule deliveries online", (AGENT, CLERK, ENGINEER))
        to_monday(world)
        live_a_week(world, "Tell callers their place in the queue", (GUARD, BILLING))
        to_monday(world)
        yield world


def live_a_week(world: World, line: str, voters: tuple[str, ...]) -> None:
    """Let some people file, some vote, one take a vote back, one withdraw, and leaders answer."""
    author = WRITER
    first = world.file(author, line)
    number = int(words(world.card(first)).partition("CX-")[2].partition(" ")[0])
    second = world.file(CLERK, f"{line}, and say so on the first page")
    for voter in voters:
        world.react(voter, first)
    world.react(MANAGER, second)
    world.react(DRIVER, second)
    world.react(DRIVER, second, is_on=False)
    receipt = world.command(AGENT, "An idea that nobody will ever see again")["ephemeral"]
    world.settle()
    world.press(AGENT, receipt | {"channel": "C0GENERAL1"}, "idea.undo")
    plan(world, number)


def sheet(world: World, name: str) -> list[Row]:
    """Return what the command writes of one kind."""
    out = io.StringIO()
    export_json(world.runtime.deps.sessions, out, name)
    rows: list[Row] = json.loads(out.getvalue())
    return rows


def told(world: World) -> DigestFacts:
    """Return what the newest digest said."""
    with world.runtime.deps.sessions.reading() as session:
        facts = facts_of(session.query(DigestRun).order_by(DigestRun.id.desc()).limit(1).one())
    assert facts is not None
    assert facts.channel_id == DIGEST_CHANNEL
    return facts


def day_of(written: str) -> date:
    """Return the day of a moment as it is exported."""
    return datetime.fromisoformat(written).astimezone(UTC).date()


def within(rows: list[Row], column: str, first: date) -> list[Row]:
    """Return the rows of the week that begins on a day."""
    return [row for row in rows if row[column] and first <= day_of(row[column]) < first + 7 * DAY]


def test_every_sheet_can_be_asked_for() -> None:
    """The command line names all that can be written."""
    assert [each.value for each in ExportSheet] == list(SHEETS)


def test_the_numbers_of_the_week(world: World) -> None:
    """Ideas, votes, who took part, by stage, and the weeks before: all as the sheets say."""
    facts, votes = told(world), sheet(world, "votes")
    ideas = [idea for idea in sheet(world, "ideas") if idea["status"] != "withdrawn"]
    shown = {idea["key"] for idea in ideas if idea["status"] != "merged"}
    votes = [vote for vote in votes if vote["key"] in shown]
    for numbers, first in ((facts.numbers, facts.first_day), (facts.previous, facts.first_day - 7 * DAY)):
        filed, cast = within(ideas, "created_at", first), within(votes, "voted_at", first)
        authors, voters = {idea["author"] for idea in filed}, {vote["voter"] for vote in cast}
        assert (numbers.ideas, numbers.votes) == (len(filed), len(cast))
        assert numbers.participants == len(authors | voters)
        assert (numbers.authors, numbers.voters) == (len(authors), len(voters))
    for week in facts.weeks:
        counted = (len(within(ideas, "created_at", week.first_day)), len(within(votes, "voted_at", week.first_day)))
        assert (week.ideas, week.votes) == counted
    by_stage = Counter(idea["stage"] for idea in within(ideas, "created_at", facts.first_day))
    assert {each.stage: each.ideas for each in facts.stage_counts if each.ideas} == dict(by_stage)
    members = [person for person in sheet(world, "people") if person["standing"] == "member"]
    assert facts.workforce == len(members)
    newcomers = {idea["author"] for idea in ideas} - {
        idea["author"] for idea in ideas if day_of(idea["created_at"]) < facts.first_day
    }
    assert {author for author in facts.first_time_authors if author} == newcomers


def test_what_waits_and_how_soon_it_was_answered(world: World) -> None:
    """What waits, how much of it is late, and the median of first answers follow from the ideas' own dates."""
    facts, ideas = told(world), sheet(world, "ideas")
    end = facts.last_day + DAY
    waiting = [idea for idea in ideas if idea["status"] not in {"withdrawn", "merged"} and not idea["settled_at"]]
    assert facts.waiting.total == len(waiting)
    assert facts.waiting.overdue == sum(day_of(idea["answer_due_at"]) < end for idea in waiting)
    answered = within(ideas, "answered_at", facts.first_day)
    assert facts.answers.answers == len(answered) > 0
    planned = [line for line in sheet(world, "history") if line["after"] == "planned"]
    assert {line["key"] for line in within(planned, "at", facts.first_day)} == {idea["key"] for idea in answered}


def test_the_rank_and_its_reasons(world: World) -> None:
    """Which ideas moved people, in which order, with which votes from how many teams."""
    facts, ideas = told(world), {idea["key"]: idea for idea in sheet(world, "ideas")}
    team_of = {person["id"]: person["team"] for person in sheet(world, "people")}
    cast = within(sheet(world, "votes"), "voted_at", facts.first_day)
    by_idea = {
        key: Counter(team_of.get(vote["voter"]) for vote in of_it)
        for key, of_it in groupby(cast, lambda vote: vote["key"])
    }
    for mover in facts.movers:
        teams = by_idea[f"CX-{mover.idea_id}"]
        assert mover.votes_in_period == teams.total()
        assert mover.teams == (len([team for team in teams if team]) or None)
        assert mover.votes == ideas[f"CX-{mover.idea_id}"]["votes"]
    scores = [score(by_idea[f"CX-{mover.idea_id}"]) for mover in facts.movers]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) > 1


def score(teams: Counter[str | None]) -> float:
    """Return the fair score by the formula of docs/ranking.md, of ideas that were filed at the same time."""
    votes = teams[None] + sum(sqrt(count) for team, count in teams.items() if team)
    return max(0.0, votes * (1 - 1 / (9 * votes) - 1.2816 / (3 * sqrt(votes))) ** 3)


def test_the_breadth_by_team(world: World) -> None:
    """How many of each team took part, and that nothing is said of fewer than five."""
    facts = told(world)
    team_of = {person["id"]: person["team"] for person in sheet(world, "people")}
    ideas = [idea for idea in sheet(world, "ideas") if idea["status"] != "withdrawn"]
    people = {idea["author"] for idea in within(ideas, "created_at", facts.first_day)}
    people |= {vote["voter"] for vote in within(sheet(world, "votes"), "voted_at", facts.first_day)}
    active = Counter(team_of[person] for person in people if team_of.get(person) == "Branch North")
    assert facts.breadth.other_teams + len(facts.breadth.teams) == len(active)
    assert all(share.took_part >= 5 for share in facts.breadth.teams)
