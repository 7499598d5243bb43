"""Whose an idea is to answer: the owner of its stage, until a leader sponsors it or somebody hands it on."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from bot.deeds import Deed
from bot.errors import NoSuchOwner, OwnIdea, StageUnknown
from bot.services import history, news
from bot.services.conditions import check_words
from bot.services.history import Act
from bot.services.rights import is_active_person, people_of, require
from bot.services.showing import show_idea
from db.models import Idea, IdeaChange, Stage
from db.types import OPEN_STATUSES, Step


@dataclass(frozen=True, slots=True)
class Route:
    """A request to hand an idea on: to a person, or to a stage and with it to that stage's owner."""

    idea_id: int
    actor_id: str
    reason: str
    at: datetime
    person_id: str | None = None
    stage: str | None = None


def owner_of_stage(session: Session, stage: str | None) -> str | None:
    """Return who answers a stage's ideas: its owner, the deputy of one who has left, or None: all leaders.

    Raises StageUnknown for a stage that is not on the list.
    """
    if stage is None:
        return None
    people = select(Stage.owner_id, Stage.deputy_id).where(Stage.key == stage, Stage.is_active)
    row = session.execute(people).one_or_none()
    if row is None:
        raise StageUnknown
    return next((owner_id for owner_id in row if owner_id and _is_there(session, owner_id)), None)


def follow_stage(session: Session, idea: Idea, before: str | None) -> None:
    """Give an idea whose author chose another stage to that stage's owner, unless it was taken over or handed on."""
    if idea.stage == before:
        return  # Also when the stage was taken off the list meanwhile: the idea stays where it is.
    owner_id = owner_of_stage(session, idea.stage)
    is_moved = session.scalar(
        select(IdeaChange.id).where(IdeaChange.idea_id == idea.id, IdeaChange.step == Step.OWNER).limit(1)
    )
    if is_moved is None:
        idea.owner_id = owner_id


def sponsor(session: Session, idea: Idea, user_id: str, now: datetime) -> IdeaChange:
    """Make a leader the owner of an idea."""
    require(session, Deed.SPONSOR, idea, user_id)
    return _give(session, idea, user_id, Act(user_id, now, detail={"how": "sponsored"}))


def route(session: Session, idea: Idea, request: Route) -> IdeaChange:
    """Hand an idea on, with a reason; its answer date stays. A stage without an owner is with all leaders.

    Raises NotForYou, NotNow, ReasonMissing, AnswerTooLong, NoSuchOwner, OwnIdea and StageUnknown.
    """
    require(session, Deed.ROUTE, idea, request.actor_id)
    check_words(Deed.ROUTE, request.reason)
    act = Act(request.actor_id, request.at, request.reason.strip(), {"how": "routed"})
    if (request.person_id is None) == (request.stage is None):
        raise NoSuchOwner
    if request.stage is not None:
        owner_id = owner_of_stage(session, request.stage)
        act.detail["stage"] = idea.stage = request.stage
        return _give(session, idea, owner_id, act)
    if not is_active_person(session, str(request.person_id)):
        raise NoSuchOwner
    if request.person_id == idea.author_id:
        raise OwnIdea
    return _give(session, idea, request.person_id, act)


def take_from_the_gone(session: Session, now: datetime) -> int:
    """Give the open ideas of people who have left to their stage's deputy, or to all leaders; return how many."""
    owners = session.scalars(select(Idea.owner_id).where(Idea.owner_id.is_not(None)).distinct()).all()
    gone = [owner_id for owner_id in owners if owner_id and not _is_there(session, owner_id)]
    return sum(take_from_gone_owner(session, idea, now) for idea in session.scalars(_owned_by(gone)).all())


def take_from_gone_owner(session: Session, idea: Idea, now: datetime) -> bool:
    """Give an idea whose owner has left to its stage's deputy, or to all leaders; tell whether that was so."""
    if idea.owner_id is None or _is_there(session, idea.owner_id):
        return False
    deputy_id = session.scalar(select(Stage.deputy_id).where(Stage.key == idea.stage))
    is_there = deputy_id is not None and _is_there(session, deputy_id)
    _give(session, idea, deputy_id if is_there else None, Act(None, now, detail={"how": "owner left"}))
    return True


def _is_there(session: Session, owner_id: str) -> bool:
    return any(is_active_person(session, user_id) for user_id in people_of(session, owner_id))


def _owned_by(people: Collection[str]) -> Select[Idea]:
    matters = or_(Idea.status.in_(OPEN_STATUSES), Idea.settled_at.is_(None))
    return select(Idea).where(Idea.owner_id.in_(people), matters).order_by(Idea.id).with_for_update()


def _give(session: Session, idea: Idea, owner_id: str | None, act: Act) -> IdeaChange:
    before, idea.owner_id = idea.owner_id, owner_id
    change = history.write(session, idea, Step.OWNER, (before, owner_id), act)
    show_idea(session, idea.id)
    news.announce(session, idea, change)
    return change
