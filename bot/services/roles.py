"""The people in each role, written down as the settings and the stages' owners name them."""

from collections.abc import Iterable, Mapping

from sqlalchemy import and_, or_, select, text
from sqlalchemy.orm import Session

from bot.services.rights import Role, is_active_person, members_by_source, name_members
from db.models import Idea, Person, RoleMember, Stage
from db.types import OPEN_STATUSES, Standing

Sources = Mapping[Role, Iterable[str]]
"""By role, the people and user groups that the settings name."""

_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('settings', 0))")


def hold_settings(session: Session) -> None:
    """Let one transaction at a time change settings and roles; SQLite's write lock does that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_HOLD)


def is_group(source: str) -> bool:
    """Return whether an id is a user group's."""
    return source.startswith("S")


def owning_groups(session: Session) -> list[str]:
    """Return the user groups that own a stage, or an idea that is not done with."""
    stages = select(Stage.owner_id).where(Stage.owner_id.startswith("S"))
    matters = or_(Idea.status.in_(OPEN_STATUSES), Idea.settled_at.is_(None))
    is_owned_by_one = and_(Idea.owner_id >= "S", Idea.owner_id < "T")  # LIKE would go through all ideas.
    ideas = select(Idea.owner_id).where(is_owned_by_one, matters)
    return sorted(str(group_id) for group_id in session.scalars(stages.union(ideas)))


def name_everyone(session: Session, named: Sources, learned: Mapping[str, Iterable[str]]) -> None:
    """Make these the people in each role; `learned` has the members of user groups that were read.

    Of other groups those last learned stay. Call `hold_settings` before the sources are read.
    """
    known = _known_members(session)
    for role, sources in {**named, Role.OWNER: owning_groups(session)}.items():
        people = {
            source: sorted(learned.get(source, known.get(source, ()))) if is_group(source) else [source]
            for source in sources
        }
        before = {source: sorted(members) for source, members in members_by_source(session, role).items()}
        if before != {source: members for source, members in people.items() if members}:
            name_members(session, role, people)


def groups_of(session: Session, named: Sources) -> list[str]:
    """Return all user groups on whose members a right depends."""
    groups = {source for sources in named.values() for source in sources if is_group(source)}
    return sorted(groups.union(owning_groups(session)))


def _known_members(session: Session) -> dict[str, set[str]]:
    """Return the members of each user group that were last learned, for whatever role."""
    known: dict[str, set[str]] = {}
    for row in session.scalars(select(RoleMember).where(RoleMember.source.startswith("S"))):
        known.setdefault(row.source, set()).add(row.user_id)
    return known


def are_colleagues(session: Session, user_ids: Iterable[str]) -> bool:
    """Return whether none of these people is known to be a guest, a bot, of another company, or gone."""
    return all(is_active_person(session, user_id) for user_id in user_ids)


def surely_there(session: Session, sources: Iterable[str], *, certain: str) -> list[str]:
    """Return the people whom these ids and groups name and who are known to be of the company; `certain` is known."""
    known = _known_members(session)
    people = {person for source in sources for person in (known.get(source, ()) if is_group(source) else (source,))}
    members = select(Person.user_id).where(Person.user_id.in_(people), Person.standing == Standing.MEMBER)
    return sorted({*session.scalars(members), *(people & {certain})})
