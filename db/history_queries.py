"""Reads of what happened to ideas, and of the stages that they can be handed to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import IdeaChange, Stage
from db.types import Step


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change of an idea: who made it, when, from what to what, and why; nobody did what happened by itself."""

    at: datetime
    actor_id: str | None
    step: Step
    before: str | None
    after: str | None
    text: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """The newest changes of an idea, oldest first, and how many came before these."""

    lines: tuple[HistoryLine, ...] = ()
    earlier: int = 0


def idea_history(session: Session, idea_id: int, limit: int) -> History:
    """Return the newest changes of an idea, `limit` at most."""
    of_idea = IdeaChange.idea_id == idea_id
    newest = session.scalars(select(IdeaChange).where(of_idea).order_by(IdeaChange.id.desc()).limit(limit)).all()
    total = session.scalar(select(func.count()).select_from(IdeaChange).where(of_idea)) or 0
    return History(tuple(map(_line, reversed(newest))), total - len(newest))


def active_stages(session: Session) -> dict[str, str]:
    """Return the names of the stages that ideas can be filed under, by key, in the company's order."""
    stages = select(Stage.key, Stage.name).where(Stage.is_active).order_by(Stage.position, Stage.key)
    return {stage.key: stage.name for stage in session.execute(stages)}


def _line(change: IdeaChange) -> HistoryLine:
    return HistoryLine(
        change.at, change.actor_id, Step(change.step), change.before, change.after, change.text, change.detail
    )
