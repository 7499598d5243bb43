"""Which team people are of: what a field of their profiles says, if the company names one."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from db.models import Person, Workspace
from db.types import Standing

FRESH = timedelta(days=30)
"""After so long a profile is read again."""


def is_followed(session: Session, field: str | None) -> bool:
    """Return whether the teams known are those of this field, or no workspace is known that could have any."""
    known = session.execute(select(Workspace.team_field).limit(1)).one_or_none()
    return known is None or known[0] == field


def follow(session: Session, field: str | None) -> None:
    """Forget what another field said, and take teams from this one from now on; None: nobody has a team."""
    session.execute(update(Workspace).values(team_field=field))
    told = or_(Person.team.is_not(None), Person.team_checked_at.is_not(None))
    session.execute(update(Person).where(told).values(team=None, team_checked_at=None))


def people_to_ask(session: Session, now: datetime, limit: int) -> list[str]:
    """Return members whose profile is to be read: those first whose never was, then those of 30 days ago and more."""
    members = select(Person.user_id).where(Person.standing == Standing.MEMBER)
    new = list(session.scalars(members.where(Person.team_checked_at.is_(None)).limit(limit)))
    stale = members.where(Person.team_checked_at < now - FRESH).order_by(Person.team_checked_at)
    return new + list(session.scalars(stale.limit(limit - len(new))))


def learn_teams(session: Session, field: str, teams: Mapping[str, str | None], now: datetime) -> None:
    """Write down which team each of these people is of (None: of none); nothing when another field is named by now."""
    if not teams or not is_followed(session, field):
        return
    statement = update(Person.__table__).where(Person.user_id == bindparam("person"))  # type: ignore[arg-type]
    rows = [{"person": user_id, "name": team, "at": now} for user_id, team in sorted(teams.items())]
    session.connection().execute(statement.values(team=bindparam("name"), team_checked_at=bindparam("at")), rows)
