from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.ids import Action
from bot.views import digests
from bot.views.digest_words import clearest_wish, stage_counts, week_sentence, why_here
from bot.views.message import Message
from db.queries import DigestFacts, TopIdea, WeekNumbers
from db.types import Edition
from tests.unit.view_samples import IDEA, WEEK, ZONE, button, elements, permalink, words


def digest(facts: DigestFacts) -> Message:
    return digests.digest(facts, permalink=permalink, zone=ZONE)


def preview(facts: DigestFacts) -> Message:
    return digests.digest_preview(facts, permalink=permalink, zone=ZONE)


def test_a_digest_says_its_week_in_a_sentence() -> None:
    """The digest begins with week and days, the week in one sentence, compared, and the clearest wish."""
    shown = words(digest(WEEK))
    assert shown.startswith("Customer ideas · week 47, 16 to 22 November")
    assert "23 ideas and 311 votes from 140 of us (14 %, up from 11 %)." in shown
    assert "The clearest wish: Let customers reschedule deliveries online" in shown


def test_a_digest_reads_well_as_a_notification() -> None:
    """The notification is the week in a sentence, escaped."""
    top = (TopIdea(replace(IDEA, title="<!channel>"), 5, 0),)
    assert digest(replace(WEEK, top=top)).text == (
        "Customer ideas, week 47: 23 ideas and 311 votes from 140 of us (14 %, up from 11 %). "
        "The clearest wish: &lt;!channel&gt;"
    )


@pytest.mark.parametrize(
    ("weeks", "sentence"),
    [
        (("2026-W06",), "The digest of week 6 was not sent, because cxidea was not running."),
        (("2026-W52", "2026-W53"), "The digests of weeks 52 and 53 were not sent, because cxidea was not running."),
        (("2026-W40", "2026-W41", "2026-W42"), "The digests of weeks 40 to 42 were not sent, because"),
    ],
)
def test_a_digest_says_which_ones_were_not_sent(weeks: tuple[str, ...], sentence: str) -> None:
    """The digests that are missing before this one are named in one line, before the week's own sentence."""
    shown = words(digest(replace(WEEK, skipped_weeks=weeks)))
    assert sentence in shown
    assert shown.index(sentence) < shown.index("23 ideas")
    assert "not sent" not in words(digest(WEEK))


@pytest.mark.parametrize(
    ("now", "before", "workforce", "sentence"),
    [
        ((1, 1, 1), (0, 0, 0), 1000, "1 idea and 1 vote from one of us (under 1 %)."),
        ((2, 3, 140), (1, 1, 141), 1000, "2 ideas and 3 votes from 140 of us (14 %, as in the week before)."),
        ((2, 3, 100), (1, 1, 200), 1000, "2 ideas and 3 votes from 100 of us (10 %, down from 20 %)."),
        ((2, 0, 3), (1, 1, 2), 12, "2 ideas and no votes from 3 of us (3 of 12, up from 2 of 12)."),
        ((2, 3, 4), (1, 1, 2), None, "2 ideas and 3 votes from 4 of us (2 in the week before)."),
        ((2, 3, 1400), (1, 1, 2), 1000, "2 ideas and 3 votes from 1,400 of us (2 in the week before)."),
        ((2, 0, 0), (1, 1, 2), None, "2 ideas and no votes (2 in the week before)."),
        ((0, 0, 0), (1, 1, 2), 1000, "A quiet week: no new ideas and no votes."),
        ((0, 12, 9), (1, 1, 2), 1000, "A quiet week: no new ideas, 12 votes from 9 of us."),
    ],
)
def test_the_week_is_compared_honestly(
    now: tuple[int, int, int], before: tuple[int, int, int], workforce: int | None, sentence: str
) -> None:
    """Shares are given where the workforce is known and large enough, and nothing grows by a percentage."""
    facts = replace(WEEK, numbers=WeekNumbers(*now), previous=WeekNumbers(*before), workforce=workforce)
    assert week_sentence(facts) == sentence


def test_a_week_so_far_is_not_compared_as_a_whole_one() -> None:
    """The running week says "so far" and sets the whole week before beside it, without up or down."""
    facts = replace(WEEK, edition=Edition.SO_FAR, last_day=date(2026, 11, 18))
    shown = words(digest(facts))
    assert "week 47 so far, 16 to 18 November" in shown
    assert "(14 % so far; 11 % in the whole week before)" in shown
    assert "18 in the whole week before" in shown
    quiet = replace(facts, numbers=WeekNumbers(0, 0, 0))
    assert week_sentence(quiet) == "A quiet week so far: no new ideas and no votes."


def test_a_late_digest_says_why() -> None:
    """A digest that comes late says so and why."""
    assert "This digest is late, because the bot was away" in words(digest(replace(WEEK, is_late=True)))
    assert "late" not in words(digest(WEEK))


@pytest.mark.parametrize(
    ("votes", "in_week", "age", "reason"),
    [
        (20, 14, 3, "14 votes this week, 20 in all, 3 days old"),
        (14, 14, 1, "14 votes, all this week, 1 day old"),
        (1, 1, 0, "1 vote this week, less than a day old"),
        (9, 0, 30, "9 votes, 30 days old"),
        (0, 0, 0, "no votes yet, less than a day old"),
    ],
)
def test_each_top_idea_says_why_it_is_there(votes: int, in_week: int, age: int, reason: str) -> None:
    """Votes of the week, votes in all and age stand beside each top idea."""
    top = TopIdea(replace(IDEA, votes=votes), in_week, age)
    assert why_here(top) == reason
    assert reason in words(digest(replace(WEEK, top=(top,))))


