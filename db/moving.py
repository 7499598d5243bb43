"""A SQLite database, copied whole to PostgreSQL: in one transaction, which ends only when both say the same."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, func, insert, select, text

from db.models import Idea, Stage, Touchpoint, Vote
from db.session import Sessions
from db.tables import all_tables

_AT_ONCE = 5_000
_SEEDED = frozenset({Stage.__tablename__, Touchpoint.__tablename__})
"""What a migration fills, and a copy replaces."""

Tell = Callable[[str], None]


class NotEmpty(Exception):
    """The database to move to has something else in it."""


class NotTheSame(Exception):
    """What was written differs from what was read; nothing stays of it. `table` is the first that does."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


@dataclass(frozen=True, slots=True)
class Moved:
    """What the target has now: how many rows, and whether this call wrote them."""

    rows: int
    is_new: bool


def move(source: Sessions, target: Sessions, tell: Tell) -> Moved:
    """Copy a database into an empty one; nothing when it is there already; raises NotEmpty, NotTheSame.

    Nobody writes to either meanwhile. Killed at any moment, the target is as it was.
    """
    with source.begin() as reading, target.begin() as writing:
        return _move(reading.connection(), writing.connection(), tell)


def _move(source: Connection, target: Connection, tell: Tell) -> Moved:
    target.execute(text(f"LOCK TABLE {', '.join(table.name for table in all_tables())} IN EXCLUSIVE MODE"))
    if _has_content(target):
        if _different(source, target):
            raise NotEmpty
        return Moved(_rows(target), is_new=False)
    for table in all_tables():
        _copy(source, target, table)
        tell(f"{table.name}: {_count(target, table):,}")
    _set_numbers(source, target)
    if table_name := _different(source, target):
        raise NotTheSame(table_name)
    return Moved(_rows(target), is_new=True)


def _has_content(connection: Connection) -> bool:
    return any(_count(connection, table) for table in all_tables() if table.name not in _SEEDED)


def _copy(source: Connection, target: Connection, table: Table) -> None:
    target.execute(delete(table))
    rows = source.execution_options(yield_per=_AT_ONCE).execute(select(table))
    for part in rows.mappings().partitions(_AT_ONCE):
        target.execute(insert(table), [dict(row) for row in part])


def _set_numbers(source: Connection, target: Connection) -> None:
    """Have the next numbers follow those that were ever used; of ideas, SQLite remembers also those that are gone."""
    used = {str(name): int(last) for name, last in source.execute(text("SELECT name, seq FROM sqlite_sequence"))}
    for table in all_tables():
        numbered = [column for column in table.primary_key if column.identity is not None]
        for column in numbered:
            last = max(target.scalar(select(func.max(column))) or 0, used.get(table.name, 0))
            if last:
                place = {"table": table.name, "column": column.name, "last": last}
                target.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"), place)


def _different(source: Connection, target: Connection) -> str | None:
    """Return the first table that is not the same on both sides, as far as counts and tallies tell; None: none."""
    for table in all_tables():
        if _count(source, table) != _count(target, table):
            return table.name
    return None if _tallies(source) == _tallies(target) else Idea.__tablename__


def _tallies(connection: Connection) -> list[tuple[int, int, int]]:
    """Return each idea's number with its tally, and with the votes that count for it."""
    counted = select(Vote.idea_id, func.count().label("votes")).where(Vote.counts).group_by(Vote.idea_id).subquery()
    found = select(Idea.id, Idea.votes, func.coalesce(counted.c.votes, 0))
    rows = connection.execute(found.outerjoin(counted, counted.c.idea_id == Idea.id).order_by(Idea.id))
    return [(number, tally, votes) for number, tally, votes in rows]


def _rows(connection: Connection) -> int:
    return sum(_count(connection, table) for table in all_tables())


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
