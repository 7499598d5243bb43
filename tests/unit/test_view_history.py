"""What happened to an idea, as people read it."""

from dataclasses import replace

from bot.views import lists
from bot.views.history import HISTORY_LIMIT, history_list
from bot.views.message import checked
from db.history_queries import History, HistoryLine
from db.types import Status, Step
from tests.unit.view_samples import IDEA, NOW, ZONE, everything_of, history_of, listed, permalink, words


def told(history: History) -> str:
    """Return what the list of changes says."""
    return words(checked("What happened", history_list(IDEA, history, ZONE)))


def test_each_change_says_who_when_what_and_why() -> None:
    """A change is a line with its day, its person, what became of the idea, and the words that were said."""
    shown = told(history_of("Because it is so"))
    assert shown.startswith("What happened, after ")
    for line in (
        "Mon 23 Nov · @U3 took it under review: “Because it is so”",
        "@U3 handed it on to ",
        "@U3 parked it until Thu 24 Dec, or: Because it is so: “Because it is so”",
        "@U3 answered again (parked)",
        "@U3 merged it into CX-3",
        "its author asked again, so it waits for another answer",
        "@U3 reopened it",
    ):
        assert line in shown


def test_what_happens_by_itself_names_nobody_as_its_doer() -> None:
    """An idea that came back says with how many votes; one whose owner left says whose it is now."""
    back = HistoryLine(NOW, None, Step.STATUS, Status.PARKED, Status.UNDER_REVIEW, "", {"gained": 2})
    gone = HistoryLine(NOW, None, Step.OWNER, "U2", None, "", {"how": "owner left"})
    shown = told(History((back, gone)))
    assert "it came back by itself, with 2 more votes" in shown
    assert "@U2 is no longer here, so it went to all leaders" in shown


def test_a_long_history_keeps_its_newest_lines() -> None:
    """However much was said, the newest changes are listed, and how many are left out."""
    old = HistoryLine(NOW, "U3", Step.STATUS, Status.NEW, Status.PARKED, "🔥" * 900, {"condition": "🔥" * 200})
    lines = (*[old] * (HISTORY_LIMIT - 1), replace(old, text="the last word"))
    shown = told(History(lines, earlier=20))
    assert "the last word" in shown
    assert shown.count("parked it") < HISTORY_LIMIT
    assert f"after {20 + HISTORY_LIMIT - shown.count('parked it')} earlier steps" in shown


def test_the_newest_answer_stands_above_the_history() -> None:
    """An answered idea shows who answered, when, and the whole answer; an unanswered one shows nothing of that."""
    item = everything_of(replace(IDEA, status=Status.PARKED), "We cannot yet.")
    shown = words(lists.idea_details(item, zone=ZONE, permalink=permalink))
    assert "@U3 answered on Mon 23 Nov:" in shown
    assert "We cannot yet." in shown
    assert "answered on" not in words(lists.idea_details(listed(IDEA), zone=ZONE, permalink=permalink))
