"""`make bench`: every bar, its figure and its floor, on both databases; exit code 1 when one does not hold."""

import logging
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from benchmarks import crowds, growth, starting, votes
from benchmarks.bars import Form, Outcome, print_outcomes
from tests import postgres
from tests.databases import DATABASES

Measure = Callable[[str], Iterator[Outcome]]
_SLOW = ("digest", "home", "card", "notices")
_BY_THE_CLOCK = frozenset({"card", "notices"})
"""These wait for Slack's rates and hardly work, so that both databases are measured at once."""
_HELD, _NOT_HELD, _WRONG_USE = 0, 1, 2

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def measures(*, is_quick: bool) -> dict[str, Measure]:
    """Return what can be measured, by the name that `--only` takes; quickly: what takes minutes is left out."""
    every: dict[str, Measure] = {
        "start": lambda database: starting.measure(database, is_quick=is_quick),
        "votes": lambda database: votes.measure(database, is_quick=is_quick),
        "home": growth.measure_home,
        "digest": growth.measure_digest,
        "card": crowds.measure_card,
        "notices": crowds.measure_notices,
    }
    return {name: each for name, each in every.items() if not (is_quick and name in _SLOW)}


@app.command()
def bench(
    *,
    only: Annotated[
        list[str] | None, typer.Option(help="One measurement by name; may be given more than once.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Under two minutes: what takes longer is left out.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print the table that the README has.")] = False,
    database: Annotated[list[str] | None, typer.Option(help="SQLite or PostgreSQL; unset: both.")] = None,
) -> None:
    """Measure every bar, and say which hold."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    known = measures(is_quick=quick)
    if quick and (slow := [name for name in only or () if name in _SLOW]):
        _refuse(f"--quick leaves out {slow[0]}, which takes minutes. Give one of both.")
    chosen, databases = _chosen(only, known, "--only"), _chosen(database, dict.fromkeys(DATABASES), "--database")
    if "PostgreSQL" in databases and not postgres.is_available():
        _refuse(
            "PostgreSQL's programs are missing. On Debian and Ubuntu: apt-get install postgresql. "
            "Without them: --database SQLite"
        )
    form = Form.JSON if as_json else Form.MARKDOWN if as_markdown else Form.TABLE
    outcomes: list[Outcome] = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # What was started is ended, as after Ctrl-C.
    try:
        for found in _measured({name: known[name] for name in chosen}, databases):
            outcomes += found
    finally:
        print_outcomes(outcomes, form)
    left_out = [name for name in measures(is_quick=False) if name not in chosen]
    if left_out:
        typer.echo(f"Left out: {', '.join(left_out)}.", err=True)
    raise typer.Exit(_HELD if all(each.is_held for each in outcomes) else _NOT_HELD)


def _chosen(wanted: list[str] | None, known: dict[str, Measure] | dict[str, None], option: str) -> list[str]:
    wrong = [name for name in wanted or () if name not in known]
    if wrong:
        _refuse(f"{option} {wrong[0]}: there is no such one here. Known: {', '.join(known)}.")
    return [name for name in known if not wanted or name in wanted]


def _refuse(words: str) -> None:
    typer.echo(words, err=True)
    raise typer.Exit(_WRONG_USE)


def _measured(chosen: dict[str, Measure], databases: list[str]) -> Iterator[list[Outcome]]:
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for name, measure in chosen.items():
            task = progress.add_task(f"{name} on {' and '.join(databases)}", total=1)
            yield _on_each(measure, databases, at_once=name in _BY_THE_CLOCK)
            progress.update(task, completed=1)


def _on_each(measure: Measure, databases: list[str], *, at_once: bool) -> list[Outcome]:
    with ThreadPoolExecutor(len(databases) if at_once else 1) as pool:
        return [outcome for found in pool.map(lambda each: list(measure(each)), databases) for outcome in found]


if __name__ == "__main__":
    app()
