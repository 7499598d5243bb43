"""How broadly the company takes part, by team; groups of fewer than five people are never told of."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import team_queries as teams
from db.digest_queries import Stages, has_older
from db.digests import Breadth, Mover, TeamShare

SMALLEST_GROUP = 5
"""Of fewer people one could guess who did what."""

SILENCE = timedelta(days=90)
_ASKED_ENOUGH = 0.9
"""Below this share of profiles read, sizes of teams are not what they seem."""


def team_sizes(session: Session) -> dict[str, int]:
    """Return the sizes of the teams that are large enough to be told of; none before enough profiles have been read."""
    counted = teams.members_by_team(session)
    members, asked = sum(people for _, people, _ in counted), sum(known for _, _, known in counted)
    if not members or asked / members < _ASKED_ENOUGH:
        return {}
    return {team: people for team, people, _ in counted if team is not None and people >= SMALLEST_GROUP}


def read_breadth(session: Session, sizes: Mapping[str, int], start: datetime, end: datetime, stages: Stages) -> Breadth:
    """Return who of these teams took part between two moments, and of which of them nobody has for 90 days.

    Who hears of some stages alone does not hear which teams are silent.
    """
    if not sizes:
        return Breadth()
    active = {team: people for team, people in teams.took_part(session, start, end, stages).items() if team in sizes}
    shares = [TeamShare(team, people, sizes[team]) for team, people in active.items() if people >= SMALLEST_GROUP]
    shares.sort(key=lambda share: (-share.took_part / share.size, share.name))
    silent = () if stages is not None else _silent(session, sizes.keys() - active.keys(), end)
    return Breadth(tuple(shares), len(active) - len(shares), silent)


def name_first_of_teams(session: Session, sizes: Mapping[str, int], movers: Collection[Mover]) -> tuple[Mover, ...]:
    """Return the movers, those marked that are the first idea in 90 days of their author's team, if it is of these."""
    if not sizes or not movers:
        return tuple(movers)
    authors = teams.teams_of_authors(session, [mover.idea_id for mover in movers])

    def first_of(mover: Mover) -> str | None:
        team, filed_at = authors.get(mover.idea_id, ("", None))
        if filed_at is None or team not in sizes or not has_older(session, filed_at - SILENCE):
            return None
        return None if teams.has_filed(session, team, filed_at - SILENCE, filed_at) else team

    return tuple(replace(mover, first_of_team=first_of(mover)) for mover in movers)


def _silent(session: Session, candidates: Collection[str], end: datetime) -> tuple[str, ...]:
    if not candidates or not has_older(session, end - SILENCE):
        return ()
    return tuple(sorted(set(candidates) - teams.heard_since(session, candidates, end - SILENCE)))
