"""Who may do what, by the database, at the moment of the action."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import RoleMember
from db.session import upsert


class Role(StrEnum):
    """What a setting may name people for."""

    LEADER = "leader"
    ADMIN = "admin"


def may_see_digest(session: Session, user_id: str) -> bool:
    """Return whether a person may preview and post digests: leaders and admins may."""
    return bool(session.scalar(select(RoleMember.role).where(RoleMember.user_id == user_id).limit(1)))


def name_members(session: Session, role: Role, members: Mapping[str, Iterable[str]]) -> None:
    """Make these the people in a role, by source: a user id named in the settings, or a user group.

    A source that is not among these loses its people.
    """
    session.execute(delete(RoleMember).where(RoleMember.role == role))
    rows = [
        {"role": role, "user_id": user_id, "source": source}
        for source, user_ids in members.items()
        for user_id in set(user_ids)
    ]
    if rows:
        session.execute(upsert(session, RoleMember, rows).on_conflict_do_nothing())


def members_by_source(session: Session, role: Role) -> dict[str, list[str]]:
    """Return the people in a role by the setting or user group that names them."""
    members: dict[str, list[str]] = {}
    for row in session.scalars(select(RoleMember).where(RoleMember.role == role)):
        members.setdefault(row.source, []).append(row.user_id)
    return members
