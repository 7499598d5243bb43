"""Three months in the life of a parcel company: who has which idea when, and what the others make of it.

The ideas, replies and answers are in text files beside this one. A seeded generator makes a story of them, always the
same.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path

VOTES = {"+1": 50, "heart": 14, "fire": 11, "raised_hands": 10, "100": 6, "+1::skin-tone-4": 5, "+1::skin-tone-6": 4}
REMARKS = ("eyes", "thinking_face", "tada", "bulb", "joy")
WORKDAYS = (5, 5, 5, 5, 4, 0.6, 0.3)
FIRST_HOUR, LAST_HOUR = 7, 19
MEAN_DAYS_TO_A_VOTE = 3.5
LIKED = 3.2
# How unlike people are: some vote every day, some once in a month.
ZEAL = 2.5
LEADERS = ("Thandi Mbeki", "Erik Larsen")
TEAMS = ("Contact centre", "Delivery", "Branch North", "Branch South", "App", "Sorting")
MEAN_DAYS_TO_AN_ANSWER, DAYS_TO_SHIP = 3.0, (8, 40)
# Of a hundred ideas, so many are answered sooner or later; of those that are under way, so many ship.
ANSWERED, SHIPPED = 0.97, 0.6
UNDER_WAY = ("planned", "in_progress")
# One of so many ideas is of the running week.
IN_THE_LAST_WEEK = 14
# Of a hundred votes, so many come with another emoji, are taken back, or bring a remark or a reply with them.
AGAIN, TAKEN_BACK, REMARKED, REPLIED = 0.06, 0.02, 0.05, 0.05


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody of the company, by the name and job that others see."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Idea:
    """An idea as its author would write it; `values` are what they add in the form, by field."""

    author: str
    title: str
    is_liked: bool
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Act:
    """What one person does at a moment (seconds since 1970) about one idea.

    `do` is file, react, unreact, say or answer; `word` is the emoji, the reply or the answer, `outcome` what becomes of
    the idea with it. A vote `is_first` when this person has none for this idea yet.
    """

    at: float
    do: str
    who: str
    idea: Idea
    word: str = ""
    is_first: bool = False
    outcome: str = ""


@cache
def company() -> tuple[Employee, ...]:
    """Everybody who has an idea in the story."""
    heads = [line.partition(", ") for line in _lines("ideas.txt") if _is_head(line)]
    return tuple(Employee(name, f"{title[:1].upper()}{title[1:]}") for name, _, title in heads)


@cache
def ideas() -> tuple[Idea, ...]:
    """All ideas, each in its author's words."""
    found: list[Idea] = []
    author = ""
    for line in _lines("ideas.txt"):
        if _is_head(line):
            author = line.partition(",")[0]
        elif line.startswith("  "):
            found[-1].values["description"] = line.strip()
        else:
            found.append(_idea(author, line))
    return tuple(found)


def _lines(name: str) -> list[str]:
    text = (Path(__file__).parent / name).read_text("utf-8")
    return [line for line in text.splitlines() if line.strip()]


def _is_head(line: str) -> bool:
    return line[0].isupper()


def _idea(author: str, line: str) -> Idea:
    stage, touchpoint, title = line.removeprefix("! ").split(" ", 2)
    chosen = {"stage": stage, "touchpoint": touchpoint}
    return Idea(author, title, line.startswith("! "), {key: value for key, value in chosen.items() if value != "-"})


def build_story(begin: datetime, end: datetime, *, count: int = 200, votes: int = 3000, seed: int = 1) -> list[Act]:
    """Return what happens between two moments, in order: so many ideas, so many votes, and what goes with them."""
    return _Teller(begin, end, random.Random(seed)).tell(count, votes)


