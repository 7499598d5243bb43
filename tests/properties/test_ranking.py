"""The fair rank: what one more vote does, and what a burst, an early start or a late one cannot do."""

import random
from collections import Counter
from dataclasses import replace
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.ranking import Support, effective_votes, fair_score, ranked

TEAMS = st.lists(st.integers(0, 60), max_size=8).map(tuple)
DAYS = st.floats(0, 5)
SUPPORTS = st.builds(
    lambda by_team, strangers, days: Support(sum(by_team) + strangers, by_team, days), TEAMS, st.integers(0, 60), DAYS
)
FEW = st.dictionaries(st.integers(1, 99), SUPPORTS, min_size=1, max_size=8)
WEEK, FRIDAY = 5.0, 1.0


def each_of_another_team(votes: int, days: float) -> Support:
    """Return the support of so many people, no two of one team."""
    return Support(votes, (1,) * votes, days)


def of_one_team(votes: int, days: float) -> Support:
    """Return the support of so many people of one team."""
    return Support(votes, (votes,), days)


def with_one_more(support: Support, choice: int) -> Support:
    """Return the support with a vote more: from a team that voted, from one that did not, or from nobody's team."""
    teams = list(support.by_team)
    if choice < len(teams):
        teams[choice] += 1
    elif choice == len(teams):
        teams.append(1)
    return replace(support, votes=support.votes + 1, by_team=tuple(teams))


@given(support=SUPPORTS, choice=st.integers(0, 9))
def test_one_more_vote_raises_the_score(support: Support, choice: int) -> None:
    """Whoever votes lifts the idea, from however large a part of their team."""
    more = with_one_more(support, choice)
    assert effective_votes(more) > effective_votes(support)
    assert fair_score(more) > fair_score(support)


@given(supports=FEW, choice=st.integers(0, 9), pick=st.randoms(use_true_random=False))
def test_one_more_vote_never_costs_a_place(supports: dict[int, Support], choice: int, pick: random.Random) -> None:
    """An idea that gets a vote stands where it stood, or higher."""
    number = pick.choice(sorted(supports))
    after = ranked(supports | {number: with_one_more(supports[number], choice)})
    assert after.index(number) <= ranked(supports).index(number)


