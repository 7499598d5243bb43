"""The bars, what was found for each, and the table that says so."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import median

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a measurement found: a figure beside its floor, and whether the bar holds.

    `spread` is the distance between the smallest and the largest round, as a share of the median; where rounds were
    counted and not measured, `ratio` is the share of the bar.
    """

    name: str
    database: str
    figure: str
    floor: str
    ratio: float
    bar: str
    is_held: bool
    spread: float = 0.0
    rounds: "Rounds | None" = None


@dataclass(frozen=True, slots=True)
class Rounds:
    """What was measured round by round, beside its floor, which was measured in between."""

    figures: Sequence[float]
    floors: Sequence[float]
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        """How many times its floor it is."""
        return median(self.figures) / median(self.floors)

    def shown(self, values: Sequence[float]) -> str:
        """Return the middle of these with the unit."""
        middle = median(values)
        return f"{middle:,.0f}{self.unit}" if self.unit.startswith("/") else f"{middle:,.1f} {self.unit}"


def at_least(name: str, database: str, rounds: Rounds, least: float) -> Outcome:
    """Return whether something is at least this share of its floor."""
    return _outcome(name, database, rounds, f">= {least:.2f}", is_held=rounds.ratio >= least)


def at_most(name: str, database: str, rounds: Rounds, most: float) -> Outcome:
    """Return whether something is at most so many times its floor."""
    return _outcome(name, database, rounds, f"<= {most:.2f}", is_held=rounds.ratio <= most)


def _outcome(name: str, database: str, rounds: Rounds, bar: str, *, is_held: bool) -> Outcome:
    figure, floor = rounds.shown(rounds.figures), rounds.shown(rounds.floors)
    return Outcome(name, database, figure, floor, rounds.ratio, bar, is_held, spread_of(rounds.figures), rounds)


def no_more(name: str, database: str, found: float, most: float, unit: str) -> Outcome:
    """Return whether a count is no more than it may be."""
    ratio = found / most if most else float(found)
    return Outcome(name, database, f"{found:,g} {unit}", "-", ratio, f"<= {most:g} {unit}", found <= most)


def spread_of(figures: Sequence[float]) -> float:
    """Return how far the rounds lie apart, as a share of their median."""
    middle = median(figures)
    return (max(figures) - min(figures)) / middle if middle else 0.0


_COLUMNS = ("bar", "database", "figure", "floor", "ratio", "wanted", "held", "spread")


def _cells(outcome: Outcome) -> tuple[str, ...]:
    held = "yes" if outcome.is_held else "[bold red]no[/]"
    spread = f"{100 * outcome.spread:.0f} %" if outcome.spread else "-"
    ratio = f"{outcome.ratio:.2f}" if outcome.floor != "-" else "-"
    return outcome.name, outcome.database, outcome.figure, outcome.floor, ratio, outcome.bar, held, spread


def markdown(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as the README has them: a line for each bar, the databases side by side."""
    databases = list(dict.fromkeys(each.database for each in outcomes))
    rows = [("bar", "wanted", *databases), ("---",) * (2 + len(databases))]
    for name in dict.fromkeys(each.name for each in outcomes):
        found = {each.database: each for each in outcomes if each.name == name}
        wanted = ", ".join(dict.fromkeys(each.bar for each in found.values()))
        rows.append((name, wanted, *(_cell(found.get(database)) for database in databases)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    found = outcome.figure
    if outcome.floor != "-":
        found = f"{outcome.ratio:.2f} ({outcome.figure} beside {outcome.floor})"
    return found if outcome.is_held else f"**not held:** {found}"


def table(outcomes: Sequence[Outcome]) -> Table:
    """Return the outcomes as a table."""
    shown = Table(*_COLUMNS)
    for each in outcomes:
        shown.add_row(*_cells(each))
    return shown


class Form(StrEnum):
    """In what form outcomes are printed."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


def print_outcomes(outcomes: Sequence[Outcome], form: Form) -> None:
    """Print what was found."""
    match form:
        case Form.JSON:
            Console().print_json(json.dumps([asdict(each) for each in outcomes]))
        case Form.MARKDOWN:
            sys.stdout.write(f"{markdown(outcomes)}\n")
        case Form.TABLE:
            Console(width=140).print(table(outcomes))
