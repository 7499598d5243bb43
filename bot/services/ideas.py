"""Filing an idea, adding to it, and taking it back."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import inbox, outbox
from bot.catalog import IdeaText
from bot.errors import IdeaClosed, IdeaNotFound, MalformedPayload, NotYourIdea, TouchpointUnknown, UndoTooLate
from bot.services import history
from bot.services.audit import record
from bot.services.calendar import answer_due_at
from bot.services.history import Act
from bot.services.owners import follow_stage, owner_of_stage
from bot.services.showing import show_idea
from db.models import Idea, Touchpoint
from db.queries import idea_key, search_text
from db.types import Status, Step

UNDO_WINDOW = timedelta(minutes=10)
_CHANGEABLE = frozenset({Status.NEW, Status.UNDER_REVIEW})


@dataclass(frozen=True, slots=True)
class FilingRules:
    """Where cards go, and when answers are due."""

    ideas_channel: str
    answer_days: int
    zone: tzinfo
    holidays: str | None = None

    def answer_due_at(self, begin: datetime) -> datetime:
        """Return when an idea that begins to wait at this moment is due to be answered."""
        return answer_due_at(begin, self.answer_days, self.zone, self.holidays)


@dataclass(frozen=True, slots=True)
class Filing:
    """One request to file an idea; the same key is the same request."""

    request_key: str
    author_id: str
    text: IdeaText
    at: datetime


def submit_idea(session: Session, filing: Filing, rules: FilingRules) -> int:
    """File an idea and have its card posted; return its number, the same one when the request comes again.

    Raises StageUnknown and TouchpointUnknown for what is not on the company's lists any more.
    """
    if not inbox.is_new(session, filing.request_key, filing.at):
        return filed_before(session, filing.request_key)
    _require_touchpoint(session, filing.text.touchpoint)
    idea = Idea(
        **asdict(filing.text),
        search_text=search_text(filing.text.title, filing.text.description),
        author_id=filing.author_id,
        created_at=filing.at,
        answer_due_at=rules.answer_due_at(filing.at),
        owner_id=owner_of_stage(session, filing.text.stage),
    )
    session.add(idea)
    session.flush()
    inbox.remember_idea(session, filing.request_key, idea.id)
    outbox.enqueue_card(session, idea.id, rules.ideas_channel, filing.at)
    record(session, filing.at, filing.author_id, "idea.submitted", idea_key(idea.id))
    return idea.id


def filed_before(session: Session, request_key: str) -> int:
    """Return the number of the idea that this request led to when it came first."""
    idea_id = inbox.idea_of(session, request_key)
    if idea_id is None:
        raise MalformedPayload("a request's key was used for something else")
    return idea_id


def edit_idea(session: Session, idea_id: int, user_id: str, text: IdeaText, now: datetime) -> None:
    """Give an idea its author's new words."""
    idea = _changeable_idea(session, idea_id, user_id)
    changes = {name: value for name, value in asdict(text).items() if getattr(idea, name) != value}
    if not changes:
        return
    if "touchpoint" in changes:
        _require_touchpoint(session, text.touchpoint)
    before = idea.stage
    for name, value in changes.items():
        setattr(idea, name, value)
    follow_stage(session, idea, before)
    idea.search_text = search_text(text.title, text.description)
    idea.edited_at = now
    session.flush()
    show_idea(session, idea_id)
    record(session, now, user_id, "idea.edited", idea_key(idea_id), fields=sorted(changes))


def choose_stage(session: Session, idea_id: int, user_id: str, stage: str) -> None:
    """File the idea under the stage of the customer's journey that its author chose."""
    idea = _changeable_idea(session, idea_id, user_id)
    if idea.stage != stage:
        before, idea.stage = idea.stage, stage
        follow_stage(session, idea, before)
        session.flush()
        show_idea(session, idea_id)


def undo_idea(session: Session, idea_id: int, user_id: str, now: datetime) -> None:
    """Withdraw an idea that its author filed less than ten minutes ago."""
    idea = _own_idea(session, idea_id, user_id)
    if idea.status == Status.WITHDRAWN:
        return
    if idea.status != Status.NEW or now >= idea.created_at + UNDO_WINDOW:
        raise UndoTooLate(idea_key(idea_id))
    ends = (idea.status, Status.WITHDRAWN)
    idea.status = Status.WITHDRAWN
    history.write(session, idea, Step.STATUS, ends, Act(user_id, now))
    show_idea(session, idea_id)


def require_changeable(session: Session, idea_id: int, user_id: str) -> None:
    """Raise IdeaNotFound, NotYourIdea or IdeaClosed unless this person may change the idea now."""
    _changeable_idea(session, idea_id, user_id)


def _require_touchpoint(session: Session, touchpoint: str | None) -> None:
    if touchpoint is None:
        return
    if session.scalar(select(Touchpoint.key).where(Touchpoint.key == touchpoint, Touchpoint.is_active)) is None:
        raise TouchpointUnknown


def _changeable_idea(session: Session, idea_id: int, user_id: str) -> Idea:
    idea = _own_idea(session, idea_id, user_id)
    if idea.status not in _CHANGEABLE:
        raise IdeaClosed(idea_key(idea_id))
    return idea


def _own_idea(session: Session, idea_id: int, user_id: str) -> Idea:
    idea = session.scalar(select(Idea).where(Idea.id == idea_id).with_for_update())
    if idea is None:
        raise IdeaNotFound(idea_key(idea_id))
    if idea.author_id != user_id:
        raise NotYourIdea(idea_key(idea_id))
    return idea
