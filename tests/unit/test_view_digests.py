from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.ids import LIST_BLOCK_SEPARATOR, Action
from bot.views import digests
from bot.views.digest_words import answer_line, clearest_wish, week_sentence, why_here
from bot.views.digests import Preview
from bot.views.message import Message
from db.digests import (
    AnswerTimes,
    Breadth,
    DigestFacts,
    Mover,
    Questions,
    Shipped,
    SilentStage,
    TeamShare,
    Waiting,
    WeekCount,
)
from db.queries import WeekNumbers
from db.types import Edition, Status
from tests.unit.view_samples import IDEA, NOW, WEEK, button, elements, page_of, words

_FEWER = "fewer than five people each from"
WEEK_HOME = "slack://app?team=T1&id=A1&tab=home"


def digest(facts: DigestFacts, **changes: Any) -> Message:
    return digests.digest(page_of(facts, **changes))


def preview(facts: DigestFacts, shown: Preview = Preview("2026-W48")) -> Message:  # noqa: B008  # frozen
    return digests.digest_preview(page_of(facts), shown)


def test_a_digest_says_its_week_in_a_sentence() -> None:
    """The digest begins with week and days, the week in one sentence, compared, and the clearest wish."""
    shown = words(digest(WEEK))
    assert shown.startswith("Customer ideas · week 47, 16 to 22 November")
    assert "23 ideas and 311 votes from 140 of us (14 %, up from 11 %)." in shown
    assert "The clearest wish: Let customers reschedule deliveries online" in shown


def test_a_digest_reads_well_as_a_notification() -> None:
    """The notification is the week in a sentence, escaped."""
    assert digest(WEEK, idea=replace(IDEA, title="<!channel>")).text == (
        "Customer ideas, week 47: 23 ideas and 311 votes from 140 of us (14 %, up from 11 %). "
        "The clearest wish: &lt;!channel&gt;. 7 ideas wait for an answer, 2 overdue."
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
    ("mover", "reason"),
    [
        (Mover(12, 14, 20, 5, 3), "14 votes this week from 5 teams, 20 in all, 3 days old"),
        (Mover(12, 14, 14, None, 1), "14 votes, all this week, 1 day old"),
        (Mover(12, 3, 3, 1, 1), "3 votes, all this week, from one team, 1 day old"),
        (Mover(12, 1, 1, 1, 0), "1 vote this week, less than a day old"),
    ],
)
def test_each_idea_that_moved_people_says_why_it_is_there(mover: Mover, reason: str) -> None:
    """Votes of the week, from how many teams, votes in all and age stand beside each idea."""
    assert why_here(mover) == reason
    assert reason in words(digest(replace(WEEK, movers=(mover,))))


def test_ideas_lead_to_their_cards() -> None:
    """An idea's key is a link to its card, and plain while there is none; the rest is in App Home."""
    urls = [each["url"] for each in elements(digest(WEEK), "link")]
    assert urls == [*(f"https://example.org/{n}" for n in (12, 9, 4, 5, 6)), WEEK_HOME, "https://example.org/3"]
    assert not elements(digest(WEEK, permalink=lambda _: None, home_link=None), "link")


@pytest.mark.parametrize(
    ("votes", "is_clear"),
    [((5, 3), True), ((5, 5), False), ((3, 5), False), ((1, 0), False), ((2,), True), ((), False)],
)
def test_a_wish_is_clearest_only_when_it_is(votes: tuple[int, ...], is_clear: bool) -> None:  # noqa: FBT001  # a case
    """Only an idea ahead of all others by rank and by votes, with more than one vote, is called the clearest wish."""
    movers = tuple(Mover(place, each, each, None, 1) for place, each in enumerate(votes, start=1))
    assert clearest_wish(replace(WEEK, movers=movers)) == (1 if is_clear else None)


def test_each_idea_that_can_be_answered_has_its_buttons() -> None:
    """*Answer* stands beside each idea, and a menu with the other ways; a preview has neither."""
    shown = digest(WEEK)
    assert [each["value"] for each in elements(shown, "button")] == ["12", "9", "4", "5", "6"]
    menus = [[option["value"] for option in each["options"]] for each in elements(shown, "overflow")]
    assert menus[0] == ["sponsor/12", "park/12", "decline/12", "route/12"]
    assert len(menus) == 5
    assert not elements(preview(WEEK), "overflow")
    finished = digest(WEEK, deeds=dict.fromkeys((12, 9, 4, 5, 6), frozenset()))
    assert not elements(finished, "overflow") + elements(finished, "button")


