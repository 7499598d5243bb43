"""One week of a company that votes, and that sees how others voted before.

What people want is known here, so a rank can be compared with it. Time is in working days since the week began.
"""

import random
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field

from bot.services.ranking import Support

NICHE = 4
"""An idea for few concerns one of so many teams, and these want it so many times as much."""


@dataclass(frozen=True, slots=True)
class Company:
    """What holds for a company's week.

    `looks`: how often a person looks in, on the average. `askers`: the share of the authors who ask their team at once;
    so asked, each colleague votes with the chance `loyalty`, whatever they think of it. `filed_until`: ideas come from
    the first moment until then. `page`: how many of the newest ideas are looked at; None: all that are new to whoever
    looks. `niches`: the share of the ideas that concern few teams. `is_led_by_team`: the crowd follows an idea whose
    team voted at once, and not the tally.
    """

    people: int = 400
    teams: int = 25
    ideas: int = 40
    days: float = 5.0
    looks: float = 2.0
    askers: float = 0.5
    loyalty: float = 0.5
    filed_until: float = 5.0
    page: int | None = None
    niches: float = 0.0
    is_led_by_team: bool = False

    def team_of(self, person: int) -> int:
        """Return a person's team; all are of one size, or nearly."""
        return person % self.teams


@dataclass(slots=True)
class Idea:
    """An idea: when it came, and from whom; what a random colleague's chance is to support it; and who did."""

    filed_at: float
    author: int
    wanted: float
    fans: frozenset[int] | None
    is_begun_by_team: bool = False
    voters: set[int] = field(default_factory=set)

    def support(self, company: Company) -> Support:
        """Return what a rank is told of it at the end of the week."""
        by_team = Counter(map(company.team_of, self.voters))
        return Support(len(self.voters), tuple(by_team.values()), company.days - self.filed_at)

    def chance(self, team: int) -> float:
        """Return the chance that somebody of a team supports it when nobody leads them."""
        if self.fans is None:
            return self.wanted
        return NICHE * self.wanted if team in self.fans else 0.0


def week(company: Company, bias: float, seed: int) -> list[Idea]:
    """Return a week's ideas, oldest first, with their voters at its end.

    Whoever looks in judges each idea once. An idea that leads on the page, with more votes than the middle one, is
    supported with a chance that is higher by the factor 1 + `bias`. Weeks of one seed differ in nothing but that.
    """
    chance = random.Random(seed)  # noqa: S311  # a seed repeats it
    ideas = sorted((_idea(company, chance) for _ in range(company.ideas)), key=lambda idea: idea.filed_at)
    for idea in ideas:
        _ask_team(idea, company, chance)
    moments, seen = [idea.filed_at for idea in ideas], [0] * company.people
    for moment, person in _looks(company, chance):
        filed = bisect_right(moments, moment)
        unseen = range(max(seen[person], filed - (company.page or filed)), filed)
        middle = _middle(ideas[:filed]) if unseen else 0
        for idea in ideas[unseen.start : unseen.stop]:
            is_ahead = idea.is_begun_by_team if company.is_led_by_team else len(idea.voters) > middle
            _judge(idea, person, company, bias * is_ahead, chance.random())
        seen[person] = filed
    return ideas


def _idea(company: Company, chance: random.Random) -> Idea:
    filed_at, author, wanted = chance.uniform(0, company.filed_until), chance.randrange(company.people), _wanted(chance)
    fans = frozenset((author + step) % company.teams for step in range(company.teams // NICHE))
    return Idea(filed_at, author, wanted, fans if chance.random() < company.niches else None)


def _wanted(chance: random.Random) -> float:
    return chance.betavariate(2, 18)  # One in ten on the average, for most ideas between one in fifty and one in four.


def _ask_team(idea: Idea, company: Company, chance: random.Random) -> None:
    idea.is_begun_by_team = chance.random() < company.askers
    for person in range(company.team_of(idea.author), company.people, company.teams):
        is_loyal = chance.random() < company.loyalty
        if idea.is_begun_by_team and is_loyal and person != idea.author:
            idea.voters.add(person)


def _looks(company: Company, chance: random.Random) -> list[tuple[float, int]]:
    number = round(company.looks * company.people)
    return sorted((chance.uniform(0, company.days), chance.randrange(company.people)) for _ in range(number))


def _middle(ideas: list[Idea]) -> int:
    return sorted(len(idea.voters) for idea in ideas)[len(ideas) // 2]


def _judge(idea: Idea, person: int, company: Company, bias: float, luck: float) -> None:
    if person != idea.author and luck < idea.chance(company.team_of(person)) * (1 + bias):
        idea.voters.add(person)
