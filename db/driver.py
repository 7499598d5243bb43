"""Statements that go to the driver as they are: for what every vote repeats, and every look for what is to be sent.

SQLAlchemy builds and compiles them, once: what it does for each execution costs more than the database's own work
(docs/scale.md). Everything else goes through the session.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    Insert,
    Select,
    String,
    Text,
    bindparam,
    column,
    func,
    select,
    true,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import visitors

Row = tuple[Any, ...]

_Convert = Callable[[Any], Any]


def given(*columns: InstrumentedAttribute[Any]) -> Select[Any]:
    """Return a row of parameters with the columns' names, for `INSERT ... SELECT`, which takes one row or many."""
    # SQLite knows that an ON CONFLICT which follows belongs to the INSERT by a WHERE in between.
    return select(*(bindparam(each.name, type_=each.type) for each in columns)).where(true())


def is_given(*columns: InstrumentedAttribute[Any]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that columns are as parameters of their names say."""
    return tuple(each == bindparam(each.name) for each in columns)


class Statement:
    """A statement that is compiled once for each database.

    Where the databases' words differ, it is one for each, by their names in SQLAlchemy. An INSERT's row is `given`.
    """

    def __init__(self, statement: Executable | Mapping[str, Executable]) -> None:
        self._statement = statement
        self._texts = dict[str, _Text]()
        self._text_for_all: _Text | None = None

    def run_each(self, place: Session | Connection, rows: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Carry it out with each of these values, in their order; return the rows of all of them.

        PostgreSQL gets all values at once, but for changes: those would read the table whole, or lock in any order.
        `place` is a session, or a connection of `Sessions.single`.
        Raises what the session does, and KeyError where a value is missing.
        """
        each = list(rows)
        connection = place if isinstance(place, Connection) else place.connection()
        if len(each) > 1 and self._takes_arrays(connection.dialect):
            return _carry_out(connection, *self._for_all(connection.dialect, each))
        text = self.text(connection.dialect)
        return [row for values in each for row in _carry_out(connection, text, text.arguments(values))]

    def _takes_arrays(self, dialect: Dialect) -> bool:
        return dialect.name == "postgresql" and isinstance(self._own(dialect), (Insert, Select))

    def _for_all(self, dialect: Dialect, rows: Sequence[Mapping[str, Any]]) -> tuple["_Text", Any]:
        if self._text_for_all is None:
            self._text_for_all = _compiled(_with_arrays(self._own(dialect)), dialect)
        text = self._text_for_all
        return text, text.arguments({name: [row[name] for row in rows] for name in text.parameters})

    def text(self, dialect: Dialect) -> "_Text":
        """Return what the driver gets."""
        if dialect.name not in self._texts:
            self._texts[dialect.name] = _compiled(self._own(dialect), dialect)
        return self._texts[dialect.name]

    def _own(self, dialect: Dialect) -> Executable:
        one = self._statement
        return one[dialect.name] if isinstance(one, Mapping) else one


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """A compiled statement: its words, and how values go to the driver and come back."""

    sql: str
    order: Sequence[str] | None
    """The parameters in their order, where the driver takes them without their names."""
    constants: Mapping[str, Any]
    parameters: Mapping[str, _Convert | None]
    columns: Sequence[_Convert | None]

    def arguments(self, values: Mapping[str, Any]) -> Any:
        """Return the values as the driver takes them; raises KeyError where one is missing."""
        named = {name: _through(convert, values[name]) for name, convert in self.parameters.items()}
        named.update(self.constants)
        return named if self.order is None else tuple(named[name] for name in self.order)

    def rows(self, cursor: Any) -> list[Row]:
        """Return the rows of an execution."""
        rows: list[Row] = cursor.fetchall() if self.columns else []
        return rows if not any(self.columns) else [self._row(row) for row in rows]

    def _row(self, row: Row) -> Row:
        return tuple(map(_through, self.columns, row))


def _compiled(statement: Any, dialect: Dialect) -> _Text:
    made = statement.compile(dialect=dialect)
    binds = {name: bind for bind, name in made.bind_names.items()}
    parameters = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
    values = {name: _plain(bind.value) for name, bind in binds.items() if not bind.required}
    constants = {name: _through(parameters.pop(name), value) for name, value in values.items()}
    types = [column.type.dialect_impl(dialect) for column in statement.exported_columns]
    columns = [type_.result_processor(dialect, None) for type_ in types]
    return _Text(str(made), made.positiontup, constants, parameters, columns)


def _with_arrays(statement: Any) -> Any:
    """Return PostgreSQL's statement that does for all values what this one does for each.

    It goes row by row, and by an index: joined, a table that is small today would be read whole, and for as long as the
    plan is kept.
    """
    asked = {
        part.key: part for part in visitors.iterate(statement) if isinstance(part, BindParameter) and part.required
    }
    types = {name: Text() if isinstance(part.type, String) else part.type for name, part in asked.items()}
    arrays = (bindparam(name, type_=ARRAY(type_)) for name, type_ in types.items())
    values = func.unnest(*arrays).table_valued(*(column(name, type_) for name, type_ in types.items()))
    row = values.render_derived(name="given")

    def of_row(element: Any, **_: Any) -> Any:
        return row.c[element.key] if isinstance(element, BindParameter) and element.required else None

    with_rows = visitors.replacement_traverse(statement, {}, of_row)
    if not isinstance(with_rows, Select):
        return with_rows
    found = with_rows.offset(0).lateral("found")  # OFFSET keeps PostgreSQL from joining.
    return select(*found.c).select_from(row.join(found, true()))


def _plain(value: Any) -> Any:
    """Return the value of an enumeration's member: drivers look long for what to make of one."""
    return value.value if isinstance(value, Enum) else value


def _through(convert: _Convert | None, value: Any) -> Any:
    return convert(value) if convert else value


def _carry_out(connection: Connection, text: _Text, arguments: Any) -> list[Row]:
    """Carry a statement out once; who listens to SQLAlchemy's hears of it, too."""
    cursor = connection.connection.cursor()
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, cursor, text.sql, arguments, None, False)
    with _errors_of_sqlalchemy(connection, text):
        cursor.execute(text.sql, arguments)
        return text.rows(cursor)


@contextmanager
def _errors_of_sqlalchemy(connection: Connection, text: _Text) -> Iterator[None]:
    """Turn the driver's errors into those that a session raises, without the values, which may be somebody's words.

    When a connection broke, it is not used again, nor are those that rest beside it: the whole database may have been
    away.
    """
    dialect = connection.dialect
    known = dialect.loaded_dbapi.Error
    try:
        yield
    except known as error:
        is_broken = dialect.is_disconnect(error, connection.connection, None)
        if is_broken:
            connection.invalidate(error)
            connection.engine.dispose()
        raise DBAPIError.instance(
            text.sql, None, error, known, connection_invalidated=is_broken, dialect=dialect
        ) from error
