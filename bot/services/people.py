"""What the workspace says of people decides whether their votes count."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.services.votes import resettle_people
from db.models import Person
from db.session import upsert
from db.types import Standing

_SLACKBOT = "USLACKBOT"


def standing_of(user: Mapping[str, Any], team_id: str, enterprise_id: str | None) -> Standing:
    """Return what a user object of Slack's says a person is (https://docs.slack.dev/reference/objects/user-object)."""
    if user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == _SLACKBOT:
        return Standing.BOT
    if user.get("deleted"):
        return Standing.DEACTIVATED
    if user.get("is_stranger") or not _is_ours(user, team_id, enterprise_id):
        return Standing.EXTERNAL
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER


def unknown_people(session: Session, limit: int) -> list[str]:
    """Return people who voted and of whom nothing is known yet."""
    unknown = select(Person.user_id).where(Person.standing == Standing.UNKNOWN).limit(limit)
    return list(session.scalars(unknown))


def changed_standings(session: Session, standings: Mapping[str, Standing]) -> dict[str, Standing]:
    """Return those of these standings that the database does not have yet."""
    known_here = select(Person.user_id, Person.standing).where(Person.user_id.in_(standings.keys()))
    known = dict(session.execute(known_here).all())
    return {user_id: standing for user_id, standing in standings.items() if known.get(user_id) != standing}


def learn_standings(session: Session, standings: Mapping[str, Standing], now: datetime) -> None:
    """Write down what people are, and let their votes count accordingly."""
    if not standings:
        return
    rows = [
        {"user_id": user_id, "standing": standing, "checked_at": now} for user_id, standing in sorted(standings.items())
    ]
    statement = upsert(session, Person, rows)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id"],
            set_={"standing": statement.excluded.standing, "checked_at": statement.excluded.checked_at},
        )
    )
    resettle_people(session, standings.keys(), now)


def count_members(session: Session) -> int:
    """Return how many people of the company are known."""
    return session.scalar(select(func.count()).where(Person.standing == Standing.MEMBER)) or 0


def _is_ours(user: Mapping[str, Any], team_id: str, enterprise_id: str | None) -> bool:
    enterprise_user = user.get("enterprise_user") or {}
    if enterprise_id and enterprise_user.get("enterprise_id") == enterprise_id:
        return True
    return bool(user.get("team_id", team_id) == team_id)
