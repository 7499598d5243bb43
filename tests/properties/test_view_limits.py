from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalog import DESCRIPTION_LIMIT, TITLE_LIMIT, IdeaText
from bot.ids import SEARCH_LIMIT, Field
from bot.views import cards, digests, forms, receipts
from bot.views.digests import Preview
from bot.views.message import FALLBACK_LIMIT, TEXT_LIMIT
from bot.views.text import clean, width
from db.digests import (
    AnswerTimes,
    Breadth,
    DigestFacts,
    Mover,
    Questions,
    Shipped,
    SilentStage,
    StageCount,
    TeamShare,
    Waiting,
    WeekCount,
)
from db.queries import IdeaDetails, WeekNumbers
from db.types import Edition, Status
from tests.unit.view_samples import IDEA, LISTS, ZONE, controls, every_view, fields, page_of, words

HOSTILE = [
    "<!channel>",
    "<!here> <!subteam^S1> <!date^1^{date}|x>",
    "<@U0>",
    "<#C0>",
    "<https://a|b>",
    "*bold* _italic_ ~struck~ `code` ```block``` > quote",
    ":fire: @channel https://example.org",
    "&lt;!channel&gt; &amp;",
    "👩‍👩‍👧‍👦🔥" * 400,
    "x" * DESCRIPTION_LIMIT,
    "word " * 600,
    "شكرا جزيلا\nتسليم 12",
    "abc\u202edef\u2066ghi",
    "\x00",
    "\ud800",
    "\n" * 10_000,
    "<" * 10_000,
    "",
]
typed_texts = (
    st.sampled_from(HOSTILE) | st.text(max_size=100) | st.lists(st.sampled_from(HOSTILE), max_size=4).map(" ".join)
)
titles = typed_texts.map(lambda text: text[:TITLE_LIMIT])
descriptions = typed_texts.map(lambda text: text[:DESCRIPTION_LIMIT])
on_a_busy_machine = settings(deadline=None)
every_view_takes_a_while = settings(max_examples=25, deadline=None)
a_digest_takes_a_while = settings(max_examples=50, deadline=None)

counts = st.integers(0, 3) | st.integers(0, 200_000)
ideas = st.builds(
    replace,
    st.just(IDEA),
    title=titles,
    description=descriptions,
    status=st.sampled_from(Status),
    votes=counts,
    stage=st.sampled_from(["use", None, "<!here>"]),
    author_id=st.sampled_from(["U1", None]),
    owner_id=st.sampled_from(["U2", None]),
)
numbers = st.lists(st.integers(1, 20), max_size=15, unique=True).map(tuple)
movers = st.builds(Mover, st.integers(1, 20), counts, counts, st.none() | counts, st.integers(0, 3000))
shares = st.none() | st.floats(0, 1)
times = st.builds(AnswerTimes, counts, st.none() | st.floats(0, 1000), shares)
silent = st.lists(st.builds(SilentStage, st.none() | titles, counts), max_size=5)
weeks = st.builds(
    DigestFacts,
    channel_id=st.just("C2"),
    week=st.sampled_from(["2026-W47", "2026-M11"]),
    language=st.sampled_from([None, "de", "pt_BR", "ja", "ar"]),
    breadth=st.builds(
        Breadth,
        st.lists(st.builds(TeamShare, titles, counts, counts), max_size=300).map(tuple),
        counts,
        st.lists(titles, max_size=300).map(tuple),
    ),
    edition=st.sampled_from(Edition),
    is_late=st.booleans(),
    first_day=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    last_day=st.just(date(2026, 11, 22)),
    over_through=st.just(date(2026, 11, 22)),
    numbers=st.builds(WeekNumbers, counts, counts, counts),
    previous=st.builds(WeekNumbers, counts, counts, counts),
    workforce=st.none() | counts,
    movers=st.lists(movers, max_size=15, unique_by=lambda mover: mover.idea_id).map(tuple),
    waiting=st.builds(Waiting, counts, counts, numbers),
    shipped=st.builds(Shipped, counts, numbers),
    answers=times,
    answers_before=times,
    stage_counts=st.lists(st.builds(StageCount, st.none() | titles, counts, st.floats(0, 1e5)), max_size=30).map(tuple),
    weeks=st.lists(st.builds(WeekCount, st.dates(date(2020, 1, 1), date(2040, 1, 1)), counts, counts), max_size=12).map(
        tuple
    ),
    first_time_authors=st.lists(st.none() | st.sampled_from(["U1", "U2"]), max_size=300).map(tuple),
    questions=st.none() | st.builds(Questions, counts, counts, silent.map(tuple)),
    quiet_idea=st.none() | st.integers(1, 20),
    silent_stages=st.lists(titles, max_size=100).map(tuple),
    skipped_weeks=st.lists(st.integers(1, 53).map("2026-W{:02}".format), max_size=53).map(tuple),
)


