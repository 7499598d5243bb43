"""What a digest says: figures and ideas' numbers, kept as JSON beside it; the ideas are shown as they are now."""

from dataclasses import dataclass
from datetime import date

from db.queries import WeekNumbers
from db.types import Edition, Rhythm


@dataclass(frozen=True, slots=True)
class Mover:
    """An idea that moved people, with the figures that say why it is here.

    `votes` is its tally at the end of the period, `teams` how many teams this period's votes came from; None while
    teams are not known. `first_of_team` names its author's team when nobody of it had filed an idea for 90 days.
    """

    idea_id: int
    votes_in_period: int
    votes: int
    teams: int | None
    age_days: int
    first_of_team: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The ideas that wait for an answer: how many, for how many it is overdue, and those to be named, in order."""

    total: int = 0
    overdue: int = 0
    idea_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shipped:
    """The ideas that shipped in the period: how many, and those to be named, most votes first."""

    total: int = 0
    idea_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """How long people waited for the first answers of a period, in working days; None while there was none.

    `share_in_time` is the share of answer dates kept, between 0 and 1.
    """

    answers: int = 0
    median_days: float | None = None
    share_in_time: float | None = None


@dataclass(frozen=True, slots=True)
class WeekCount:
    """How many ideas and votes came in the week, or month, that begins on `first_day`."""

    first_day: date
    ideas: int
    votes: int


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many ideas came under a stage (None: under none), and in a mean week of the four before."""

    stage: str | None
    ideas: int
    before: float


@dataclass(frozen=True, slots=True)
class SilentStage:
    """How many of the last digest's questions found no answer under a stage; None: under none."""

    stage: str | None
    ideas: int


@dataclass(frozen=True, slots=True)
class Questions:
    """What became of the ideas for which the channel's last digest asked an answer."""

    asked: int
    answered: int
    silent: tuple[SilentStage, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamShare:
    """How many of a team took part, of how many."""

    name: str
    took_part: int
    size: int


@dataclass(frozen=True, slots=True)
class Breadth:
    """Who took part by team: those of which five people and more did, by their share, and how many teams of others.

    `silent` are the teams of which nobody filed an idea or voted for 90 days. No group of fewer than five is named.
    """

    teams: tuple[TeamShare, ...] = ()
    other_teams: int = 0
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """Everything that a digest of a week says, before it is put into words; in a monthly rhythm, of a month.

    `first_day` and `last_day` are local dates in the digest's time zone, `over_through` the last day that was over.
    `workforce` is None while nobody has counted. `first_time_authors` holds user ids; None stands for an author who is
    not named. `skipped_weeks` names the weeks just before, like `2026-W46`, whose digests were not sent. `stages` are
    the names of those that it tells of; None: all. `weeks` are the last twelve, oldest first. `quiet_idea` deserves an
    answer in a week without ideas. `silent_stages` are the names of those under which nothing came for 90 days. Dates
    are written in `language`, like `de`; None: in English.
    """

    channel_id: str
    week: str
    edition: Edition
    is_late: bool
    first_day: date
    last_day: date
    over_through: date
    numbers: WeekNumbers
    previous: WeekNumbers
    workforce: int | None
    movers: tuple[Mover, ...] = ()
    waiting: Waiting = Waiting()
    shipped: Shipped = Shipped()
    answers: AnswerTimes = AnswerTimes()
    answers_before: AnswerTimes = AnswerTimes()
    weeks: tuple[WeekCount, ...] = ()
    stage_counts: tuple[StageCount, ...] = ()
    first_time_authors: tuple[str | None, ...] = ()
    questions: Questions | None = None
    quiet_idea: int | None = None
    silent_stages: tuple[str, ...] = ()
    breadth: Breadth = Breadth()
    skipped_weeks: tuple[str, ...] = ()
    stages: tuple[str, ...] | None = None
    language: str | None = None

    @property
    def rhythm(self) -> Rhythm:
        """Whether it tells of a week or of a month."""
        return Rhythm.of(self.week)

    @property
    def idea_ids(self) -> tuple[int, ...]:
        """The numbers of all ideas that it names, each once, in order."""
        quiet = () if self.quiet_idea is None else (self.quiet_idea,)
        movers = tuple(mover.idea_id for mover in self.movers)
        return tuple(dict.fromkeys((*movers, *self.waiting.idea_ids, *self.shipped.idea_ids, *quiet)))
