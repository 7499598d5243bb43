"""Sharing an idea: in a line, in the form, once however often it is sent."""

import csv
import io

from bot.export import export_csv
from tests.bot import AGENT, GUARD, World, words

LINE = "Let customers reschedule deliveries online"
ALL_FIELDS = {
    "title": "Tell callers their place in the queue",
    "description": "They hang up after two minutes.\n\nNobody told them that three would do.",
    "stage": "get_help",
    "touchpoint": "contact_centre",
    "measure": "first_response_time",
    "kind": "improves_journey",
}


def entered(view: dict[str, object], field: str) -> object:
    """Return what stands in a field of an open form."""
    values: dict[str, dict[str, dict[str, object]]] = view["state"]["values"]  # type: ignore[index]
    return values[field][field].get("value")


def rows(world: World) -> list[dict[str, str]]:
    """Return all ideas as they are exported."""
    out = io.StringIO(newline="")
    export_csv(world.runtime.deps.sessions, out)
    return list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))


def test_the_bare_command_opens_an_empty_form(sqlite_world: World) -> None:
    """`/cxidea` alone opens the form, all fields empty, and says nothing."""
    answer = sqlite_world.command(GUARD, "")
    assert answer["ephemeral"] is None
    assert answer["view"]["title"]["text"] == "Share a CX idea"
    assert [block["block_id"] for block in answer["view"]["blocks"]] == [*ALL_FIELDS]
    assert not any(entered(answer["view"], field) for field in ("title", "description"))


def test_few_words_are_the_beginning_of_an_idea(sqlite_world: World) -> None:
    """Fewer than three words open the form with them as its title."""
    for typed in ("parcels", "parcel boxes", "top 10"):
        view = sqlite_world.form(GUARD, typed)
        assert entered(view, "title") == typed
        assert entered(view, "description") is None


def test_a_line_of_120_characters_is_filed_and_one_more_goes_into_the_form(sqlite_world: World) -> None:
    """The longest line is filed whole; a longer one opens the form, whole as text and its first words as title."""
    line = "word " * 23 + "fifth"
    assert len(line) == 120
    assert f"CX-1 · {line}" in words(sqlite_world.command(GUARD, line)["ephemeral"])
    view = sqlite_world.form(GUARD, f"{line}s too many")
    assert entered(view, "title") == ("word " * 23).strip()
    assert entered(view, "description") == f"{line}s too many"
    assert len(rows(sqlite_world)) == 1


def test_a_text_that_no_idea_holds_comes_back_whole(sqlite_world: World) -> None:
    """More than 3,000 characters (an emoji may count twice) are refused, with the whole text to copy."""
    for sign in "x🚚":
        typed = f"{sign * 1600} {sign * 1600}"
        answer = sqlite_world.command(GUARD, typed)
        assert answer["view"] is None
        shown = words(answer["ephemeral"])
        assert typed in shown
        assert "fits in 3,000 characters" in shown
        assert "make it shorter" in shown


def test_a_text_of_3000_characters_stands_whole_in_the_form(sqlite_world: World) -> None:
    """Up to 3,000 characters, however Slack counts them, nothing of a long text is lost on its way into the form."""
    for typed in ("x" * 3000, "long " * 599 + "tail!", ("🚚 " * 1000).strip()):
        view = sqlite_world.form(GUARD, typed)
        assert entered(view, "description") == typed
        title = entered(view, "title")
        assert isinstance(title, str)
        assert 0 < len(title) <= 120


