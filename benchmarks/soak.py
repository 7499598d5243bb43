"""`python -m benchmarks.soak [events] [database]`: 200,000 votes in one process, and what it holds along the way.

Prints memory, file handles and rows after each tenth, and whether memory stayed flat from the first tenth on; then a
week passes, and house-keeping has to take away what it should. Ends with 1 when either does not hold.
"""

import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
import typer
from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase

from benchmarks.places import eventually
from benchmarks.votes import Stand, stand
from db.models import InboxEntry, OutboxMessage

EVENTS, PARTS = 200_000, 10
MOST_GROWTH = 1.1
_IDEAS = 25
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process holds, in megabytes and in number, and the rows of what house-keeping looks after."""

    memory: float
    handles: int
    inbox: int
    outbox: int


def main() -> None:
    """Run it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    database = sys.argv[2] if len(sys.argv) > 2 else "SQLite"  # noqa: PLR2004  # the second argument
    with stand(database, _IDEAS, events // _IDEAS + 1) as here:
        samples = [_part(here, number, events // PARTS) for number in range(1, PARTS + 1)]
        is_flat = samples[-1].memory <= MOST_GROWTH * samples[0].memory
        are_few = samples[-1].handles <= MOST_GROWTH * samples[0].handles + 1
        typer.echo(f"Memory is {'flat' if is_flat else 'not flat'}; handles are {'flat' if are_few else 'not flat'}.")
        is_kept = _keep_house(here)
    raise SystemExit(0 if is_flat and are_few and is_kept else 1)


def _part(here: Stand, number: int, events: int) -> Sample:
    rate = here.flood(events)
    found = Sample(here.subject.memory, here.subject.handles, _count(here, InboxEntry), _count(here, OutboxMessage))
    typer.echo(
        f"{number * events:>7,} events, {rate:,.0f} a second: {found.memory:.0f} MB, {found.handles} handles, "
        f"{found.inbox:,} in the inbox, {found.outbox:,} in the outbox"
    )
    return found


def _keep_house(here: Stand) -> bool:
    """Let more than a week pass; tell whether what is older than that is gone."""
    now = datetime.now(UTC)
    noon = now.replace(hour=12) + timedelta(days=8)  # House is kept once a day, after the night.
    here.place.control("advance", seconds=(noon - now).total_seconds())
    try:
        took = eventually(lambda: _count(here, InboxEntry) == 0, _PATIENCE, 1)
    except TimeoutError:
        typer.echo(f"A week later {_count(here, InboxEntry):,} rows are still in the inbox.")
        return False
    typer.echo(f"A week later the inbox is empty, after {took:.0f} s; {_count(here, OutboxMessage):,} in the outbox.")
    return True


def _count(here: Stand, table: type[DeclarativeBase]) -> int:
    with here.sessions.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


if __name__ == "__main__":
    main()
