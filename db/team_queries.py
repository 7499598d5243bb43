"""Reads of who takes part by team; what they cost depends on the period, and on the teams that were silent in it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from db.counted import voted_between
from db.digest_queries import Stages, participants
from db.models import Idea, Person, Vote
from db.types import Standing, Status

_IS_MEMBER = Person.standing == Standing.MEMBER


def members_by_team(session: Session) -> list[tuple[str | None, int, int]]:
    """Return the teams, and None for people without one: how many people each has, and how many have been asked."""
    counted = select(Person.team, func.count(), func.count(Person.team_checked_at)).where(_IS_MEMBER)
    return [(team, members, asked) for team, members, asked in session.execute(counted.group_by(Person.team))]


def took_part(session: Session, start: datetime, end: datetime, stages: Stages = None) -> dict[str, int]:
    """Return how many people of each team filed an idea or voted between two moments; others are left out."""
    people = participants(start, end, stages).subquery()
    by_team = select(Person.team, func.count()).join(people, people.c.user_id == Person.user_id)
    named = by_team.where(_IS_MEMBER, Person.team.is_not(None)).group_by(Person.team)
    return {str(team): people for team, people in session.execute(named)}


def heard_since(session: Session, teams: Collection[str], since: datetime) -> set[str]:
    """Return those of these teams of which somebody has filed an idea or voted since a moment."""
    voted = select(Vote.user_id).where(Vote.user_id == Person.user_id, voted_between(since)).exists()
    filed = select(Idea.id).where(Idea.author_id == Person.user_id, Idea.created_at >= since).exists()
    heard = select(Person.team).where(Person.team.in_(teams), or_(voted, filed)).distinct()
    return {str(team) for team in session.scalars(heard)}


def teams_of_authors(session: Session, idea_ids: Collection[int]) -> dict[int, tuple[str, datetime]]:
    """Return by idea its author's team and when it was filed; ideas of people without a known team are left out."""
    named = select(Idea.id, Person.team, Idea.created_at).join(Person, Person.user_id == Idea.author_id)
    rows = session.execute(named.where(Idea.id.in_(idea_ids), Person.team.is_not(None)))
    return {idea_id: (str(team), created_at) for idea_id, team, created_at in rows}


def has_filed(session: Session, team: str, since: datetime, until: datetime) -> bool:
    """Return whether somebody of a team filed an idea between two moments."""
    author = aliased(Person)
    filed = select(Idea.id).join(author, author.user_id == Idea.author_id).where(author.team == team)
    within = filed.where(Idea.created_at >= since, Idea.created_at < until, Idea.status != Status.WITHDRAWN)
    return session.scalar(within.limit(1)) is not None
