"""`python -m benchmarks.sizes`: what requests cost with 10,000, 100,000 and a million ideas behind them.

Prints a table, and draws it as docs/images/growth.svg. About five minutes, on both databases.
"""

import itertools
import logging
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import structlog
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks import history
from benchmarks.growth_picture import draw
from benchmarks.places import workspace
from bot import clock
from bot.deps import Deps
from bot.home_rendering import home_view
from bot.payloads import Reaction
from bot.recorder import recorder
from bot.services.calendar import Week
from bot.services.rights import Role
from bot.vote_emoji import VoteEmoji
from db.idea_queries import ideas_with_words, top_ideas
from db.models import RoleMember
from db.session import Sessions, open_database
from tests.bot import LEADER, settings_for
from tests.databases import DATABASES, look_through, migrated

SIZES = (10_000, 100_000), (100_000, 1_000_000), (1_000_000, 2_000_000)
"""Ideas and votes."""
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "growth.svg"
_WARM, _ROUNDS = 6, 9
"""PostgreSQL plans a statement anew for its first five times."""
_CARDS = """
    INSERT INTO outbox (key, kind, priority, idea_id, channel_id, message_ts, post_key, state, created_at, not_before,
                        args, wanted_revision, shown_revision, attempts, looks, fence)
    SELECT 'card:' || id, 'card', 1, id, 'C0CARDS001', '1700000000.' || id, 'k' || id, 'due', created_at, created_at,
           '{}', 1, 1, 0, 0, 0
    FROM ideas
"""

Costs = dict[str, float]


def main() -> None:
    """Run it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    found: dict[str, dict[int, Costs]] = {}
    for database in DATABASES:
        found[database] = {ideas: _costs(database, ideas, votes) for ideas, votes in SIZES}
    Console(width=120).print(_table(found))
    PICTURE.write_text(draw(found), "utf-8")


def _costs(database: str, ideas: int, votes: int) -> Costs:
    """Return in milliseconds what each request costs."""
    week = history.last_week()
    with migrated(database) as url, workspace() as place:
        sessions = open_database(url, is_patient=True)
        history.fill(sessions, week, ideas, votes)
        history.keep(sessions, week.before)
        _post_cards(sessions)
        deps = Deps.build(settings_for(place, url, "http"), sessions)
        deps.identity.learn(deps.reads, clock.now())
        costs = {name: _timed(work) for name, work in _requests(deps, week).items()}
        typer.echo(f"{database}, {ideas:,} ideas: {costs}", err=True)
        sessions.dispose()
    return costs


def _post_cards(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add(RoleMember(role=Role.LEADER, user_id=LEADER, source=LEADER))
        session.execute(text(_CARDS))
    look_through(sessions)


def _requests(deps: Deps, week: Week) -> dict[str, Callable[[], object]]:
    numbers, take = itertools.count(1), recorder(deps.sessions, lambda: VoteEmoji(["+1"]))

    def reading(work: Callable[[Session], object]) -> Callable[[], object]:
        def ask() -> object:
            with deps.sessions.reading() as session:
                return work(session)

        return ask

    def vote() -> None:
        number = next(numbers)
        reaction = Reaction("C0CARDS001", f"1700000000.{number}", "U0S7", "+1", time.time_ns() // 1000)
        take.commit(reaction)

    return {
        "the digest": reading(lambda session: history.read(session, week)),
        "search": reading(lambda session: ideas_with_words(session, LEADER, 1, "parcel")),
        "top ideas": reading(lambda session: top_ideas(session, LEADER, 1, None)),
        "App Home": reading(lambda session: home_view(session, deps, {"user_id": LEADER}, clock.now())),
        "a vote": vote,
    }


def _timed(work: Callable[[], object]) -> float:
    def once() -> float:
        began = time.perf_counter()
        work()
        return (time.perf_counter() - began) * 1000

    for _ in range(_WARM):
        once()
    return statistics.median(once() for _ in range(_ROUNDS))


def _table(found: dict[str, dict[int, Costs]]) -> Table:
    shown = Table("milliseconds", "database", *(f"{ideas:,} ideas" for ideas, _ in SIZES))
    for name, database, costs in _rows(found):
        shown.add_row(name, database, *(f"{cost:,.1f}" for cost in costs))
    return shown


def _rows(found: dict[str, dict[int, Costs]]) -> Iterator[tuple[str, str, list[Any]]]:
    for name in next(iter(found["SQLite"].values())):
        for database, sizes in found.items():
            yield name, database, [costs[name] for costs in sizes.values()]


if __name__ == "__main__":
    main()
