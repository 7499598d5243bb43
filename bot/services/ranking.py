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
    """Return a number to order ideas by, the more they move people the higher; 0 without votes.

    It is a low but credible number of effective votes, divided by the square root of the working days in sight. The
    low number is Byar's approximation to the one-sided 90 % bound of a Poisson count (Breslow & Day 1987, "Statistical
    Methods in Cancer Research II", IARC). Effective votes are no count: the 90 % say how careful the bound is, not how
    often it is right.

    The root, for support slows as an idea ages: ever fewer people have yet to see it, and a team's next vote adds less.
    Dividing by all of the days would put late ideas too far ahead. So the score is no rate a day, nor a share of those
    who saw the idea: it only compares ideas of one period.

    The exposure must not depend on the votes: if whoever votes were counted as one who saw it, one more vote could
    lower an idea. Less than a day counts as a day, or a first vote in the last minutes would lead.
    """
    votes = effective_votes(support)
    if votes <= 0:
        return 0.0
    share = 1 - 1 / (9 * votes) - _ONE_SIDED_90_PERCENT / (3 * sqrt(votes))
    return max(0.0, votes * share**3) / sqrt(max(_SHORTEST_DAYS, support.exposure_days))


def ranked(supports: Mapping[int, Support]) -> list[int]:
    """Return the ideas' numbers, best first; of equals the one with more votes, then the older one."""
    return sorted(supports, key=lambda number: (-fair_score(supports[number]), -supports[number].votes, number))
