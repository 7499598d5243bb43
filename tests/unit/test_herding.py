"""The simulation of people who follow each other, in small: `python -m tests.herding` is the whole of it."""

import pytest

from tests.herding.company import Company, week
from tests.herding.nearness import compare, kendall_tau

SEEDS = range(1, 41)


def test_the_fair_rank_is_nearer_to_the_truth_when_people_follow_each_other() -> None:
    """When leaders draw 30 % more, the fair rank finds more of the ten wanted most, and orders all ideas better."""
    found = compare(Company(), 0.3, SEEDS)
    fair, raw = found.means["fair"], found.means["raw"]
    assert fair.found > raw.found
    assert fair.tau > raw.tau
    assert found.advantage == pytest.approx(fair.found - raw.found)


def test_a_seed_repeats_its_week() -> None:
    """One seed makes the same votes again, another one others."""
    votes = [[idea.voters for idea in week(Company(), 0.3, seed)] for seed in (1, 1, 2)]
    assert votes[0] == votes[1] != votes[2]


def test_following_only_adds_votes() -> None:
    """Weeks of one seed have the same people look at the same ideas: who supports one unled also does when it leads."""
    alone, led = week(Company(), 0, 7), week(Company(), 1, 7)
    assert all(one.voters <= other.voters for one, other in zip(alone, led, strict=True))
    assert sum(len(idea.voters) for idea in alone) < sum(len(idea.voters) for idea in led)


def test_how_alike_two_orders_are() -> None:
    """Kendall's tau is 1 for the same order, -1 for the reverse, and a third where one pair of three is wrong."""
    assert kendall_tau([1, 2, 3], [1, 2, 3]) == 1
    assert kendall_tau([3, 2, 1], [1, 2, 3]) == -1
    assert kendall_tau([2, 1, 3], [1, 2, 3]) == pytest.approx(1 / 3)
