"""A list of stages or touchpoints typed anew, compared with the one before: what is kept, renamed, new and retired.

1. A line with the name of an entry, of a retired one too, is that entry, wherever it stands.
2. New names in the place of as many names that are gone, between the same neighbours, are their new names: ideas stay.
3. Other new names are new entries; entries that are gone retire, and their ideas keep them.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from db.settings_queries import ListEntry

_KEY_LIMIT = 40
_NO_KEY = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ListChange:
    """The list as it is to be: `active` in its order, `retired` those that leave it now."""

    active: tuple[ListEntry, ...]
    retired: tuple[ListEntry, ...]


def changed_list(entries: Sequence[ListEntry], names: Sequence[str]) -> ListChange:
    """Return what becomes of a list (active entries first, in order) when these are the names on it."""
    kept = _named(entries, names) | _renamed(entries, names)
    keys = {entry.key for entry in entries}
    active = []
    for name in names:
        entry = kept.get(name) or ListEntry(_new_key(name, keys), name, is_active=True)
        keys.add(entry.key)
        active.append(replace(entry, name=name, is_active=True))
    stay = {entry.key for entry in active}
    return ListChange(tuple(active), tuple(each for each in entries if each.is_active and each.key not in stay))


def _named(entries: Sequence[ListEntry], names: Sequence[str]) -> dict[str, ListEntry]:
    by_name = {entry.name.casefold(): entry for entry in reversed(entries)}  # Active ones win over retired ones.
    return {name: by_name[name.casefold()] for name in names if name.casefold() in by_name}


def _renamed(entries: Sequence[ListEntry], names: Sequence[str]) -> dict[str, ListEntry]:
    before = [entry for entry in entries if entry.is_active]
    old, new = [entry.name.casefold() for entry in before], [name.casefold() for name in names]
    known = {entry.name.casefold() for entry in entries}
    renamed: dict[str, ListEntry] = {}
    for tag, start, end, first, last in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        gone = [entry for entry in before[start:end] if entry.name.casefold() not in new]
        fresh = [name for name in names[first:last] if name.casefold() not in known]
        if tag == "replace" and len(gone) == len(fresh):
            renamed |= dict(zip(fresh, gone, strict=True))
    return renamed


def _new_key(name: str, taken: Collection[str]) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = _NO_KEY.sub("_", ascii_name).strip("_")[:_KEY_LIMIT].strip("_") or "entry"
    numbered = (f"{stem}_{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (stem, *numbered) if key not in taken)
