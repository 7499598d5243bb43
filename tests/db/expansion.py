"""What the next migration may do to the tables of the release that still runs: add, and nothing else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect

_WORD = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the database describes it; rules are unique sets, references and checks, each with its columns."""

    columns: dict[str, dict[str, Any]]
    primary_key: tuple[str, ...]
    rules: dict[tuple[str, ...], frozenset[str]]
    checks: dict[str, str]


Tables = dict[str, Table]


def tables_of(connection: Connection) -> Tables:
    """Return all tables of ours."""
    names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    return {name: _table(connection, name) for name in names}


def _table(connection: Connection, name: str) -> Table:
    inspector = inspect(connection)
    columns = {str(column["name"]): dict(column) for column in inspector.get_columns(name)}
    rules: dict[tuple[str, ...], frozenset[str]] = {}
    for unique in inspector.get_unique_constraints(name):
        rules["unique", *sorted(unique["column_names"])] = frozenset(unique["column_names"])
    for index in inspector.get_indexes(name):
        if index["unique"]:
            names = [str(column) for column in index["column_names"]]
            rules["unique", *sorted(names)] = frozenset(names)
    for key in inspector.get_foreign_keys(name):
        rules["reference to", key["referred_table"], *key["constrained_columns"]] = frozenset(
            key["constrained_columns"]
        )
    checks = {str(check["name"]): str(check["sqltext"]) for check in inspector.get_check_constraints(name)}
    return Table(columns, tuple(inspector.get_pk_constraint(name)["constrained_columns"]), rules, checks)


def breaches(before: Tables, after: Tables) -> list[str]:
    """Return what a step takes from the release before it, a line each."""
    found = [f"{name}: dropped" for name in before.keys() - after.keys()]
    for name in before.keys() & after.keys():
        found += [f"{name}{breach}" for breach in _breaches(before[name], after[name])]
    return sorted(found)


def _breaches(before: Table, after: Table) -> Iterator[str]:
    for name, column in before.columns.items():
        yield from (f".{name}: {breach}" for breach in _column_breaches(column, after.columns.get(name)))
    for name in after.columns.keys() - before.columns.keys():
        if not _is_optional(after.columns[name]):
            yield f".{name}: new, and must be given"
    if before.primary_key != after.primary_key:
        yield ": another primary key"
    for rule in after.rules.keys() - before.rules.keys():
        if after.rules[rule] & before.columns.keys():
            yield f": new rule, {' '.join(rule)}"
    for name, check in after.checks.items():
        if not _is_looser(before, before.checks.get(name), check):
            yield f": stricter check, {name}"


def _column_breaches(before: dict[str, Any], after: dict[str, Any] | None) -> Iterator[str]:
    if after is None:
        yield "dropped"
        return
    if str(before["type"]) != str(after["type"]):
        yield f"{before['type']} became {after['type']}"
    if before["nullable"] and not after["nullable"]:
        yield "must be given now"
    if not before["nullable"] and _is_optional(before) and not _is_optional(after):
        yield "has no default any more"


def _is_optional(column: dict[str, Any]) -> bool:
    """Return whether an INSERT may leave the column out."""
    has_value = column.get("default") is not None or column.get("identity") or column.get("computed")
    return bool(column["nullable"] or has_value or column.get("autoincrement") is True)


def _is_looser(before: Table, old: str | None, new: str) -> bool:
    """Return whether a check refuses nothing that it accepted: a list may grow, and new columns may be checked."""
    if old is None:
        return not {word for word in re.findall(r"\w+", new) if word in before.columns}
    is_same_form = _list_free(old) == _list_free(new)
    return is_same_form and set(_WORD.findall(old)) <= set(_WORD.findall(new))


def _list_free(check: str) -> str:
    """Return a check without the words that it lists, as either database writes them."""
    return re.sub(r"[\s,]|::[a-z ]+(\[\])?", "", _WORD.sub("", check))
