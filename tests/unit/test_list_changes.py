from hypothesis import given, settings
from hypothesis import strategies as st

from bot.services.list_changes import changed_list
from db.settings_queries import ListEntry

WORDS = st.lists(st.text("abÄß漢 -", min_size=1, max_size=4).map(str.strip).filter(bool), unique_by=str.casefold)


def entries(*names: str, retired: tuple[str, ...] = ()) -> list[ListEntry]:
    """Return a list whose entries have keys that are their names."""
    return [ListEntry(name.lower(), name, is_active=name not in retired) for name in (*names, *retired)]


def became(before: list[ListEntry], *names: str) -> tuple[dict[str, str], list[str]]:
    """Return the names by key, and the keys that retired."""
    change = changed_list(before, names)
    return {entry.key: entry.name for entry in change.active}, [entry.key for entry in change.retired]


def test_a_line_changed_in_its_place_is_renamed() -> None:
    """A new name between the same neighbours is the old entry's new name, also after lines that came or went."""
    assert became(entries("A", "B", "C"), "A", "Bee", "C") == ({"a": "A", "b": "Bee", "c": "C"}, [])
    assert became(entries("A", "B", "C"), "Zero", "A", "Bee", "C")[0]["b"] == "Bee"
    assert became(entries("A", "B", "C", "D"), "B", "C", "Dee") == ({"b": "B", "c": "C", "d": "Dee"}, ["a"])


def test_a_line_moved_or_written_otherwise_is_the_same_entry() -> None:
    """The order is the one of the lines, and capitals make no other entry."""
    assert became(entries("A", "B", "C"), "C", "a", "B") == ({"c": "C", "a": "a", "b": "B"}, [])
    assert list(became(entries("A", "B", "C"), "C", "A", "B")[0]) == ["c", "a", "b"]


def test_a_line_taken_out_retires_and_comes_back() -> None:
    """What is gone retires with its key; its name typed again later brings the same entry back."""
    assert became(entries("A", "B", "C"), "A", "C") == ({"a": "A", "c": "C"}, ["b"])
    assert became(entries("A", "C", retired=("B",)), "A", "C", "B") == ({"a": "A", "c": "C", "b": "B"}, [])


def test_more_or_fewer_lines_in_one_place_are_new_ones() -> None:
    """Where it cannot be told which new name stands for which old one, the old ones retire."""
    named, retired = became(entries("A", "B", "C"), "A", "X", "Y", "C")
    assert (named["a"], named["c"], retired) == ("A", "C", ["b"])
    assert set(named) == {"a", "x", "y", "c"}


def test_new_keys_are_plain_and_their_own() -> None:
    """Keys are made of plain letters, and none is used twice, not even a retired one's."""
    named, _ = became(
        [*entries("A", "B"), ListEntry("cafe", "Bar", is_active=False)], "A", "B", "Café", "漢字", "Ça va?"
    )
    assert list(named) == ["a", "b", "cafe_2", "entry", "ca_va"]


@settings(deadline=None)
@given(before=WORDS, after=WORDS)
def test_any_list_becomes_the_names_typed(before: list[str], after: list[str]) -> None:
    """Whatever was on the list, it becomes what was typed; nobody's key changes hands while its name stands."""
    change = changed_list([ListEntry(f"k{n}", name, is_active=True) for n, name in enumerate(before)], after)
    assert [entry.name for entry in change.active] == after
    keys = [entry.key for entry in (*change.active, *change.retired)]
    assert len(set(keys)) == len(keys)
    assert {f"k{n}" for n in range(len(before))} <= set(keys)
    still = {f"k{n}": name.casefold() for n, name in enumerate(before) if name.casefold() in map(str.casefold, after)}
    assert {entry.key: entry.name.casefold() for entry in change.active if entry.key in still} == still
