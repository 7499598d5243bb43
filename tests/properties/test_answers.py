"""Answering as a state machine: whatever people do, in whatever order, ideas keep their answers and their owners."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from bot.deeds import Deed
from bot.errors import BotError
from bot.services import answers, owners, people, votes
from bot.services.ideas import FilingRules, choose_stage
from bot.services.people import Known
from db.models import Idea, IdeaChange, Person, RoleMember, Vote
from db.types import Standing, Status
from tests.answering import (
    AUTHOR,
    DEPUTY,
    FORMS,
    FROM_TO,
    GROUP,
    LEADER,
    MAKER,
    MEMBER,
    OPEN,
    OWNER,
    PEOPLE,
    POSSIBLE_IN,
    REASON,
    Desk,
    in_days,
)
from tests.effort import examples

IDEAS = 3
RULES = FilingRules("CIDEAS", 5, ZoneInfo("UTC"))
ideas, users = st.integers(1, IDEAS), st.sampled_from([LEADER, OWNER, LEADER, DEPUTY, AUTHOR, MAKER, "UVOTER", "UGONE"])
texts = st.sampled_from([REASON, "Yes.", REASON, "", "x" * 2001])
FIELDS: dict[Deed, dict[str, st.SearchStrategy[Any]]] = {
    Deed.ANSWER: {"outcome": st.sampled_from(Status)},
    Deed.PARK: {
        "until": st.sampled_from([in_days(10), None, in_days(-1), in_days(800)]),
        "condition": st.sampled_from(["", "It is signed", "x" * 201]),
    },
    Deed.MERGE: {"into": st.sampled_from(["CX-1", "2", "cx3", "4", "none"])},
    Deed.ROUTE: {
        "person": st.sampled_from([None, "UANYBODY", "UGUEST", MEMBER]),
        "stage": st.sampled_from([None, "use", "buy", "nowhere"]),
    },
}
ANSWERED = {Status.PLANNED, Status.IN_PROGRESS, Status.SHIPPED}
NO_ANSWERS = {Status.UNDER_REVIEW, Status.WITHDRAWN}


class Answering(RuleBasedStateMachine):
    """Three ideas, and everybody who may or may not do something with them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.told: dict[int, tuple[Any, ...]] = {}
        desk.start_again(IDEAS)

    @rule(data=st.data(), user=users, deed=st.sampled_from(Deed), idea_id=ideas)
    def somebody_does_something(self, data: st.DataObject, user: str, deed: Deed, idea_id: int) -> None:
        """A press or a form adds its one line to the history, or is refused in words and changes nothing."""
        fields = {"text": data.draw(texts)} if deed in FORMS else {}
        fields |= {name: data.draw(values, label=name) for name, values in FIELDS.get(deed, {}).items()}
        self._do(user, deed, idea_id, fields)

    @rule(data=st.data(), idea_id=ideas)
    def the_right_one_does_what_can_be_done(self, data: st.DataObject, idea_id: int) -> None:
        """Whoever may do something that the idea's status allows does it, and says it well."""
        idea = self.desk.idea(idea_id)
        can = sorted(deed for deed, statuses in POSSIBLE_IN.items() if idea.status in statuses)
        if idea.settled_at is None and idea.status not in {Status.NEW, Status.UNDER_REVIEW}:
            can += [Deed.ANSWER, Deed.SPONSOR, Deed.ROUTE]
        if not can:
            return
        deed = data.draw(st.sampled_from(can), label="deed")
        user = {Deed.WITHDRAW: AUTHOR, Deed.FINISH: idea.maker_id}.get(deed, LEADER)
        outcomes = sorted(FROM_TO[Status(idea.status)] & ANSWERED | {Status(idea.status)})
        fields: dict[str, Any] = {}
        if deed is Deed.ANSWER:
            fields["outcome"] = data.draw(st.sampled_from(outcomes), label="outcome")
        if deed is Deed.MERGE:
            fields["into"] = data.draw(st.sampled_from(["1", "2", "3"]), label="into")
        if deed is Deed.ROUTE:
            stage = data.draw(st.sampled_from(["use", "use", "buy", None]), label="stage")
            fields |= {"stage": stage, "person": None if stage else OWNER}
        self._do(str(user), deed, idea_id, fields)

    def _do(self, user: str, deed: Deed, idea_id: int, fields: dict[str, Any]) -> None:
        before = self.desk.dump()
        answered = self.desk.do(user, deed, idea_id, **fields)
        assert answered.status == 200
        if answered.refusal:
            assert self.desk.dump() == before
        else:
            told = {row[0] for row in before["idea_changes"]}
            assert [row.actor_id for row in self.desk.history(idea_id) if row.id not in told and row.actor_id] == [user]

    @rule(days=st.sampled_from([0, 5, 11]))
    def time_passes(self, days: int) -> None:
        """The nightly round brings back what was parked until then."""
        now = datetime.now(UTC) + timedelta(days=days)
        with self.desk.sessions.begin() as session:
            answers.bring_back(session, RULES, now)
        with self.desk.sessions.begin() as session:
            assert not session.scalar(select(Idea.id).where(Idea.parked_until <= now.date()))

    def its_author_asks_again(self, idea_id: int) -> None:
        """A question after an answer found no reply."""
        with self.desk.sessions.begin() as session:
            idea = answers.lock_idea(session, idea_id)
            if idea.settled_at and idea.status not in {Status.MERGED, Status.WITHDRAWN}:
                answers.ask_again(session, idea, idea.settled_at, RULES, datetime.now(UTC))

    @rule()
    def what_was_asked_is_answered_as_it_stands(self) -> None:
        """Authors ask after their answers, and a leader answers each without changing what becomes of the idea."""
        for number in range(1, IDEAS + 1):
            self.its_author_asks_again(number)
            idea = self.desk.idea(number)
            if idea.settled_at is None and idea.status not in {Status.NEW, Status.UNDER_REVIEW, Status.WITHDRAWN}:
                self._do(LEADER, Deed.ANSWER, number, {"outcome": idea.status})

    @rule(user=st.sampled_from([LEADER, OWNER, DEPUTY, AUTHOR, "UANYBODY", MEMBER]))
    def somebody_leaves(self, user: str) -> None:
        """The company deactivates somebody, and the nightly round gives their ideas to others."""
        self._learn(user, Standing.DEACTIVATED)

    @rule(user=st.sampled_from([LEADER, OWNER, DEPUTY, AUTHOR, "UANYBODY", MEMBER]))
    def somebody_is_back(self, user: str) -> None:
        """Somebody who had left is there again."""
        self._learn(user, Standing.MEMBER)

    def _learn(self, user: str, standing: Standing) -> None:
        with self.desk.sessions.begin() as session:
            people.learn_people(session, {user: Known(standing)}, datetime.now(UTC))
            owners.take_from_the_gone(session, datetime.now(UTC))

    @rule(idea_id=ideas, stage=st.sampled_from(["use", "buy", "nowhere"]))
    def its_author_chooses_a_stage(self, idea_id: int, stage: str) -> None:
        """The author files the idea elsewhere, as long as it may be changed."""
        before = self.desk.dump()
        try:
            with self.desk.sessions.begin() as session:
                choose_stage(session, idea_id, AUTHOR, stage)
        except BotError:
            assert self.desk.dump() == before

    @rule(idea_id=ideas, user=st.sampled_from(["UVOTER", "UANYBODY", LEADER, AUTHOR]))
    def somebody_votes(self, idea_id: int, user: str) -> None:
        """A vote by button."""
        with self.desk.sessions.begin() as session:
            votes.cast_vote(session, idea_id, user, datetime.now(UTC))

    @invariant()
    def no_answer_is_lost(self) -> None:
        """What was said stays as it was said, and each idea knows its newest answer."""
        with self.desk.sessions.reading() as session:
            rows = list(session.scalars(select(IdeaChange).order_by(IdeaChange.id)))
            ideas = list(session.scalars(select(Idea)))
        lines = {row.id: (row.idea_id, row.actor_id, row.before, row.after, row.text, str(row.detail)) for row in rows}
        assert lines.items() >= self.told.items()
        self.told = lines
        for idea in ideas:
            given = [r for r in rows if r.idea_id == idea.id and r.step == "status" and r.after not in NO_ANSWERS]
            assert idea.answer_id == (given[-1].id if given else None)
            assert idea.answered_at == (given[0].at if given else None)

    @invariant()
    def every_status_has_its_conditions(self) -> None:
        """Each change is one that the product allows, with the words that it needs; the idea is as the last left it."""
        for number in range(1, IDEAS + 1):
            idea, status = self.desk.idea(number), Status.NEW
            for row in (each for each in self.desk.history(number) if each.step == "status"):
                assert row.before == status
                status = Status(str(row.after))
                check_change(row, status)
            assert idea.status == status
            term = (idea.parked_until, idea.parked_condition)
            assert (term != (None, None)) == (status is Status.PARKED)
            assert (idea.merged_into is not None) == (status is Status.MERGED)
            assert idea.merged_into != idea.id
            if idea.answer_id is None and status not in {Status.WITHDRAWN, Status.MERGED}:
                assert idea.settled_at is None

    @invariant()
    def every_open_idea_is_somebodys(self) -> None:
        """An idea that is open or waits is with all leaders, or with somebody who is there."""
        for number in range(1, IDEAS + 1):
            idea = self.desk.idea(number)
            if (idea.status in OPEN or idea.settled_at is None) and idea.owner_id is not None:
                assert self._is_there(idea.owner_id)

    def _is_there(self, owner_id: str) -> bool:
        with self.desk.sessions.reading() as session:
            members = select(RoleMember.user_id).where(RoleMember.source == owner_id)
            who = list(session.scalars(members)) if owner_id == GROUP else [owner_id]
            there = select(func.count()).where(Person.user_id.in_(who), Person.standing == "member")
            return bool(session.scalar(there))

    @invariant()
    def tallies_are_sets_of_voters(self) -> None:
        """Merging, too, leaves each tally the number of people whose votes count."""
        with self.desk.sessions.reading() as session:
            for number in range(1, IDEAS + 1):
                counting = select(func.count()).where(Vote.idea_id == number, Vote.counts)
                assert session.scalar(counting) == session.get_one(Idea, number).votes


def check_change(row: IdeaChange, status: Status) -> None:
    """Assert that one change of status is allowed, and says what it must."""
    if row.before == row.after:
        assert row.text
        return
    assert status in FROM_TO[Status(str(row.before))]
    assert row.text or status in NO_ANSWERS
    assert len(row.text) <= 2000
    if status is Status.DECLINED:
        assert len(row.text) >= 40
    if status is Status.PARKED:
        until = row.detail["until"]
        assert row.detail["condition"] or until
        assert until is None or date.fromisoformat(until) > row.at.date()
    assert row.actor_id is None or PEOPLE[row.actor_id] is Standing.MEMBER


@pytest.mark.timeout(600)
def test_no_sequence_of_deeds_breaks_the_rules(desk: Desk) -> None:
    """No sequence of actions reaches a status without its conditions, loses an answer, or leaves an idea to nobody."""

    class Here(Answering):
        def __init__(self) -> None:
            super().__init__(desk)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples(25),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )
