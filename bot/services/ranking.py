"""The digest's fair rank: how sure it is that an idea moves many people, whenever it was filed and whoever began."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum, sqrt

_ONE_SIDED_90_PERCENT = 1.2816
_SHORTEST_DAYS = 1.0


@dataclass(frozen=True, slots=True)
class Support:
    """What people did for an idea in a period.

    `by_team` holds how many of the votes came from each known team, in any order; together at most `votes`. Whoever
    gave the others is of no known team, and counts as a team of one. `exposure_days` is for how many working days of
    the period the idea could be seen: since it was filed, at most the whole period.
    """

    votes: int
    by_team: tuple[int, ...]
    exposure_days: float


def effective_votes(support: Support) -> float:
    """Return the votes, those of one team counted by their square root: nine colleagues weigh as three strangers do.

    One more vote always raises it, and by less the more of its team there are already.
    """
    return fsum([*map(sqrt, support.by_team), support.votes - sum(support.by_team)])  # The same in any order.


def fair_score(support: Support) -> float:
    """Return how many effective votes a working day an idea draws at least: the lower 90 % bound; 0 without votes.

    It is Byar's approximation to the one-sided bound of a Poisson rate (Breslow & Day 1987, "Statistical Methods in
    Cancer Research II", IARC), so two votes in one day prove less than ten in five. Effective votes are no count: the
    90 % say how careful the bound is, not how often it is right.

    It is a rate over time and no share of those who saw the idea. The exposure must not depend on the votes: if whoever
    votes were counted as one who saw it, one more vote could lower an idea. Less than a day counts as a day, or the
    first vote on a Friday evening would lead.
    """
    votes = effective_votes(support)
    if votes <= 0:
        return 0.0
    share = 1 - 1 / (9 * votes) - _ONE_SIDED_90_PERCENT / (3 * sqrt(votes))
    return max(0.0, votes * share**3) / max(_SHORTEST_DAYS, support.exposure_days)


def ranked(supports: Mapping[int, Support]) -> list[int]:
    """Return the ideas' numbers, best first; of equals the one with more votes, then the older one."""
    return sorted(supports, key=lambda number: (-fair_score(supports[number]), -supports[number].votes, number))
