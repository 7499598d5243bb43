"""Whole votes, durable before their acknowledgement, beside a bare Bolt app's acknowledgements."""

import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice, product

from sqlalchemy import func, insert, select

from benchmarks.bars import Outcome, Rounds, at_least, at_most, no_more
from benchmarks.load import Request, Vote, Writer, flood, pace
from benchmarks.places import Process, Workspace, bare_app, bot, eventually, resident_megabytes, workspace
from db.models import OutboxMessage, Person
from db.models import Vote as VoteRow
from db.session import Sessions, open_database
from db.types import Standing
from tests.bot import GUARD
from tests.databases import migrated
from tests.faults.processes import free_port

LEAST = {"SQLite": 0.30, "PostgreSQL": 0.20}
_IDEAS, _FEW_IDEAS, _PEOPLE = 26, 8, 1_200
_ROUNDS, _A_ROUND = 5, 600
_STEADY, _PER_SECOND, _STEADY_ROUNDS = 600, 100, 5
_SETTLED, _MANY = 2_000, 20_000
_EVERY = 20
_P99 = 98
_MOST_MILLISECONDS = 250
_IMPORTS = (
    "import bot.runtime, bot.settings, bot.logs, time, pathlib; print(pathlib.Path('/proc/self/status').read_text())"
)


@dataclass
class Stand:
    """A bot and a bare app that take the same votes."""

    place: Workspace
    subject: Process
    floor: Process
    sessions: Sessions
    writer: Writer
    votes: Iterator[Vote]
    acknowledged: int = 0
    missing: list[Vote] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def requests(self, count: int) -> list[Request]:
        """Return so many votes that nobody has cast yet."""
        return [self.writer.added(vote) for vote in islice(self.votes, count)]

    def flood(self, count: int) -> float:
        """Have so many votes taken as fast as it goes; look for some in the database when they are acknowledged."""
        return flood(self.subject.port, self.requests(count), self._check)

    def pace(self, count: int) -> list[float]:
        """Have so many votes taken at a steady pace; return after how many milliseconds each was acknowledged."""
        times = pace(self.subject.port, self.requests(count), _PER_SECOND)
        self.acknowledged += count
        return times

    def _check(self, request: Request) -> None:
        with self._lock:
            self.acknowledged += 1
            is_looked_for = self.acknowledged % _EVERY == 0
        if is_looked_for and not self._is_there(request.vote):
            self.missing.append(request.vote)

    def _is_there(self, vote: Vote) -> bool:
        of_card = select(OutboxMessage.idea_id).where(OutboxMessage.message_ts == vote.card_ts)
        mine = VoteRow.user_id == vote.user_id, VoteRow.idea_id.in_(of_card), VoteRow.counts
        cast = select(func.count()).select_from(VoteRow).where(*mine)
        with self.sessions.reading() as session:
            return bool(session.scalar(cast))

    def counted(self) -> int:
        """Return how many votes the database has."""
        with self.sessions.reading() as session:
            return session.scalar(select(func.count()).select_from(VoteRow).where(VoteRow.counts)) or 0


@contextmanager
def stand(database: str, ideas: int = _IDEAS, crowd: int = _PEOPLE) -> Iterator[Stand]:
    """Yield a bot with some ideas and a crowd of known people, who can cast a vote on each, and the bare app."""
    port = free_port()
    with migrated(database) as url, workspace(port) as place:
        sessions = open_database(url, is_patient=True)
        people = meet(sessions, crowd)
        with bot(place, url, port) as subject, bare_app(place.info["signing_secret"]) as floor:
            cards = file_ideas(place, ideas)
            votes = (Vote(user_id, card) for user_id, card in product(people, cards))
            yield Stand(place, subject, floor, sessions, Writer(place), votes)
        sessions.dispose()


def meet(sessions: Sessions, count: int) -> list[str]:
    """Let the bot know so many members; return who they are."""
    people = [f"U0BENCH{number:05}" for number in range(count)]
    with sessions.begin() as session:
        session.execute(insert(Person), [{"user_id": each, "standing": Standing.MEMBER} for each in people])
    return people


def file_ideas(place: Workspace, count: int) -> list[str]:
    """File so many ideas; return where their cards stand, of which Slack takes one in a second."""
    for number in range(count):
        place.act(GUARD, "command", text=f"Idea number {number} for shorter waits", channel="C0GENERAL1")
    eventually(lambda: len(place.cards()) == count, 60 + 2 * count, 0.2)
    return [str(card["ts"]) for card in place.cards()]


def measure(database: str, *, is_quick: bool) -> Iterator[Outcome]:
    """Yield what was found of throughput, of the slowest in a hundred, of what was lost, and of memory."""
    with stand(database, _FEW_IDEAS if is_quick else _IDEAS) as here:
        flood(here.floor.port, here.requests(200))
        here.flood(200 if is_quick else _SETTLED)
        settled = here.subject.memory
        yield from _throughput(here, database, 3 if is_quick else _ROUNDS)
        yield from _latency(here, database, 1 if is_quick else _STEADY_ROUNDS)
        if not is_quick:
            yield from _memory(here, database, settled)
        lost = here.acknowledged - here.counted()
        yield no_more("acknowledged and not committed", database, max(lost, len(here.missing)), 0, "votes")


def _throughput(here: Stand, database: str, rounds: int) -> Iterator[Outcome]:
    figures, floors = list[float](), list[float]()
    for _ in range(rounds):
        floors.append(flood(here.floor.port, here.requests(2 * _A_ROUND)))
        figures.append(here.flood(_A_ROUND))
    yield at_least("whole votes, 16 in flight", database, Rounds(figures, floors, "/s"), LEAST[database])


def _latency(here: Stand, database: str, rounds: int) -> Iterator[Outcome]:
    figures, floors = list[float](), list[float]()
    here.pace(_STEADY)  # What the floods have left behind is cleared away.
    for _ in range(rounds):
        floors.append(_p99(pace(here.floor.port, here.requests(_STEADY), _PER_SECOND)))
        figures.append(_p99(here.pace(_STEADY)))
    yield at_most("p99 of the ack, 100 a second", database, Rounds(figures, floors), 3)
    yield no_more("p99 of the ack in any case", database, round(max(figures), 1), _MOST_MILLISECONDS, "ms")


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[_P99]


def _memory(here: Stand, database: str, settled: float) -> Iterator[Outcome]:
    here.flood(_MANY - here.acknowledged)
    after = here.subject.memory
    yield at_most("memory after 20,000 events, 2,000", database, Rounds([after], [settled], "MB"), 1.1)
    yield at_most("memory, against its imports", database, Rounds([after], [_imports()], "MB"), 1.5)


def _imports() -> float:
    done = subprocess.run([sys.executable, "-c", _IMPORTS], capture_output=True, text=True, check=True)
    return resident_megabytes(done.stdout)
