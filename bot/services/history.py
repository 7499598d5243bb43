"""The history of ideas: each change with who made it and why, in the transaction of the change itself."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.services import audit
from db.models import Idea, IdeaChange
from db.queries import idea_key
from db.types import Step


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something to an idea, when, and with which words; `actor_id` is None for what happens by itself."""

    actor_id: str | None
    at: datetime
    text: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


def write(session: Session, idea: Idea, step: Step, ends: tuple[str | None, str | None], act: Act) -> IdeaChange:
    """Add a line to an idea's history, and one to the audit log; `ends` are what was before and what is after."""
    before, after = ends
    change = IdeaChange(
        idea_id=idea.id,
        at=act.at,
        actor_id=act.actor_id,
        step=step,
        before=before,
        after=after,
        text=act.text,
        detail=act.detail,
    )
    session.add(change)
    session.flush()
    detail = {"before": before, "after": after} | act.detail
    audit.record(session, act.at, act.actor_id, f"idea.{step}", idea_key(idea.id), **detail)
    return change
