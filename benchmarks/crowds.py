"""What takes minutes by Slack's own limits: a card that a thousand vote for, and a thousand who are told."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from benchmarks.bars import Outcome, Rounds, at_most, no_more
from benchmarks.load import Vote, Writer, pace
from benchmarks.places import bot, eventually, workspace
from benchmarks.votes import file_ideas, meet
from bot.pace import Pace
from db.models import Idea
from db.session import open_database
from sandbox.rates import POSTS_PER_MINUTE
from tests.crowds.voters import tell
from tests.databases import migrated
from tests.faults.processes import free_port

CROWD = 1_000
MOST_UPDATES, MOST_SECONDS = 21, 5
_MINUTE = 60


def measure_card(database: str) -> Iterator[Outcome]:
    """Yield how often Slack was called, and how late the last vote stood on the card, for 1,000 votes in a minute."""
    port = free_port()
    with migrated(database) as url, workspace(port) as place:
        sessions = open_database(url, is_patient=True)
        people = meet(sessions, CROWD)
        with bot(place, url, port):
            (card,) = file_ideas(place, 1)
            writer = Writer(place)
            pace(port, [writer.added(Vote(user_id, card)) for user_id in people], CROWD / _MINUTE)
            late = eventually(lambda: f"{CROWD} votes" in str(place.cards()[0]), step=0.1)
            calls = place.ask("/traffic")["entries"]
            with sessions.reading() as session:
                tally = session.scalar(select(Idea.votes)) or 0
        sessions.dispose()
    updates = sum(call["name"] == "chat.update" for call in calls)
    yield no_more("chat.update for 1,000 votes in a minute", database, updates, MOST_UPDATES, "calls")
    yield no_more("right tally after the last vote", database, round(late, 1), MOST_SECONDS, "s")
    yield no_more("votes missing in that tally", database, CROWD - tally, 0, "votes")


def measure_notices(database: str) -> Iterator[Outcome]:
    """Yield how long 1,000 people are told, beside what Slack's rate alone takes, and how often Slack said no."""
    with TemporaryDirectory(prefix="cxidea-bench-") as folder, migrated(database) as url:
        report = tell(url, Path(folder), CROWD, Pace())
    ideal = CROWD / POSTS_PER_MINUTE * _MINUTE
    yield at_most("1,000 notices, against Slack's rate", database, Rounds([report.seconds], [ideal], "s"), 1.1)
    yield no_more("refused as too much, after the first", database, max(0, report.limited - 1), 0, "calls")