@given(voters=st.lists(st.integers(0, 9), min_size=20), days=DAYS, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(voters: list[int], days: float, shuffle: random.Random) -> None:
    """The same people make the same score, to the last bit, whoever of them came first; 0 is no known team."""
    scores = set()
    for _ in range(10):
        shuffle.shuffle(voters)
        by_team = Counter(filter(None, voters))
        scores.add(fair_score(Support(len(voters), tuple(by_team.values()), days)))
    assert len(scores) == 1


@given(votes=st.integers(0, 100), days=DAYS)
def test_whoever_is_of_no_known_team_is_a_team(votes: int, days: float) -> None:
    """Votes of people whose team is not known count as much as votes that each come from another team."""
    assert fair_score(Support(votes, (), days)) == fair_score(each_of_another_team(votes, days))


@given(supports=FEW, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_the_ideas_does_not_matter(supports: dict[int, Support], shuffle: random.Random) -> None:
    """Every idea has one place, in whatever order the ideas are looked at."""
    numbers = list(supports)
    shuffle.shuffle(numbers)
    order = ranked({number: supports[number] for number in numbers})
    assert order == ranked(supports)
    assert sorted(order) == sorted(supports)


@given(votes=st.integers(2, 2000), days=DAYS)
def test_a_burst_of_one_team_loses_to_as_many_from_many(votes: int, days: float) -> None:
    """As many votes from as many teams always beat a burst of one team, when both could be seen for as long."""
    assert ranked({1: of_one_team(votes, days), 2: each_of_another_team(votes, days)}) == [2, 1]


@given(burst=st.integers(1, 200), teams=st.integers(1, 20), days=DAYS)
def test_how_many_teams_outweigh_a_burst(burst: int, teams: int, days: float) -> None:
    """One vote each from more teams than the square root of a burst of one team beats it, and from fewer does not."""
    is_beaten = fair_score(of_one_team(burst, days)) < fair_score(each_of_another_team(teams, days))
    assert is_beaten == (teams * teams > burst)


def test_twelve_of_one_team_lose_to_four_of_four() -> None:
    """Twelve votes of one team lose to five and to four from as many teams in the same time, and beat three."""
    burst = of_one_team(12, WEEK)
    rivals = {teams: each_of_another_team(teams, WEEK) for teams in (3, 4, 5)}
    assert ranked({12: burst} | rivals) == [5, 4, 12, 3]


def test_a_late_idea_is_not_beaten_by_time_alone() -> None:
    """On Friday, six votes of six teams beat ten of ten in the whole week; five do not, nor six in the same time."""
    late, early = each_of_another_team(6, FRIDAY), each_of_another_team(10, WEEK)
    assert ranked({1: early, 2: late, 3: each_of_another_team(5, FRIDAY)}) == [2, 1, 3]
    assert fair_score(replace(late, exposure_days=WEEK)) < fair_score(early)


@given(support=SUPPORTS, days=st.floats(1, 5))
def test_four_times_as_long_in_sight_halves_the_score(support: Support, days: float) -> None:
    """Time counts by its square root, from a day on."""
    once, four_times = (fair_score(replace(support, exposure_days=times * days)) for times in (1, 4))
    assert four_times == pytest.approx(once / 2)


@given(support=SUPPORTS, shorter=DAYS)
def test_longer_in_sight_with_the_same_votes_is_no_gain(support: Support, shorter: float) -> None:
    """What got the same votes in less time never stands behind."""
    sooner = replace(support, exposure_days=min(shorter, support.exposure_days))
    assert fair_score(sooner) >= fair_score(support)


def test_a_first_vote_on_friday_evening_does_not_lead() -> None:
    """The last minutes of a period count as a day, and a single vote in them proves less than two in a whole week."""
    minutes_ago = each_of_another_team(1, 0.01)
    assert fair_score(minutes_ago) == fair_score(each_of_another_team(1, FRIDAY))
    assert ranked({1: each_of_another_team(2, WEEK), 2: minutes_ago}) == [1, 2]


@pytest.mark.parametrize("votes", [1, 2, 3, 5, 10, 30, 100])
def test_the_bound_is_near_the_exact_one(votes: int) -> None:
    """At the exact lower 90 % bound, so many votes or more come by chance in one case of ten; Byar's is near it."""
    low, high = 0.0, float(votes)
    for _ in range(60):
        mean = (low + high) / 2
        low, high = (mean, high) if chance_of_at_least(votes, mean) < 0.1 else (low, mean)
    assert fair_score(each_of_another_team(votes, FRIDAY)) == pytest.approx(low, abs=0.01)


def chance_of_at_least(votes: int, mean: float) -> float:
    """Return the chance that a Poisson count of this mean is so high."""
    term, fewer = exp(-mean), 0.0
    for count in range(votes):
        fewer += term
        term *= mean / (count + 1)
    return 1 - fewer


@given(support=SUPPORTS)
def test_no_score_is_negative(support: Support) -> None:
    """A score is zero without votes, and above zero with any."""
    assert fair_score(replace(support, votes=0, by_team=())) == 0
    assert fair_score(support) > 0 or not support.votes


def test_of_equals_the_one_with_more_votes_then_the_older_comes_first() -> None:
    """Four votes of one team weigh as two of two teams and stand before them; after that the older number does."""
    two = each_of_another_team(2, WEEK)
    assert fair_score(of_one_team(4, WEEK)) == fair_score(two)
    assert ranked({9: two, 12: of_one_team(4, WEEK), 3: two}) == [12, 3, 9]
