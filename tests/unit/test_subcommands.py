"""What people type behind `/cxidea`, and what it is taken for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalog import TITLE_LIMIT, IdeaText
from bot.ids import ListKind, ListRequest
from bot.subcommands import Draft, Line, Plain, draft_of, first_words, parse

LISTS = {
    "top": ListRequest(ListKind.TOP, "month"),
    "Top": ListRequest(ListKind.TOP, "month"),
    "TOP week": ListRequest(ListKind.TOP, "week"),
    "top  ALL ": ListRequest(ListKind.TOP, "all"),
    "mine": ListRequest(ListKind.MINE),
    "MINE": ListRequest(ListKind.MINE),
    "search": ListRequest(ListKind.SEARCH),
    "Search Parcel Box": ListRequest(ListKind.SEARCH, "Parcel Box"),
    "show": ListRequest(ListKind.SHOW),
    "show cx-1": ListRequest(ListKind.SHOW, "1"),
    "show CX-0012": ListRequest(ListKind.SHOW, "12"),
    "show cx12": ListRequest(ListKind.SHOW, "12"),
    "Show 1": ListRequest(ListKind.SHOW, "1"),
}
IDEAS = (
    "top up vouchers should be digital",
    "top of the month prize",
    "mine is a simple wish",
    "show prices with tax included",
    "show CX-12 on the big screen",
    "help me find my parcel",
    "digest the complaints of a branch",
    "stats on the wall of the branch",
)


@pytest.mark.parametrize("typed", LISTS)
def test_what_has_the_form_of_a_list_is_one(typed: str) -> None:
    """Lists are known in any case and spacing, with an idea's number in any of its spellings."""
    assert parse(typed) == LISTS[typed]


@pytest.mark.parametrize("typed", ["help", "STATS", " digest "])
def test_plain_subcommands_are_known(typed: str) -> None:
    """Subcommands without an argument are known in any case."""
    assert parse(typed) == Plain(typed.strip().lower())


@pytest.mark.parametrize("typed", IDEAS)
def test_what_only_begins_like_a_subcommand_is_an_idea(typed: str) -> None:
    """A sentence is filed as it stands, whatever its first word."""
    assert parse(typed) == Line(IdeaText(typed))


@pytest.mark.parametrize("typed", ["", "   ", "parcels", "parcel boxes", "top 10", "mine please"])
def test_fewer_than_three_words_open_the_form(typed: str) -> None:
    """What is too short for an idea is the beginning of one."""
    assert parse(typed) == Draft(IdeaText(typed.strip()))


@pytest.mark.parametrize(
    "blank", ["\u200b \u200b \u200b", "\u2060 \ufe0f \u00ad", "\x01 \x02 \x03", "\u3164 \u115f \uffa0"]
)
def test_invisible_words_are_no_idea(blank: str) -> None:
    """Words that nobody can see are never filed."""
    assert isinstance(parse(blank), Draft)


def test_a_title_may_be_as_long_as_its_limit() -> None:
    """A line of exactly 120 characters is filed; one more goes into the form, whole as text."""
    line = ("word " * 24)[:-1] + "s"
    assert len(line) == TITLE_LIMIT
    assert parse(line) == Line(IdeaText(line))
    longer = f"{line}!"
    assert parse(longer) == Draft(IdeaText(("word " * 23).strip(), longer))


def test_line_breaks_stay_in_the_text_of_a_long_idea() -> None:
    """A long idea keeps its paragraphs; only its title is one line."""
    typed = f"Parcels\narrive late\n\n{'and nobody says why ' * 8}".strip()
    draft = parse(typed)
    assert isinstance(draft, Draft)
    assert draft.idea.title.startswith("Parcels arrive late and nobody")
    assert draft.idea.description == typed


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_understood(typed: str) -> None:
    """Nothing that can be typed raises, and what is filed always fits a title and can be seen."""
    request = parse(typed)
    if isinstance(request, Line):
        assert not request.idea.is_title_missing
        assert not request.idea.is_title_too_long
    if isinstance(request, ListRequest):
        assert ListRequest.decode(request.encode()) == request


@settings(deadline=None)
@given(st.text(max_size=400))
def test_a_draft_loses_nothing(typed: str) -> None:
    """What a draft's title leaves out stands in its text."""
    draft = draft_of(typed)
    assert not draft.is_title_too_long
    visible = "".join(typed.replace("\x00", "").split()).encode("utf-8", "replace").decode()
    assert "".join((draft.description or draft.title).split()) == visible


@settings(deadline=None)
@given(st.text(alphabet="ab ", max_size=300))
def test_first_words_are_the_beginning(line: str) -> None:
    """The first words of a line are its beginning, cut between words where there are any."""
    words = first_words(line)
    assert line.startswith(words)
    assert len(words) <= TITLE_LIMIT