def test_an_idea_answered_since_is_struck_through() -> None:
    """What was answered since the digest went out says by whom, when and how, and has no buttons any more."""
    answered = replace(IDEA, id=4, status=Status.PLANNED, answered_by="U3", newest_answer_at=NOW, settled_at=NOW)
    shown = digest(WEEK, ideas={4: answered}, sent_at=NOW - timedelta(hours=1))
    (item,) = [block for block in shown.blocks if block["block_id"] == f"waiting{LIST_BLOCK_SEPARATOR}4"]
    assert words({"blocks": [item]}).endswith(" – Planned, says @U3, Mon 23 Nov")
    assert [part.get("style") for part in elements(item, "text")][1] == {"bold": True, "strike": True}
    assert "4" not in [each["value"] for each in elements(shown, "button")]
    assert not any(part.get("style", {}).get("strike") for part in elements(digest(WEEK, ideas={4: answered}), "text"))


@pytest.mark.parametrize(
    ("waiting", "heading"),
    [
        (Waiting(1, 0, (4,)), "Waiting for an answer: 1CX-4"),
        (Waiting(1, 1, (4,)), "Waiting for an answer: 1, overdueCX-4"),
        (Waiting(6, 1, (4,)), "Waiting for an answer: 6, one of them overdueCX-4"),
        (Waiting(6, 6, (4,)), "Waiting for an answer: 6, all overdueCX-4"),
        (Waiting(1200, 1100, (4,)), "Waiting for an answer: 1,200, 1,100 of them overdueCX-4"),
    ],
)
def test_what_waits_is_counted(waiting: Waiting, heading: str) -> None:
    """The section of what waits says how many ideas do, and how many promises are broken."""
    shown = words(digest(replace(WEEK, waiting=waiting)))
    assert heading in shown
    assert ("all of them are in App Home" in shown) == (waiting.total > 3)


def test_waiting_ideas_say_since_when_and_with_whom() -> None:
    """Each says its date, in the past when it has passed, its stage, and whose it is."""
    late = replace(IDEA, id=4, answer_due_at=datetime(2026, 11, 17, 22, 59, 59, tzinfo=UTC), owner_id="U7")
    shown = words(digest(WEEK, ideas={4: late}))
    assert "– promise broken: was due Tue 17 Nov, Use, with @U7" in shown
    assert "– due Thu 3 Dec, Use, with all leaders" in shown


def test_what_shipped_gives_credit() -> None:
    """A shipped idea names who had it and who made it, with the words of the answer."""
    done = replace(IDEA, id=3, status=Status.SHIPPED, maker_id="U5", answer="Calls: 120 to 84 a day.", answered_by="U3")
    assert "– idea by @U1, made by @U5. Calls: 120 to 84 a day." in words(digest(WEEK, ideas={3: done}))
    own = replace(done, maker_id="U1")
    assert "– idea by @U1, who made it, too. Calls" in words(digest(WEEK, ideas={3: own}))
    many = words(digest(replace(WEEK, shipped=Shipped(9, (3,)))))
    assert "Shipped: 9" in many
    assert "and 8 more ideas" in many


@pytest.mark.parametrize(
    ("questions", "line"),
    [
        (
            Questions(5, 4, (SilentStage("Buy", 1),)),
            "asked for 5 answers: 4 were given, 1 is still open (1 under Buy).",
        ),
        (
            Questions(5, 0, (SilentStage("Buy", 3), SilentStage(None, 2))),
            "none was given, 5 are still open (3 under Buy, 2 without a stage).",
        ),
        (Questions(1, 1), "asked for 1 answer: it was given. Thank you."),
        (Questions(2, 2), "asked for 2 answers: all were given. Thank you."),
        (None, None),
    ],
)
def test_the_last_digest_s_questions_are_accounted_for(questions: Questions | None, line: str | None) -> None:
    """A digest ends with what became of the ideas for which the one before asked an answer."""
    shown = words(digest(replace(WEEK, questions=questions)))
    assert (line in shown) if line else ("The last digest" not in shown)


def test_answer_times_stand_beside_the_week_before() -> None:
    """The median time to a first answer is given with the week before and the share in time."""
    assert answer_line(WEEK) == ["First answer after 3.2 working days (median; in the week before 4.1). In time: 87 %"]
    assert answer_line(replace(WEEK, answers_before=AnswerTimes())) == [
        "First answer after 3.2 working days (median). In time: 87 %"
    ]
    late = AnswerTimes(0, None, 0.0)
    assert answer_line(replace(WEEK, answers=late)) == ["No first answer was given. In time: 0 %"]
    assert answer_line(replace(WEEK, answers=AnswerTimes())) == []


def test_silence_is_named() -> None:
    """Stages about which nothing came for 90 days are named, eight at most."""
    assert "Nothing in 90 days about Renew or leave." in words(digest(WEEK))
    many = replace(WEEK, silent_stages=tuple(f"Stage {n}" for n in range(10)))
    assert "Stage 7, 2 other stages." in words(digest(many))
    assert "90 days" not in words(digest(replace(WEEK, silent_stages=())))