def test_every_field_of_the_form_is_kept_and_shown(http_world: World) -> None:
    """The form closes with number and date; the idea has all that was filled in, and the card says it."""
    closing = http_world.submit(GUARD, http_world.form(GUARD), **ALL_FIELDS)["view"]
    assert closing["title"]["text"] == "Filed as CX-1"
    assert "You will have an answer by" in words(closing)
    (row,) = rows(http_world)
    assert {name: row[name] for name in ALL_FIELDS} == ALL_FIELDS
    assert row["author"] == GUARD
    (card,) = http_world.cards()
    for shown in (ALL_FIELDS["title"], ALL_FIELDS["description"], f"<@{GUARD}>", "Get help", "Contact centre"):
        assert shown in words(card)
    full = words(http_world.command(AGENT, "show 1")["ephemeral"])
    assert "First response time" in full
    assert "Improves the journey" in full


def test_a_title_alone_is_enough(sqlite_world: World) -> None:
    """Only the title is required."""
    answer = sqlite_world.submit(GUARD, sqlite_world.form(GUARD), title="Open at eight")
    assert answer["view"]["title"]["text"] == "Filed as CX-1"


WRONG = (
    ("title", "", "Give your idea a title"),
    ("title", " \t ", "Give your idea a title"),
    ("title", "\u200b\u2060\x01", "Give your idea a title"),
    ("title", "x" * 121, "A title fits in 120 characters; yours has 121"),
    ("description", "y" * 3001, "This text fits in 3,000 characters; yours has 3,001"),
)


def test_a_wrong_field_is_said_at_that_field_and_nothing_is_filed(sqlite_world: World) -> None:
    """What a form cannot hold is refused at its field; put right, the same form files one idea."""
    view = sqlite_world.form(GUARD)
    fields = {"title": "Open at eight", "description": "People wait outside"}
    for field, typed, said in WRONG:
        errors = sqlite_world.submit_raw(GUARD, view, **fields | {field: typed})["errors"]
        assert list(errors) == [field]
        assert said in errors[field]
    assert not rows(sqlite_world)
    assert not sqlite_world.cards()
    assert sqlite_world.submit(GUARD, view, **fields)["view"]["title"]["text"] == "Filed as CX-1"
    assert len(sqlite_world.cards()) == 1


def test_all_wrong_fields_are_said_at_once(sqlite_world: World) -> None:
    """A form that is wrong in two fields says both."""
    answer = sqlite_world.submit_raw(GUARD, sqlite_world.form(GUARD), title="x" * 164, description="y" * 3001)
    assert set(answer["errors"]) == {"title", "description"}
    assert answer["errors"]["title"] == (
        "A title fits in 120 characters; yours has 164. The rest can go into the text below."
    )


def test_a_form_sent_twice_is_one_idea(http_world: World) -> None:
    """A double click, or a form sent again after a lost answer, says the same number and files nothing more."""
    http_world.submit(GUARD, http_world.form(GUARD), title="Open at eight")
    again = http_world.deliver("interaction", "view_submission")
    assert again.body["view"]["title"]["text"] == "Filed as CX-1"
    assert len(rows(http_world)) == len(http_world.cards()) == 1


def test_a_command_sent_twice_is_one_idea(http_world: World) -> None:
    """A command that Slack delivers again, or somebody replays, answers the same and files nothing more."""
    first = http_world.command(GUARD, LINE)["ephemeral"]
    again = http_world.deliver("command", "/cxidea")
    assert again.body["text"] == first["text"]
    assert len(rows(http_world)) == len(http_world.cards()) == 1


def test_two_forms_of_one_person_are_two_ideas(sqlite_world: World) -> None:
    """One open form is one idea, and the same words in another one are another."""
    for number in (1, 2):
        answer = sqlite_world.submit(GUARD, sqlite_world.form(GUARD), title="Open at eight")
        assert answer["view"]["title"]["text"] == f"Filed as CX-{number}"


def test_an_invisible_line_is_not_filed(sqlite_world: World) -> None:
    """Words that nobody can see open the form instead of becoming an idea without a title."""
    answer = sqlite_world.command(GUARD, "\u200b \u2060 \ufe0f")
    assert answer["view"]["callback_id"] == "idea.submit"
    assert not rows(sqlite_world)
