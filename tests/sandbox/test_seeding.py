"""Three months of life: a story that is always the same, told through what people do."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.errors import ActError
from sandbox.models import Message
from sandbox.server import Sandbox
from sandbox.story import VOTES, Act, build_story, company, ideas
from tests.browser.double import running_double
from tests.sandbox.clients import eventually

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
SMALL: dict[str, Any] = {"ideas": 5, "votes": 30, "wait": 0.05}


def story(**more: Any) -> list[Act]:
    """The story of the three months before NOW."""
    return build_story(NOW - timedelta(days=90), NOW, **more)


@pytest.fixture
def filled(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Return a workspace with a small story in it."""
    with running_double(sandbox):
        sandbox.control("seed", **SMALL)
        eventually(lambda: sandbox.parts.seeding.state == "done", 30)
        yield sandbox


def cards(sandbox: Sandbox) -> list[Message]:
    """The bot's cards, oldest first."""
    bot = sandbox.workspace.app.bot_user_id
    return [
        item
        for item in sandbox.workspace.channels[sandbox.info["ideas_channel"]].messages.values()
        if item.user_id == bot
    ]


def test_the_same_seed_tells_the_same_story() -> None:
    """Whoever fills a workspace twice sees the same three months, and another seed makes others."""
    assert story() == story()
    assert story() != story(seed=2)


def test_the_story_has_two_hundred_ideas_and_three_thousand_votes() -> None:
    """Everybody's ideas are there, each title once and short enough, and each vote is another person's."""
    acts = story()
    filed = [act for act in acts if act.do == "file"]
    votes = [(act.idea.title, act.who) for act in acts if act.is_first]
    assert (len(filed), len(votes), len(set(votes))) == (200, 3000, 3000)
    assert len({act.idea.title for act in filed}) == 200
    assert all(len(idea.title) <= 120 for idea in ideas())
    assert {idea.author for idea in ideas()} == {person.name for person in company()}
    assert all(act.idea.author != act.who for act in acts if act.do != "file")


def test_the_story_is_told_in_order_and_ends_before_now() -> None:
    """Nobody votes for what is not filed yet or takes back what they did not give, and nothing lies ahead."""
    acts = story()
    filed: set[str] = set()
    given: Counter[tuple[str, str, str]] = Counter()
    for act in acts:
        key = (act.idea.title, act.who, act.word)
        filed |= {act.idea.title} if act.do == "file" else set()
        assert act.idea.title in filed
        given[key] += {"react": 1, "unreact": -1}.get(act.do, 0)
        assert given[key] in {0, 1}
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    assert (NOW - timedelta(days=90)).timestamp() <= acts[0].at
    assert acts[-1].at < NOW.timestamp()


def test_filling_goes_through_what_people_do(filled: Sandbox) -> None:
    """Each idea got a card from the bot, each vote stands on it, and three months lie between the first and now."""
    votes = sum(
        len(set().union(*[people for name, people in card.reactions.items() if name in VOTES]))
        for card in cards(filled)
    )
    assert len(cards(filled)) == 5
    assert 27 <= votes <= 30
    assert float(cards(filled)[0].ts) < filled.workspace.clock.now() - 20 * 86_400
    assert filled.workspace.ephemerals == []
    assert filled.workspace.views == {}


def test_the_clock_stands_at_the_present_afterwards(filled: Sandbox) -> None:
    """The story leaves the workspace's time as it was."""
    assert abs(filled.workspace.clock.offset) < 1


def test_a_workspace_is_filled_once(filled: Sandbox) -> None:
    """A second story is refused in words."""
    with pytest.raises(ActError, match="has been filled"):
        filled.control("seed", **SMALL)


def test_a_silent_bot_stops_the_story_until_it_answers(sandbox: Sandbox) -> None:
    """Without a bot the panel says so, the clock is back, and the story goes on from there once the bot is there."""
    sandbox.control("seed", **SMALL)
    eventually(lambda: sandbox.parts.seeding.state == "stopped", 30)
    assert "does not answer" in sandbox.parts.seeding.words
    assert abs(sandbox.workspace.clock.offset) < 1
    with running_double(sandbox):
        sandbox.control("seed", **SMALL)
        eventually(lambda: sandbox.parts.seeding.state == "done", 30)
    assert len(cards(sandbox)) == 5


def test_what_was_there_before_stays_the_newest(sandbox: Sandbox) -> None:
    """A message from before the filling stands below the story, as its time says."""
    channel = sandbox.info["ideas_channel"]
    said = sandbox.act("U0OTIENO01", "say", channel=channel, text="First!")["ts"]
    with running_double(sandbox):
        sandbox.control("seed", **SMALL)
        eventually(lambda: sandbox.parts.seeding.state == "done", 30)
    order = list(sandbox.workspace.channels[channel].messages)
    assert order == sorted(order)
    assert order[-1] == said


def test_one_can_dismiss_a_private_message_and_nobody_elses(sandbox: Sandbox) -> None:
    """What only Brian sees goes away when he says so; Maja cannot do it for him."""
    channel = sandbox.info["ideas_channel"]
    shown = sandbox.act("U0OTIENO01", "command", channel=channel, text="/nothing")["ephemeral"]["ts"]
    with pytest.raises(ActError, match="message_not_found"):
        sandbox.act("U0LINDQV02", "dismiss", ts=shown)
    sandbox.act("U0OTIENO01", "dismiss", ts=shown)
    assert sandbox.workspace.ephemerals == []
