"""TEMPORARY."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class Support:
    votes: int
    by_team: tuple[int, ...]
    exposure_days: float


def fair_score(support: Support) -> float:
    n = sum(map(sqrt, support.by_team)) + support.votes - sum(support.by_team)
    return (
        0.0
        if n == 0
        else max(0.0, n * (1 - 1 / (9 * n) - 1.2816 / (3 * sqrt(n))) ** 3) / max(1.0, support.exposure_days)
    )


def ranked(supports: Mapping[int, Support]) -> list[int]:
    return sorted(supports, key=lambda n: (-fair_score(supports[n]), -supports[n].votes, n))