def test_top_ideas_lead_to_their_cards() -> None:
    """A top idea's key is a link to its card, and plain while there is none."""
    assert [each["url"] for each in elements(digest(WEEK), "link")] == [
        "https://example.org/12",
        "https://example.org/9",
    ]
    assert not elements(digests.digest(WEEK, permalink=lambda _: None, zone=ZONE), "link")


@pytest.mark.parametrize(
    ("votes", "is_clear"), [((5, 3), True), ((5, 5), False), ((1, 0), False), ((2,), True), ((), False)]
)
def test_a_wish_is_clearest_only_when_it_is(votes: tuple[int, ...], is_clear: bool) -> None:  # noqa: FBT001  # a case
    """Only an idea ahead of all others, with more than one vote, is called the clearest wish."""
    top = tuple(TopIdea(IDEA, each, 1) for each in votes)
    assert (clearest_wish(replace(WEEK, top=top)) is not None) == is_clear


def test_new_ideas_are_counted_by_stage() -> None:
    """New ideas are counted by stage, most first, those without a stage too; the long tail is summed."""
    assert "Use 9 · not chosen yet 8 · Buy 6" in words(digest(WEEK))
    assert stage_counts([(f"s{number}", 1) for number in range(20)]).endswith("other stages 8")
    assert "by stage" not in words(digest(replace(WEEK, ideas_by_stage=(("use", 0),))))


def test_the_numbers_stand_beside_those_of_the_week_before() -> None:
    """Each number comes with the one that it is compared to."""
    shown = words(digest(WEEK))
    for line in ("23 new ideas; 18 in the week before", "311 votes; 280 in", "140 people took part; 110 in"):
        assert line in shown
    assert "14 % of 1,000 employees" in shown
    assert "employees" not in words(digest(replace(WEEK, workforce=None)))
    few = replace(WEEK, workforce=12, numbers=replace(WEEK.numbers, participants=5))
    assert "That is 5 of 12 employees" in words(digest(few))


@pytest.mark.parametrize(
    ("authors", "text"),
    [
        (("U1",), "from @U1."),
        ((None,), "from a colleague."),
        (("U1", "U2", None), "from @U1, @U2 and a colleague."),
        (("U1", None, None), "from @U1 and 2 colleagues."),
        (tuple(f"U{n}" for n in range(22)), "@U8, @U9 and 12 more."),
        ((), None),
    ],
)
def test_first_ideas_are_welcomed(authors: tuple[str | None, ...], text: str | None) -> None:
    """People with their first idea are named, ten at most, and who is not named is a colleague."""
    shown = words(digest(replace(WEEK, first_time_authors=authors)))
    assert (text in shown) if text else ("First idea ever" not in shown)


def test_a_quiet_week_points_at_the_idea_that_waits_longest() -> None:
    """Without new ideas the digest says so and which idea has waited longest, by whom it is wanted, and since when."""
    waiting = replace(IDEA, created_at=datetime(2026, 11, 3, 9, tzinfo=UTC), votes=31)
    waiting = replace(waiting, answer_due_at=waiting.created_at + timedelta(days=8))
    shown = words(digest(replace(WEEK, numbers=WeekNumbers(0, 12, 9), waiting_longest=waiting)))
    assert (
        "has waited for an answer since Tue 3 Nov, and 31 people stand behind it; its answer was due Wed 11 Nov."
        in shown
    )
    assert "waited" not in words(digest(replace(WEEK, waiting_longest=waiting)))


def test_a_waiting_idea_without_votes_is_not_counted_up() -> None:
    """A waiting idea that nobody voted for is said to wait, and no more; one with a vote has one person behind it."""
    quiet = replace(WEEK, numbers=WeekNumbers(0, 0, 0))
    nobody, one = (words(digest(replace(quiet, waiting_longest=replace(IDEA, votes=n)))) for n in (0, 1))
    assert "since Mon 23 Nov." in nobody
    assert "and one person stands behind it." in one


def test_a_preview_posts_the_week_that_it_shows() -> None:
    """A preview says that nothing is posted, and its buttons carry the week shown and the other one."""
    regular, so_far = preview(WEEK), preview(replace(WEEK, edition=Edition.SO_FAR))
    assert words(regular).startswith("Only you see this. Nothing is posted yet.")
    assert button(regular, Action.POST_DIGEST)["value"] == "2026-W47/regular"
    assert button(so_far, Action.POST_DIGEST)["value"] == "2026-W47/so_far"
    assert (button(regular, Action.PREVIEW_DIGEST)["value"], button(so_far, Action.PREVIEW_DIGEST)["value"]) == (
        "2026-W48",
        "2026-W46",
    )


def test_posting_is_answered() -> None:
    """Who posts a digest reads where it goes, or that it is there already."""
    assert words(digests.digest_on_its_way("C2", "2026-W07")) == "The digest of week 7 is on its way to #C2."
    assert digests.digest_posted_before("C2", "2026-W47").text.endswith("you find it in <#C2>.")
