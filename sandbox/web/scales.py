"""The arithmetic of charts: round axis marks, and values as positions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Values as good as equal are drawn on an axis of one.
SMALLEST = 1e-9
STEPS = (1, 2, 2.5, 5, 10)
MARKS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """A vertical axis from `low` to `high` in steps, drawn between the positions `bottom` and `top`."""

    low: float
    high: float
    step: float
    bottom: float
    top: float

    def at(self, value: float) -> float:
        """The position of a value."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)

    def marks(self) -> list[float]:
        """The values that get a line and a number."""
        count = round((self.high - self.low) / self.step)
        return [self.low + index * self.step for index in range(count + 1)]


def scale_for(values: Sequence[float], bottom: float, top: float) -> Scale:
    """An axis with round marks that holds all values and zero."""
    low, high = min(0.0, *values), max(0.0, *values)
    span = high - low
    step = _round_step((span if span > SMALLEST else 1) / MARKS)
    floor, ceiling = math.floor(low / step) * step, math.ceil(high / step) * step
    return Scale(floor, max(ceiling, floor + step), step, bottom, top)


def _round_step(rough: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(step * magnitude for step in STEPS if step * magnitude >= rough * 0.999)


def number(value: float) -> str:
    """A value as a person writes it: `1,250`, `3.5`, `12k` above ten thousand."""
    if abs(value) >= 1_000_000:  # noqa: PLR2004 - a million is its own name
        return f"{value / 1_000_000:.3g}M"
    if abs(value) >= 10_000:  # noqa: PLR2004 - as above
        return f"{value / 1000:.3g}k"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"
