"""What the workspace says of people decides whether their votes count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.services.votes import resettle_people
from db.models import Person
from db.session import upsert
from db.types import Standing

_SLACKBOT = "USLACKBOT"
_ZONE_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Known:
    """What the workspace says of a person: what they are, and in which time zone they live."""

    standing: Standing
    timezone: str | None = None


def known_of(user: Mapping[str, Any], team_id: str, enterprise_id: str | None) -> Known:
    """Return what a user object of Slack's says of a person; a deactivated one has no time zone any more."""
    zone = user.get("tz")
    is_zone = isinstance(zone, str) and 0 < len(zone) <= _ZONE_LIMIT
    return Known(standing_of(user, team_id, enterprise_id), zone if is_zone else None)


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


def news_of(session: Session, people: Mapping[str, Known]) -> dict[str, Known]:
    """Return those of these people of whom the database does not know it yet."""
    columns = (Person.user_id, Person.standing, Person.timezone)
    rows = session.execute(select(*columns).where(Person.user_id.in_(people.keys())))
    known = {row.user_id: Known(Standing(row.standing), row.timezone) for row in rows}
    return {user_id: person for user_id, person in people.items() if known.get(user_id) != person}


def find_person(session: Session, user_id: str) -> Known:
    """Return what is known of a person; of one never met, nothing."""
    row = session.execute(select(Person.standing, Person.timezone).where(Person.user_id == user_id)).one_or_none()
    return Known(Standing(row.standing), row.timezone) if row else Known(Standing.UNKNOWN)


def learn_people(session: Session, people: Mapping[str, Known], now: datetime) -> None:
    """Write down what people are and where they live, and let their votes count accordingly."""
    if not people:
        return
    rows = [
        {"user_id": user_id, "standing": person.standing, "timezone": person.timezone, "checked_at": now}
        for user_id, person in sorted(people.items())
    ]
    statement = upsert(session, Person, rows)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id"],
            set_={name: statement.excluded[name] for name in ("standing", "timezone", "checked_at")},
        )
    )
    resettle_people(session, people.keys(), now)


def count_members(session: Session) -> int:
    """Return how many people of the company are known."""
    return session.scalar(select(func.count()).where(Person.standing == Standing.MEMBER)) or 0


def _is_ours(user: Mapping[str, Any], team_id: str, enterprise_id: str | None) -> bool:
    enterprise_user = user.get("enterprise_user") or {}
    if enterprise_id and enterprise_user.get("enterprise_id") == enterprise_id:
        return True
    return bool(user.get("team_id", team_id) == team_id)
