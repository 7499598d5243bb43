"""Answering ideas: every change of status with its conditions, written down with who made it and why."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.deeds import STATUS_AFTER, Deed, outcomes
from bot.errors import AnsweredMeanwhile, IdeaNotFound, NotNow
from bot.services import history, news
from bot.services.conditions import check_target, check_term, check_words
from bot.services.history import Act
from bot.services.ideas import FilingRules
from bot.services.owners import take_from_gone_owner
from bot.services.rights import condition_of, require
from bot.services.showing import show_idea
from bot.services.votes import hold_voters, join_votes
from db.models import Idea, IdeaChange
from db.queries import IdeaDetails, idea_key
from db.types import Status, Step

_NO_ANSWERS = frozenset({Status.UNDER_REVIEW, Status.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decides about an idea, in words for its author.

    `status` belongs to *Answer* alone; `until` (a day of the company's) and `condition` to parking, `into` (an idea's
    number) to merging. `seen` is the number of the answer that they knew of, 0 for none; None: they replace any.
    """

    deed: Deed
    idea_id: int
    actor_id: str
    at: datetime
    text: str = ""
    status: Status | None = None
    until: date | None = None
    condition: str = ""
    into: int | None = None
    seen: int | None = None


def decide(session: Session, decision: Decision, rules: FilingRules) -> IdeaChange:
    """Carry a decision out, and have everyone concerned told; return the line that it adds to the history.

    Raises NotForYou, NotNow and AnsweredMeanwhile by the database at this moment, and the errors of `check_words` and
    of parking.
    """
    idea = _lock_for(session, decision)
    require(session, decision.deed, idea, decision.actor_id)
    require_seen(idea, decision.seen)
    after = _status_after(session, decision, idea)
    check_words(decision.deed, decision.text)
    act = Act(decision.actor_id, decision.at, decision.text.strip(), _particulars(session, decision, rules))
    return _change(session, idea, after, act, rules)


def require_seen(idea: Idea | IdeaDetails, seen: int | None) -> None:
    """Raise AnsweredMeanwhile when the idea's answer is not the one with this number (0: none; None: any may be)."""
    if seen is not None and seen != (idea.answer_id or 0):
        raise AnsweredMeanwhile(idea_key(idea.id))


def bring_back(session: Session, rules: FilingRules, now: datetime, limit: int = 50) -> int:
    """Have parked ideas whose day has come looked at again; return how many."""
    today = now.astimezone(rules.zone).date()
    is_due = (Idea.parked_until <= today, Idea.status == Status.PARKED)
    due = select(Idea).where(*is_due).order_by(Idea.parked_until, Idea.id).limit(limit).with_for_update()
    ideas = session.scalars(due).all()
    for idea in ideas:
        act = Act(None, now, detail={"gained": _votes_gained(session, idea)})
        _change(session, idea, Status.UNDER_REVIEW, act, rules)
    return len(ideas)


def ask_again(session: Session, idea: Idea, asked_at: datetime, rules: FilingRules, now: datetime) -> IdeaChange:
    """Put an idea back among the waiting, because its author's question after the answer found no reply."""
    _wait_again(session, idea, rules, now)
    detail = {"asked_at": asked_at.isoformat()}
    change = history.write(session, idea, Step.ASKED, (idea.status, idea.status), Act(None, now, detail=detail))
    show_idea(session, idea.id)
    news.announce(session, idea, change)
    return change


def lock_idea(session: Session, idea_id: int) -> Idea:
    """Return an idea for the transaction that changes it, one at a time; raises IdeaNotFound."""
    idea = session.scalar(select(Idea).where(Idea.id == idea_id).with_for_update())
    if idea is None:
        raise IdeaNotFound(idea_key(idea_id))
    return idea


def _status_after(session: Session, decision: Decision, idea: Idea) -> Status:
    if decision.deed != Deed.ANSWER:
        return STATUS_AFTER[decision.deed]
    if decision.status is None or decision.status not in outcomes(condition_of(session, idea)):
        raise NotNow(idea_key(idea.id))
    return decision.status


def _particulars(session: Session, decision: Decision, rules: FilingRules) -> dict[str, object]:
    """Return what a decision says beside its words; raises TermMissing, TermPast or NoSuchTarget."""
    if decision.deed == Deed.PARK:
        check_term(decision.until, decision.condition, decision.at.astimezone(rules.zone).date())
        until = decision.until.isoformat() if decision.until else None
        return {"until": until, "condition": decision.condition.strip() or None}
    if decision.deed == Deed.MERGE:
        check_target(session, decision.idea_id, decision.into)
        return {"into": decision.into}
    return {"deed": decision.deed} if decision.deed in {Deed.JUST_DO_IT, Deed.FINISH} else {}


def _lock_for(session: Session, decision: Decision) -> Idea:
    """Lock what a decision changes, in the order that cannot deadlock: people, then ideas by number."""
    if decision.deed == Deed.MERGE and decision.into:
        hold_voters(session, decision.idea_id)
        if decision.into < decision.idea_id:
            session.scalar(select(Idea.id).where(Idea.id == decision.into).with_for_update())
    return lock_idea(session, decision.idea_id)


def _change(session: Session, idea: Idea, after: Status, act: Act, rules: FilingRules) -> IdeaChange:
    before = Status(idea.status)
    act.detail["votes"] = idea.votes
    if after != before:
        idea.parked_until = idea.parked_condition = None
    idea.status = after
    change = history.write(session, idea, Step.STATUS, (before, after), act)
    if after not in _NO_ANSWERS:
        idea.answer_id, idea.settled_at = change.id, act.at
        if idea.answered_at is None:
            idea.answered_at, idea.is_in_time = act.at, act.at <= idea.answer_due_at
    elif after == Status.UNDER_REVIEW and before != Status.NEW:
        _wait_again(session, idea, rules, act.at)
    _arrive(session, idea, act)
    session.flush()
    show_idea(session, idea.id)
    news.announce(session, idea, change)
    return change


def _votes_gained(session: Session, idea: Idea) -> int:
    """Return how many votes a parked idea has got since it was parked."""
    parked = (IdeaChange.after == Status.PARKED, IdeaChange.before != Status.PARKED)
    newest = select(IdeaChange.detail).where(IdeaChange.idea_id == idea.id, IdeaChange.step == Step.STATUS, *parked)
    detail = session.scalar(newest.order_by(IdeaChange.id.desc()).limit(1)) or {}
    return max(0, idea.votes - int(detail.get("votes", idea.votes)))


def _arrive(session: Session, idea: Idea, act: Act) -> None:
    detail = act.detail
    if "until" in detail:
        idea.parked_until = date.fromisoformat(detail["until"]) if detail["until"] else None
        idea.parked_condition = detail["condition"]
    if "into" in detail:
        idea.merged_into = detail["into"]
        join_votes(session, idea.id, detail["into"], act.at)
    if detail.get("deed") == Deed.JUST_DO_IT:
        idea.maker_id = idea.author_id


def _wait_again(session: Session, idea: Idea, rules: FilingRules, now: datetime) -> None:
    idea.settled_at = None
    idea.answer_due_at = rules.answer_due_at(now)
    take_from_gone_owner(session, idea, now)  # While it did not wait, nobody looked whether its owner is still there.
