"""Digests of months, and dates in other languages."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from db.digests import Waiting, WeekCount
from db.queries import WeekNumbers
from db.types import Status
from tests.unit.test_view_digests import digest
from tests.unit.view_samples import IDEA, WEEK, words

MONTH = replace(
    WEEK,
    week="2026-M11",
    first_day=date(2026, 11, 1),
    last_day=date(2026, 11, 30),
    over_through=date(2026, 11, 30),
)


def test_a_month_is_called_a_month_everywhere() -> None:
    """The monthly edition has the same parts, and speaks of months wherever the weekly one speaks of weeks."""
    weeks = tuple(WeekCount(date(2026, month, 1), month, 10 * month) for month in range(1, 12))
    shown = words(digest(replace(MONTH, weeks=weeks)))
    assert shown.startswith("Customer ideas · November 202623 ideas")
    assert "votes this month" in shown
    assert "in the month before" in shown
    assert "this month, against 5.5 on average in the ten months before" in shown
    assert "week" not in shown.lower()
    assert "A quiet month: no new ideas and no votes." in words(digest(replace(MONTH, numbers=WeekNumbers(0, 0, 0))))


def test_months_that_were_not_sent_are_named() -> None:
    """The months whose digests were not sent have their names."""
    shown = words(digest(replace(MONTH, skipped_weeks=("2026-M09", "2026-M10"))))
    assert "The digests of September 2026 and October 2026 were not sent" in shown


@pytest.mark.parametrize(
    ("language", "heading", "due"),
    [
        ("de", "week 47, 16.–22. November", "due Mi., 25. Nov."),
        ("fr", "week 47, 16–22 novembre", "due mer. 25 nov."),
        ("ja", "week 47, 11月16日～22日", "due 11月25日(水)"),
    ],
)
def test_dates_are_written_in_the_channel_s_language(language: str, heading: str, due: str) -> None:
    """Days, weeks and the labels of charts are in the language chosen; all other words stay English."""
    idea = replace(IDEA, status=Status.NEW, answer_due_at=datetime(2026, 11, 25, 12, tzinfo=UTC), settled_at=None)
    facts = replace(WEEK, language=language, waiting=Waiting(1, 0, (12,)), movers=())
    shown = words(digest(facts, idea=idea)).replace("\u2009", "")
    assert heading in shown.replace("\xa0", " ")
    assert due in shown.replace("\xa0", " ")


@pytest.mark.parametrize(("language", "is_isolated"), [("he", True), ("ar", True), ("de", False), (None, False)])
def test_dates_that_run_from_right_to_left_turn_nothing_around(language: str | None, is_isolated: bool) -> None:  # noqa: FBT001  # a case
    """In the heading and the notification such a date is isolated, so that what follows it stays in its place."""
    shown = digest(replace(WEEK, language=language))
    assert ("\u2068" in shown.blocks[0]["text"]["text"]) is is_isolated
