import html
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.views.text import clean, escape, neutral, one_line, shorten, width

REORDERING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00"
on_a_busy_machine = settings(deadline=None)
texts = st.text(st.characters() | st.sampled_from(f"{REORDERING}\ud800אب<>&\r\n \U0001f525"), max_size=300)


@on_a_busy_machine
@given(texts)
def test_neutral_text_keeps_no_control_of_its_own(text: str) -> None:
    """Of the marks that reorder, only whole isolates around a line remain, and no NUL and no half of a pair."""
    for line in neutral(text).split("\n"):
        inner = line[1:-1] if line.startswith("\u2068") else line
        assert not set(inner) & set(REORDERING)
        assert line.startswith("\u2068") == line.endswith("\u2069")
    neutral(text).encode()


@on_a_busy_machine
@given(texts)
def test_right_to_left_lines_are_isolated(text: str) -> None:
    """A line with right-to-left letters stands in an isolate, so its neighbours stay where they are."""
    for line in neutral(text).split("\n"):
        has_rtl = any(unicodedata.bidirectional(character) in {"R", "AL", "AN"} for character in line)
        assert line.startswith("\u2068") == has_rtl


@on_a_busy_machine
@given(texts)
def test_neutral_text_stays_neutral(text: str) -> None:
    """Neutralising twice changes nothing more."""
    assert neutral(neutral(text)) == neutral(text)


@on_a_busy_machine
@given(texts)
def test_only_unwanted_characters_are_removed(text: str) -> None:
    """Words, spaces, emoji and line ends survive cleaning."""
    kept = [c for c in text if unicodedata.category(c) not in {"Cc", "Cs", "Cf", "Zl", "Zp"}]
    assert [c for c in clean(text) if unicodedata.category(c) not in {"Cc", "Cf"}] == kept


@on_a_busy_machine
@given(texts)
def test_one_line_has_one_line(text: str) -> None:
    """A title never breaks into lines."""
    assert len(one_line(text).splitlines()) <= 1


@on_a_busy_machine
@given(texts)
def test_escaped_text_opens_nothing_and_reads_back(text: str) -> None:
    """Escaped text holds no angle bracket and shows as it was written."""
    escaped = escape(text)
    assert not set("<>") & set(escaped)
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text
    assert html.escape(text, quote=False) == escaped


@on_a_busy_machine
@given(texts, st.integers(1, 400))
def test_shortened_text_fits_and_begins_alike(text: str, limit: int) -> None:
    """A shortened text fits its limit, begins like the whole one, and ends in an ellipsis only when it was cut."""
    short = shorten(text, limit)
    assert width(short) <= limit
    if width(text) <= limit:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])
