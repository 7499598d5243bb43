from datetime import date

import pytest

from bot.views.text import count_text, day_span, escape, long_day, neutral, short_day, shorten, votes_text


@pytest.mark.parametrize(("votes", "text"), [(0, "no votes yet"), (1, "1 vote"), (6, "6 votes"), (1234, "1234 votes")])
def test_a_tally_stands_in_digits(votes: int, text: str) -> None:
    """A card's tally reads `6 votes`, `1 vote` or `no votes yet`."""
    assert votes_text(votes) == text


def test_numbers_come_with_their_noun() -> None:
    """One is singular, all else plural, and thousands are grouped."""
    assert [count_text(n, "idea") for n in (0, 1, 2300)] == ["0 ideas", "1 idea", "2,300 ideas"]
    assert count_text(2, "person", "people") == "2 people"


def test_dates_are_plain_english_with_the_year_only_when_it_is_another() -> None:
    """Dates read like `Thu 3 Dec`, and name a year that is not the running one."""
    day = date(2026, 12, 3)
    assert (short_day(day, year=2026), long_day(day, year=2026)) == ("Thu 3 Dec", "Thursday 3 December")
    assert (short_day(day, year=2025), long_day(day, year=2025)) == ("Thu 3 Dec 2026", "Thursday 3 December 2026")


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2026, 11, 16), date(2026, 11, 22), "16 to 22 November"),
        (date(2026, 11, 30), date(2026, 12, 6), "30 November to 6 December"),
        (date(2026, 11, 23), date(2026, 11, 23), "23 November"),
    ],
)
def test_a_week_names_its_days(first: date, last: date, text: str) -> None:
    """A week's days read as people say them, a single day too."""
    assert day_span(first, last) == text


def test_shortening_ends_after_a_word() -> None:
    """A cut text ends after a whole word where one is near, with an ellipsis."""
    assert shorten("Let customers reschedule deliveries", 20) == "Let customers…"
    assert shorten("x" * 30, 10) == "x" * 9 + "…"
    assert shorten("short", 5) == "short"


def test_emoji_count_as_two() -> None:
    """A text of emoji is cut earlier, as Slack may count each as two characters."""
    assert shorten("🔥" * 10, 11) == "🔥" * 5 + "…"


def test_escaping_leaves_no_mention() -> None:
    """A mention that somebody typed shows as typed and calls nobody."""
    assert escape("<!channel> & co") == "&lt;!channel&gt; &amp; co"


def test_an_override_cannot_turn_the_text_around() -> None:
    """Marks that reorder text are gone, and each right-to-left line is isolated."""
    assert neutral("a\u202eb\x00c") == "abc"
    assert neutral("plain\nשלום") == "plain\n\u2068שלום\u2069"