class _Teller:
    def __init__(self, begin: datetime, end: datetime, chance: random.Random) -> None:
        self._begin, self._end, self._chance = begin, end, chance
        self._zeal = {person.name: chance.lognormvariate(0, ZEAL) for person in company()}

    def tell(self, count: int, votes: int) -> list[Act]:
        chosen = self._chance.sample(ideas(), count)
        fresh = count // IN_THE_LAST_WEEK
        moments = sorted(self._recent_moment() if number < fresh else self._working_moment() for number in range(count))
        filed = [Act(at, "file", idea.author, idea) for at, idea in zip(moments, chosen, strict=True)]
        acts = [*filed]
        for filing, voter in islice(self._supporters(filed), votes):
            acts += self._support(filing, voter)
        for filing in filed:
            acts += self._answers(filing)
        return sorted(acts, key=lambda act: act.at)

    def _working_moment(self) -> float:
        """A moment in working hours; more of them late in the story, as word gets round."""
        days = [self._begin + timedelta(days=number) for number in range((self._end - self._begin).days)]
        weights = [WORKDAYS[day.weekday()] * (1 + number / len(days)) for number, day in enumerate(days)]
        day = self._chance.choices(days, weights)[0]
        return self._at_work(day)

    def _recent_moment(self) -> float:
        """A moment of the running week, so that the next digest has something to say even on a Tuesday."""
        return self._at_work(self._end - timedelta(days=self._chance.randint(0, self._end.weekday())))

    def _at_work(self, day: datetime) -> float:
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
        moment = midnight.timestamp() + self._chance.uniform(FIRST_HOUR, LAST_HOUR) * 3600
        return min(max(moment, self._begin.timestamp()), self._end.timestamp() - 3600 * self._chance.random())

    def _supporters(self, filed: list[Act]) -> "_Pairs":
        weights = [self._chance.lognormvariate(0, 0.7) * (LIKED if act.idea.is_liked else 1) for act in filed]
        return _Pairs(filed, weights, self._zeal, self._chance)

    def _support(self, filing: Act, voter: str) -> list[Act]:
        """A vote, and what sometimes goes with it."""
        chance = self._chance
        emoji = chance.choices(list(VOTES), list(VOTES.values()))[0]
        at = self._after(filing.at)
        acts = [Act(at, "react", voter, filing.idea, emoji, is_first=True)]
        if chance.random() < AGAIN:
            other = chance.choice([name for name in VOTES if name[:2] != emoji[:2]])
            acts.append(Act(at + 2, "react", voter, filing.idea, other))
        elif chance.random() < TAKEN_BACK:
            acts.append(Act(at + chance.uniform(5, 600), "unreact", voter, filing.idea, emoji))
        if chance.random() < REMARKED:
            acts.append(Act(at + 3, "react", voter, filing.idea, chance.choice(REMARKS)))
        if chance.random() < REPLIED:
            acts.append(Act(at + chance.uniform(20, 300), "say", voter, filing.idea, chance.choice(_replies())))
        return acts

    def _answers(self, filing: Act) -> list[Act]:
        """What leadership answers to an idea, mostly by its date, and what ships of it later."""
        if self._chance.random() > ANSWERED:
            return []
        acts = [self._answer(filing, filing.at, self._chance.expovariate(1 / MEAN_DAYS_TO_AN_ANSWER))]
        if acts[0].outcome in UNDER_WAY and self._chance.random() < SHIPPED:
            acts.append(self._answer(filing, acts[0].at, self._chance.uniform(*DAYS_TO_SHIP), "shipped"))
        return [act for act in acts if act.at < self._end.timestamp() - 60]

    def _answer(self, filing: Act, since: float, days: float, outcome: str = "") -> Act:
        given = [each for each in _answers() if each[0] == outcome or (not outcome and each[0] != "shipped")]
        kind, words = self._chance.choice(given)
        day = datetime.fromtimestamp(since, self._begin.tzinfo) + timedelta(days=days)
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        at = max(since + 3600, midnight + self._chance.uniform(FIRST_HOUR, LAST_HOUR) * 3600)
        leader = self._chance.choice([name for name in LEADERS if name != filing.who])
        return Act(at, "answer", leader, filing.idea, words, outcome=kind)

    def _after(self, filed_at: float) -> float:
        """When somebody comes across an idea: mostly soon, at work, and before the story ends."""
        end = self._end.timestamp()
        day = datetime.fromtimestamp(filed_at, self._begin.tzinfo)
        seen = self._at_work(day + timedelta(days=self._chance.expovariate(1 / MEAN_DAYS_TO_A_VOTE)))
        if filed_at + 60 < seen < end - 600:
            return seen
        return filed_at + self._chance.uniform(0.001, 0.9) * min(36_000.0, end - filed_at)


@cache
def _replies() -> list[str]:
    return _lines("replies.txt")


@cache
def _answers() -> list[tuple[str, str]]:
    """What becomes of ideas, and in which words."""
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in _lines("answers.txt")]


class _Pairs:
    """Ideas with people who support them, each pair once, until everybody supports everything."""

    def __init__(self, filed: list[Act], weights: list[float], zeal: dict[str, float], chance: random.Random) -> None:
        self._filed, self._weights, self._zeal, self._chance = filed, weights, zeal, chance
        self._left = {act.idea.title: {name for name in zeal if name != act.who} for act in filed}

    def __iter__(self) -> "_Pairs":
        return self

    def __next__(self) -> tuple[Act, str]:
        if not any(self._left.values()):
            raise StopIteration
        while True:
            filing = self._chance.choices(self._filed, self._weights)[0]
            voter = self._chance.choices(list(self._zeal), list(self._zeal.values()))[0]
            if voter in self._left[filing.idea.title]:
                self._left[filing.idea.title].discard(voter)
                return filing, voter
