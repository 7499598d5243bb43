"""The tally as a state machine: whatever Slack delivers, loses or repeats, a repair makes it the set of voters."""

import itertools
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import func, select, update

from bot import clock
from bot.payloads import Reaction
from bot.services import people, repairs, votes
from bot.services.people import Known
from bot.services.reactions import record_reactions
from bot.services.repairs import Card, Listed
from bot.vote_emoji import VoteEmoji
from db.base import Base
from db.models import Idea, OutboxMessage, Person, Vote
from db.session import open_database
from db.types import MessageKind, Standing
from tests.effort import examples

AUTHOR = "UAUTHOR"
USERS = [AUTHOR, "UANN", "UBEN", "UCAT", "UDAN"]
EMOJI = ["+1", "+1::skin-tone-3", "thumbsup", "heart", "eyes"]
PLACE = ("CIDEAS", "1000.000001")
VOTES = VoteEmoji(["+1", "heart"])

users, emoji = st.sampled_from(USERS), st.sampled_from(EMOJI)


class Voting(RuleBasedStateMachine):
    """One idea, its people, and a Slack that is no more careful than it must be."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.sessions = open_database(f"sqlite:///{Path(self.folder.name) / 'votes.db'}")
        Base.metadata.create_all(self.sessions.engine)
        self.ticks = itertools.count(1_000_000, 1_000_000)
        self.on_card: set[tuple[str, str]] = set()
        self.buttons: set[str] = set()
        self.standings: dict[str, Standing] = {}
        self.events: list[Reaction] = []
        self.is_known = self.is_repaired = False
        with self.sessions.begin() as session:
            now = clock.now()
            idea = Idea(title="T", search_text="t", author_id=AUTHOR, created_at=now, answer_due_at=now)
            session.add(idea)
            session.flush()
            row = {"key": "card:1", "kind": MessageKind.CARD, "priority": 1, "idea_id": 1, "channel_id": PLACE[0]}
            session.add(OutboxMessage(**row, post_key="k", not_before=now, created_at=now))

    def teardown(self) -> None:
        """Repair, compare with the model, and clean up."""
        self.card_becomes_known()
        self.repair()
        self.tally_is_the_set_of_voters()
        self.sessions.dispose()
        self.folder.cleanup()

    def _react(self, user: str, name: str, *, is_on: bool) -> None:
        if ((user, name) in self.on_card) == is_on:
            return
        (self.on_card.add if is_on else self.on_card.remove)((user, name))
        self.events.append(Reaction(*PLACE, user, name, next(self.ticks), is_on))
        self.is_repaired = False

    @rule(user=users, name=emoji)
    def somebody_reacts(self, user: str, name: str) -> None:
        """A reaction goes on at Slack; its event is under way."""
        self._react(user, name, is_on=True)

    @rule(user=users, name=emoji)
    def somebody_takes_it_off(self, user: str, name: str) -> None:
        """A reaction comes off at Slack; its event is under way."""
        self._react(user, name, is_on=False)

    @precondition(lambda self: self.events)
    @rule(choice=st.randoms(use_true_random=False))
    def events_arrive(self, choice: random.Random) -> None:
        """Any events under way are delivered together, in any order, maybe not for the last time."""
        arrived = choice.choices(self.events, k=choice.randint(1, 5))
        with self.sessions.begin() as session:
            record_reactions(session, arrived, VOTES)

    @precondition(lambda self: self.events)
    @rule(choice=st.randoms(use_true_random=False))
    def an_event_is_lost(self, choice: random.Random) -> None:
        """Any event under way is never delivered again."""
        self.events.remove(choice.choice(self.events))

    @rule(user=users)
    def somebody_presses_vote(self, user: str) -> None:
        """A vote by button counts for whoever may vote as far as is known."""
        may = user != AUTHOR and self.standings.get(user, Standing.UNKNOWN).may_vote
        with self.sessions.begin() as session:
            answer = votes.cast_vote(session, 1, user, clock.now())
        assert (answer.note == "vote_counted") == may
        if may:
            self.buttons.add(user)

    @rule(user=users)
    def somebody_takes_the_button_back(self, user: str) -> None:
        """A vote by button is taken back."""
        with self.sessions.begin() as session:
            votes.take_vote_back(session, 1, user, VOTES, clock.now())
        self.buttons.discard(user)

    @rule(user=users, standing=st.sampled_from([standing for standing in Standing if standing != Standing.UNKNOWN]))
    def slack_says_what_somebody_is(self, user: str, standing: Standing) -> None:
        """A person turns out to be something, or something else than before."""
        with self.sessions.begin() as session:
            people.learn_people(session, {user: Known(standing)}, clock.now())
        self.standings[user] = standing

    @rule()
    def card_becomes_known(self) -> None:
        """The bot hears where its card stands."""
        if self.is_known:
            return
        self.is_known = True
        with self.sessions.begin() as session:
            session.execute(update(OutboxMessage).values(message_ts=PLACE[1]))
            votes.recount_card(session, 1, PLACE, VOTES, clock.now())

    @precondition(lambda self: self.is_known)
    @rule()
    def repair(self) -> None:
        """The card is compared with Slack; events from before it may still come."""
        listed = {
            name: Listed(frozenset(user for user, each in self.on_card if each == name), 0)
            for name in {name for _, name in self.on_card}
        }
        listed = {name: Listed(each.user_ids, len(each.user_ids)) for name, each in listed.items()}
        with self.sessions.begin() as session:
            card = Card(1, *PLACE)
            repairs.repair_card(session, card, listed, next(self.ticks), VOTES)
        self.is_repaired = True

    @invariant()
    def the_tally_is_its_rows(self) -> None:
        """The number on the idea is how many rows count; nobody counts who must not."""
        with self.sessions.reading() as session:
            counting = set(session.scalars(select(Vote.user_id).where(Vote.counts)))
            assert session.scalar(select(Idea.votes)) == len(counting)
            assert AUTHOR not in counting
            unmet = select(func.count()).where(Vote.user_id.not_in(select(Person.user_id)))
            assert session.scalar(unmet) == 0

    @invariant()
    def tally_is_the_set_of_voters(self) -> None:
        """After a repair, and until Slack's next change, the voters are the model's."""
        if not self.is_repaired:
            return
        supporters = {user for user, name in self.on_card if VOTES.is_vote(name)} | self.buttons
        expected = {user for user in supporters - {AUTHOR} if self.standings.get(user, Standing.UNKNOWN).may_vote}
        with self.sessions.reading() as session:
            assert set(session.scalars(select(Vote.user_id).where(Vote.counts))) == expected


TestVoting: Any = Voting.TestCase
TestVoting.settings = settings(
    max_examples=examples(30), stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