@every_view_takes_a_while
@given(ideas, typed_texts)
def test_hostile_text_stays_within_the_limits_of_every_view(idea: IdeaDetails, typed: str) -> None:
    """Whatever people write, each view is built, passes the check, and has a notification that fits."""
    for shown in every_view(idea, typed):
        if not isinstance(shown, dict):
            assert 0 < width(shown.text) <= FALLBACK_LIMIT


@every_view_takes_a_while
@given(ideas, typed_texts)
def test_hostile_text_adds_no_control_sequence(idea: IdeaDetails, typed: str) -> None:
    """Mentions and links in a view are exactly those of the same view with harmless text."""
    harmless = replace(idea, title="a", description="b", stage="use")
    for hostile, plain in zip(every_view(idea, typed), every_view(harmless, "c"), strict=True):
        assert controls(hostile) == controls(plain)


@on_a_busy_machine
@given(ideas)
def test_the_card_shows_title_and_description_whole(idea: IdeaDetails) -> None:
    """Nothing of what the author wrote is missing on the card."""
    shown = words(cards.idea_card(idea, ZONE)).replace("\u2068", "").replace("\u2069", "")
    assert clean(idea.title).replace("\n", " ").strip() in shown
    assert clean(idea.description).strip() in shown


@on_a_busy_machine
@given(typed_texts)
def test_a_form_opens_with_values_that_fit(typed: str) -> None:
    """What a form is prefilled with never exceeds what its fields accept."""
    inputs = fields(forms.idea_form(IdeaText(title=typed, description=typed, stage=typed, kind=typed), LISTS))
    for field in (Field.TITLE, Field.DESCRIPTION):
        element = inputs[field]["element"]
        assert width(element.get("initial_value", "")) <= element["max_length"]


@on_a_busy_machine
@given(st.text(min_size=1, max_size=50).map(lambda text: text * 40))
def test_a_text_comes_back_whole(text: str) -> None:
    """A line that could not be filed stands whole in the answer."""
    assert clean(text).strip() in words(receipts.line_too_long(text)).replace("\u2068", "").replace("\u2069", "")


@a_digest_takes_a_while
@given(weeks, ideas, st.integers(0, 6))
def test_any_week_fits_into_a_digest(week: DigestFacts, idea: IdeaDetails, days: int) -> None:
    """A digest and its preview are built for any facts, under 50 blocks and 12,000 characters."""
    facts = replace(week, last_day=week.first_day + timedelta(days=days))
    preview = Preview("2026-W46", "2026-M11", is_admins=True)
    for shown in (digests.digest, partial(digests.digest_preview, preview=preview)):
        message = shown(page_of(facts, idea))
        assert len(message.blocks) < 50
        assert sum(map(width, words(message))) <= TEXT_LIMIT


@pytest.mark.parametrize("search", ["é" * SEARCH_LIMIT * 40, "\x00", "a\nb"])
def test_a_long_search_still_makes_a_list(search: str) -> None:
    """Words of any length make a list whose block ids fit."""
    assert every_view(IDEA, search)
