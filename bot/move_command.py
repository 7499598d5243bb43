"""`cxidea move`: from SQLite to PostgreSQL, with a line for each table, or why not."""

from collections.abc import Iterator

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.migrations import migrate
from db.moving import NotEmpty, NotTheSame, move
from db.session import Sessions, open_database

_EXAMPLE = "Example: cxidea move --to postgresql://cxidea@db.example.com/cxidea"


class Refused(Exception):
    """Nothing was moved; the text says why, and what to do."""

    def __init__(self, words: str, *, is_wrong_use: bool = False) -> None:
        super().__init__(words)
        self.is_wrong_use = is_wrong_use


def moved(source: Sessions, to: str) -> Iterator[str]:
    """Copy a database to the address; yield lines that say what was done; raises Refused."""
    if source.engine.dialect.name != "sqlite":
        raise Refused("DATABASE_URL names PostgreSQL already; what is moved is a SQLite file.", is_wrong_use=True)
    address = _postgresql(to)
    try:
        migrate(address)
        target = open_database(address, is_patient=True)
        try:
            yield from _lines(source, target)
        finally:
            target.dispose()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        raise Refused(f"The database to move to cannot be used: {reason}. Nothing was moved.") from None
    except UnicodeEncodeError:
        words = "The database to move to does not know all letters. Make it with ENCODING 'UTF8'. Nothing was moved."
        raise Refused(words) from None


def _postgresql(to: str) -> str:
    """Return the address in the words that the database's driver knows; raises Refused."""
    try:
        url = make_url(to.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):
        raise Refused(
            f"--to is no database address. {_EXAMPLE}", is_wrong_use=True
        ) from None  # It may have a password.
    if url.get_backend_name() != "postgresql":
        raise Refused(f"--to must begin with postgresql://. {_EXAMPLE}", is_wrong_use=True)
    return url.render_as_string(hide_password=False)


def _lines(source: Sessions, target: Sessions) -> Iterator[str]:
    told: list[str] = []
    try:
        result = move(source, target, told.append)
    except NotEmpty:
        raise Refused("The database to move to has something else in it. Name an empty one.") from None
    except NotTheSame as error:
        words = f"What was written of {error.table} differs from what was read. Nothing was moved; please report this."
        raise Refused(words) from None
    yield from told
    if result.is_new:
        yield f"Moved: {result.rows:,} rows; counts and tallies are the same on both sides."
        yield "Now set DATABASE_URL to the new address and start the bot. The SQLite file stays as it is."
    else:
        yield f"It is all there already: {result.rows:,} rows; counts and tallies are the same. Nothing to do."
