"""Who may do what, by the database, at the moment of the action."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session

from bot.deeds import Condition, Deed, Standpoint, permitted, possible
from bot.errors import NotForYou, NotNow
from db.home_queries import Whose
from db.models import Idea, Person, RoleMember, Stage
from db.queries import IdeaDetails, idea_key
from db.session import upsert
from db.types import Standing, Status, waits_for_answer


class Role(StrEnum):
    """What a setting may name people for; owners are the members of user groups that own stages."""

    LEADER = "leader"
    ADMIN = "admin"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with their roles, by the database at one moment; nobody who has left the company has any.

    A guest may take back what they filed, and no more. `whose` are the ideas that are theirs to answer: by their own
    id, by their user groups, and as a stage's deputy.
    """

    user_id: str
    is_active: bool = False
    is_guest: bool = False
    is_leader: bool = False
    is_admin: bool = False
    owns_stage: bool = False
    whose: Whose = field(default_factory=Whose)

    def standpoint(self, idea: Idea | IdeaDetails) -> Standpoint:
        """Return what the person is to an idea."""
        if not self.is_active:
            return Standpoint(is_author=self.is_guest and idea.author_id == self.user_id)
        return Standpoint(
            is_leader=self.is_leader,
            is_owner=idea.owner_id in self.whose.owners or idea.stage in self.whose.stages,
            is_author=idea.author_id == self.user_id,
            is_maker=idea.maker_id == self.user_id,
        )

    def deeds(self, idea: IdeaDetails, gone: Collection[str]) -> frozenset[Deed]:
        """Return what the person can do with an idea; `gone` are those who left, like its author perhaps."""
        return permitted(self.standpoint(idea)) & _possible(idea, gone)


def require(session: Session, deed: Deed, idea: Idea | IdeaDetails, user_id: str) -> None:
    """Raise NotForYou or NotNow unless this person may do this to the idea at this moment."""
    if deed not in permitted(viewer_of(session, user_id).standpoint(idea)):
        raise NotForYou(deed, idea_key(idea.id))
    if deed not in possible(condition_of(session, idea)):
        raise NotNow(idea_key(idea.id))


def deeds_of(session: Session, idea: Idea | IdeaDetails, user_id: str) -> frozenset[Deed]:
    """Return what a person can do with an idea at this moment: what they are offered."""
    deeds = permitted(viewer_of(session, user_id).standpoint(idea))
    return deeds & possible(condition_of(session, idea)) if deeds else deeds


def deeds_with_each(session: Session, ideas: Collection[IdeaDetails], user_id: str) -> dict[int, frozenset[Deed]]:
    """Return `deeds_of` for each of these ideas, by number, in four statements however many they are."""
    viewer = viewer_of(session, user_id)
    gone = gone_among(session, {idea.author_id for idea in ideas if idea.author_id})
    return {idea.id: viewer.deeds(idea, gone) for idea in ideas}


def deeds_by_anybody(session: Session, ideas: Collection[IdeaDetails]) -> dict[int, frozenset[Deed]]:
    """Return what can be done with each of these ideas, by number, by somebody with the right to."""
    gone = gone_among(session, {idea.author_id for idea in ideas if idea.author_id})
    return {idea.id: _possible(idea, gone) for idea in ideas}


def _possible(idea: IdeaDetails, gone: Collection[str]) -> frozenset[Deed]:
    waits = waits_for_answer(idea.status, idea.settled_at)
    has_author = idea.author_id is not None and idea.author_id not in gone
    return possible(Condition(idea.status, waits=waits, has_author=has_author))


def condition_of(session: Session, idea: Idea | IdeaDetails) -> Condition:
    """Return what of an idea decides what can be done with it."""
    status = Status(idea.status)
    waits = waits_for_answer(status, idea.settled_at)
    has_author = idea.author_id is not None and is_active_person(session, idea.author_id)
    return Condition(status, waits=waits, has_author=has_author)


def viewer_of(session: Session, user_id: str) -> Viewer:
    """Return a person with all that they are, in three statements."""
    standing = _standing_of(session, user_id)
    if not standing.may_vote:
        return Viewer(user_id, is_guest=standing is Standing.GUEST)
    roles = session.execute(select(RoleMember.role, RoleMember.source).where(RoleMember.user_id == user_id)).all()
    names = frozenset({user_id, *(row.source for row in roles)})
    theirs = or_(Stage.owner_id.in_(names), Stage.deputy_id.in_(names))
    stages = session.execute(select(Stage.key, Stage.deputy_id).where(theirs)).all()
    deputised = frozenset(row.key for row in stages if row.deputy_id in names)
    held = {row.role for row in roles}
    return Viewer(
        user_id,
        is_active=True,
        is_leader=Role.LEADER in held,
        is_admin=Role.ADMIN in held,
        owns_stage=bool(stages),
        whose=Whose(names, deputised),
    )


def gone_among(session: Session, user_ids: Collection[str]) -> frozenset[str]:
    """Return those of these people who are not of the company, or not any more."""
    standings = session.execute(select(Person.user_id, Person.standing).where(Person.user_id.in_(user_ids)))
    return frozenset(user_id for user_id, standing in standings if not Standing(standing).may_vote)


def is_active_person(session: Session, user_id: str) -> bool:
    """Return whether somebody is of the company, as far as is known; those who left it are not."""
    return _standing_of(session, user_id).may_vote


def has_role(session: Session, role: Role, user_id: str) -> bool:
    """Return whether a person is named for a role, and is still of the company."""
    named = session.scalar(_roles_of(user_id).where(RoleMember.role == role).limit(1))
    return named is not None and is_active_person(session, user_id)


def people_of(session: Session, owner_id: str) -> list[str]:
    """Return the person with this id, or the members of this user group."""
    if not owner_id.startswith("S"):
        return [owner_id]
    members = select(RoleMember.user_id).where(RoleMember.source == owner_id).distinct().order_by(RoleMember.user_id)
    return list(session.scalars(members))


def _standing_of(session: Session, user_id: str) -> Standing:
    standing = session.scalar(select(Person.standing).where(Person.user_id == user_id))
    return Standing(standing) if standing else Standing.UNKNOWN


def _roles_of(user_id: str) -> Select[RoleMember]:
    return select(RoleMember).where(RoleMember.user_id == user_id)


def may_see_digest(session: Session, user_id: str) -> bool:
    """Return whether a person may preview and post digests: leaders and admins may."""
    return has_role(session, Role.LEADER, user_id) or has_role(session, Role.ADMIN, user_id)


def members_of(session: Session, role: Role) -> list[str]:
    """Return the people in a role, each once."""
    people = select(RoleMember.user_id).where(RoleMember.role == role).distinct().order_by(RoleMember.user_id)
    return list(session.scalars(people))


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