def test_the_charts_are_lists_where_none_are_taken() -> None:
    """Twelve weeks and the stages are drawn, below what they say in words; without charts lists say the same."""
    weeks = tuple(WeekCount(date(2026, 9, 7) + timedelta(weeks=n), 10 + n, 100 + n) for n in range(11))
    facts = replace(WEEK, weeks=weeks)
    drawn, listed = digest(facts), digest(facts, with_charts=False)
    kinds = [block["type"] for block in drawn.blocks]
    assert kinds.count("data_visualization") == 2
    assert "data_visualization" not in [block["type"] for block in listed.blocks]
    for shown in (drawn, listed):
        assert "20 ideas this week, against 15 on average in the ten weeks before" in words(shown)
        assert "The most ideas came under Use: 9 of 23" in words(shown)


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
    quiet = replace(WEEK, numbers=WeekNumbers(0, 12, 9), quiet_idea=12, movers=(), waiting=Waiting(1, 1, (12,)))
    shown = digest(quiet, idea=waiting)
    said = "has waited for an answer since Tue 3 Nov, and 31 people stand behind it; promise broken: its answer was due"
    assert f"{said} Wed 11 Nov." in words(shown)
    assert button(shown, Action.ANSWER)["value"] == "12"
    assert "waited" not in words(digest(WEEK, idea=waiting))
    assert "Waiting for an answer: 7, 2 of them overdue" in words(digest(replace(quiet, waiting=WEEK.waiting)))


def test_a_waiting_idea_without_votes_is_not_counted_up() -> None:
    """A waiting idea that nobody voted for is said to wait, and no more; one with a vote has one person behind it."""
    quiet = replace(WEEK, numbers=WeekNumbers(0, 0, 0), quiet_idea=12)
    nobody, one = (words(digest(quiet, idea=replace(IDEA, votes=n))) for n in (0, 1))
    assert "since Mon 23 Nov." in nobody
    assert "and one person stands behind it." in one


def test_a_preview_posts_the_week_that_it_shows() -> None:
    """A preview says that nothing is posted, and its buttons carry the week shown and the other one."""
    regular, so_far = preview(WEEK), preview(replace(WEEK, edition=Edition.SO_FAR), Preview("2026-W46"))
    assert words(regular).startswith("Only you see this. Nothing is posted yet.")
    assert button(regular, Action.POST_DIGEST)["value"] == "2026-W47/regular"
    assert button(so_far, Action.POST_DIGEST)["value"] == "2026-W47/so_far"
    assert (button(regular, Action.PREVIEW_DIGEST)["value"], button(so_far, Action.PREVIEW_DIGEST)["value"]) == (
        "2026-W48",
        "2026-W46",
    )


def test_posting_is_answered() -> None:
    """Who posts a digest reads where it goes, or that it is there already."""
    assert words(digests.digest_on_its_way(["C2"], "2026-W07")) == "The digest of week 7 is on its way to #C2."
    assert digests.digest_posted_before(["C2"], "2026-W47").text.endswith("you find it in <#C2>.")


@pytest.mark.parametrize(
    ("breadth", "line"),
    [
        (Breadth((TeamShare("Contact centre", 31, 120),)), "By team: Contact centre (31 of 120)"),
        (Breadth((), other_teams=1), f"By team: {_FEWER} 1 team"),
        (
            Breadth(tuple(TeamShare(f"Branch {n}", 9, 10) for n in range(1, 8)), other_teams=3),
            f"By team: {', '.join(f'Branch {n} (9 of 10)' for n in range(1, 6))}, 2 other teams; {_FEWER} 3 more teams",
        ),
    ],
)
def test_teams_are_named_by_their_share(breadth: Breadth, line: str) -> None:
    """The numbers say of which teams the most took part, five at most, and how many others are not named."""
    assert line in words(digest(replace(WEEK, breadth=breadth)))
    assert "By team" not in words(digest(WEEK))


def test_silent_stages_and_teams_share_a_sentence() -> None:
    """What nothing came about, and from whom nothing came, is one sentence of the digest's end."""
    silent = replace(WEEK, silent_stages=("Renew or leave",), breadth=Breadth(silent=("Branch South", "Depot")))
    assert "Nothing in 90 days about Renew or leave, nor from Branch South, Depot." in words(digest(silent))
    teams_alone = replace(WEEK, silent_stages=(), breadth=Breadth(silent=("Depot",)))
    assert "Nothing in 90 days from Depot." in words(digest(teams_alone))


def test_a_team_s_first_idea_in_long_says_so() -> None:
    """The first idea of a team in 90 days has that as the first of its reasons."""
    mover = Mover(12, 9, 9, None, 3, first_of_team="Branch North")
    assert why_here(mover) == "first idea from Branch North in 90 days, 9 votes, all this week, 3 days old"


def test_a_preview_offers_what_its_reader_may() -> None:
    """The other week is there for everybody, the other rhythm where a channel has it, the settings for admins."""
    plain_one = elements(preview(WEEK), "button")
    assert [each["text"]["text"] for each in plain_one] == ["Post it now", "This week so far"]
    all_of_it = elements(preview(WEEK, Preview("2026-W48", "2026-M11", is_admins=True)), "button")
    texts = ["Post it now", "This week so far", "The month instead", "When and where"]
    assert [each["text"]["text"] for each in all_of_it] == texts
