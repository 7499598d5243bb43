"""How near a rank comes to what people want."""

import itertools
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from bot.services.ranking import Support, effective_votes, fair_score, ranked
from tests.herding.company import Company, week

TOP = 10

Rank = Callable[[Mapping[int, Support]], list[int]]


def _by(score: Callable[[Support], float]) -> Rank:
    """Return the rank by a score that breaks ties as the digest does."""
    return lambda supports: sorted(supports, key=lambda each: (-score(supports[each]), -supports[each].votes, each))


def _by_all_days(support: Support) -> float:
    return fair_score(support) / sqrt(max(1.0, support.exposure_days))


def _without_teams(support: Support) -> Support:
    return replace(support, by_team=())


RANKS: dict[str, Rank] = {
    "raw": _by(lambda support: support.votes),
    "teams": _by(effective_votes),
    "days": _by(lambda support: fair_score(_without_teams(support))),
    "votes/day": _by(lambda support: _by_all_days(_without_teams(support))),
    "all days": _by(_by_all_days),
    "fair": ranked,
}
"""By raw total; by effective votes alone; as fair, but of plain votes; the latter and fair, but by all of the days."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """How many of the ten ideas that are wanted most a rank has in its first ten, and Kendall's tau over all ideas."""

    found: float
    tau: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The mean nearness of each rank over many weeks, and how many more ideas the fair rank finds than the raw total.

    The 95 % confidence interval of `advantage` reaches from `margin` below it to `margin` above.
    """

    means: dict[str, Nearness]
    advantage: float
    margin: float


def compare(company: Company, bias: float, seeds: Iterable[int]) -> Comparison:
    """Return how near the ranks come over the weeks of these seeds, two or more."""
    weeks = [nearness_of_week(company, bias, seed) for seed in seeds]
    gains = [each["fair"].found - each["raw"].found for each in weeks]
    margin = 1.96 * statistics.stdev(gains) / sqrt(len(gains))
    return Comparison({name: _mean([each[name] for each in weeks]) for name in RANKS}, statistics.mean(gains), margin)


def nearness_of_week(company: Company, bias: float, seed: int) -> dict[str, Nearness]:
    """Return how near each rank comes to the truth at the end of one week."""
    ideas = week(company, bias, seed)
    supports = {number: idea.support(company) for number, idea in enumerate(ideas)}
    truth = sorted(supports, key=lambda number: -ideas[number].wanted)
    return {name: _nearness(rank(supports), truth) for name, rank in RANKS.items()}


def kendall_tau(order: Sequence[int], truth: Sequence[int]) -> float:
    """Return how alike two orders of the same things are: 1 the same, -1 one the other's reverse, 0 neither."""
    place = {number: at for at, number in enumerate(truth)}
    places = [place[number] for number in order]
    right = [before < after for before, after in itertools.combinations(places, 2)]
    return 2 * sum(right) / len(right) - 1


def _nearness(order: Sequence[int], truth: Sequence[int]) -> Nearness:
    return Nearness(len({*order[:TOP]} & {*truth[:TOP]}), kendall_tau(order, truth))


def _mean(each: Sequence[Nearness]) -> Nearness:
    return Nearness(statistics.mean(one.found for one in each), statistics.mean(one.tau for one in each))
