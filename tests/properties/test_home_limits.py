"""App Home keeps Slack's limits with any data: texts of any length, any numbers, everything that can be done."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from slackblocks import ActionsBlock, Block, Button

from bot.deeds import Deed
from bot.ids import Note
from bot.looks import HomeLook, HomeOwner, HomeStatus, stage_choice
from bot.views import home as views
from bot.views.home import Home, WantedIdea
from bot.views.home_desk import PAGE_SIZE, Desk, DeskIdea
from bot.views.words import Noted
from db.queries import IdeaDetails, ListedIdea
from sandbox.limits import check_view
from tests.effort import examples
from tests.properties.test_view_limits import HOSTILE, counts, ideas, typed_texts
from tests.unit.view_samples import IDEA, NOW, ZONE, permalink

SETTINGS: list[Block] = [
    ActionsBlock([Button("x" * 75, action_id=f"a{number}")], block_id=f"settings{number}") for number in range(12)
]
days = st.integers(-900, 900).map(lambda number: NOW + timedelta(days=number))
some_ideas = st.builds(
    replace,
    ideas,
    answer=st.none() | typed_texts,
    answered_by=st.none() | st.just("U5"),
    answer_due_at=days,
    answered_at=st.none() | days,
    settled_at=st.none() | days,
    stage_name=st.none() | typed_texts.filter(str.strip),
)
deeds = st.sets(st.sampled_from(Deed)).map(frozenset)
looks = st.builds(HomeLook, st.sampled_from(HomeStatus), st.sampled_from(["any", "none", "stage/use", "stage/gone"]))
stages = st.lists(typed_texts.filter(lambda text: text.strip("\x00\ud800 \n")), max_size=150)


def numbered(listed: list[IdeaDetails]) -> list[IdeaDetails]:
    """Return the ideas with numbers of their own, as long as numbers get."""
    return [replace(idea, id=999_999_000 + number) for number, idea in enumerate(listed)]


def seen(listed: list[IdeaDetails], *, is_own: bool = False, has_button_vote: bool = False) -> tuple[ListedIdea, ...]:
    """Return the ideas as somebody sees them."""
    return tuple(
        ListedIdea(idea, is_own, not is_own, has_button_vote, not has_button_vote) for idea in numbered(listed)
    )


many = st.lists(some_ideas, max_size=12)
desks = st.builds(
    lambda look, page, keys, done, numbers, is_leaders: Desk(
        replace(look, owner=HomeOwner.MINE, page=numbers[0] + 1),
        tuple(DeskIdea(idea, done) for idea in numbered(page)),
        numbers[0] + 1,
        numbers[0] + numbers[1] + 1,
        max(numbers[2], len(page)),
        numbers[1],
        [(f"key{number}", name) for number, name in enumerate(keys)],
        is_leaders,
    ),
    looks,
    many,
    stages,
    deeds,
    st.tuples(counts, counts, counts),
    st.booleans(),
)
homes = st.builds(
    lambda own, wanted, unvoted, desk, votes, words, button: Home(
        is_member=True,
        own=seen(own, is_own=True),
        own_total=votes,
        wanted=tuple(WantedIdea(item, votes) for item in seen(wanted, has_button_vote=button)),
        unvoted=seen(unvoted),
        desk=desk,
        note=Noted(Note.REACTION_STANDS, 12, ("heart", "+1::skin-tone-2")) if button else None,
        notice=words,
    ),
    many,
    many,
    many,
    st.none() | desks,
    counts,
    typed_texts,
    st.booleans(),
)


@settings(max_examples=examples(60), deadline=None)
@given(homes, st.integers(0, len(SETTINGS)))
def test_any_home_is_under_a_hundred_blocks(home: Home, settings_count: int) -> None:
    """Whatever stands in it, Home is built, is what Slack takes, and stays below its limits."""
    view = views.home(home, zone=ZONE, now=NOW, permalink=permalink, settings_blocks=SETTINGS[:settings_count])
    assert len(view["blocks"]) < 100
    assert check_view(view, "home") == view


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(HOSTILE), st.sets(st.sampled_from(Deed), min_size=6))
def test_the_fullest_home_fits(text: str, done: set[Deed]) -> None:
    """With every list full of the longest texts, Home still has room below its limits."""
    idea = replace(numbered_sample(text), answer=text, description=text, title=text[:120])
    full = [idea] * 12
    stages = [(f"k{number}", (text.strip() or "Use")[:70]) for number in range(150)]
    page = tuple(DeskIdea(each, frozenset(done)) for each in numbered(full))
    desk = Desk(HomeLook(page=2), page, 2, 3, total=30, overdue=30, stages=stages, is_leaders=True)
    wanted = tuple(WantedIdea(item, 1) for item in seen(full))
    home = Home(is_member=True, own=seen(full), own_total=99, wanted=wanted, unvoted=seen(full), desk=desk)
    view = views.home(home, zone=ZONE, now=NOW, permalink=permalink, settings_blocks=SETTINGS)
    assert 70 < len(view["blocks"]) < 100
    assert sum(block["block_id"].startswith("desk|") for block in view["blocks"]) == PAGE_SIZE
    assert sum(block["block_id"].startswith("settings") for block in view["blocks"]) == 10
    assert stage_choice("k5") in str(view)


def numbered_sample(text: str) -> IdeaDetails:
    """Return an idea with this for everything that somebody wrote."""
    return replace(IDEA, stage_name=text.strip("\x00\ud800 \n") or "Use", owner_id="U2", answered_by="U5")
