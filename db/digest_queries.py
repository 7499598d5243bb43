"""Reads for the weekly digest; what they cost depends on the week, not on the history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal, or_, select, text, true, union_all
from sqlalchemy.orm import Session, aliased

from db.counted import voted_between
from db.digest_models import DigestChannel, DigestItem, DigestRun
from db.digests import Shipped, Waiting
from db.models import WAITS, Idea, IdeaChange, Person, Stage, Vote
from db.queries import WeekNumbers
from db.types import VOTABLE_STATUSES, Edition, Status, Step

Stages = Sequence[str] | None
"""The stages that a digest tells of, by key; None: all, and ideas under none."""


@dataclass(slots=True)
class Backing:
    """An idea with the votes that it got between two moments: by team, and from people whose team is not known."""

    idea_id: int
    created_at: datetime
    tally: int
    by_team: list[int] = field(default_factory=list)
    others: int = 0

    @property
    def votes(self) -> int:
        """All of them together."""
        return sum(self.by_team) + self.others


@dataclass(frozen=True, slots=True)
class Scope:
    """The stages that a channel's digest tells of, by key and by name (None: all), and the language of its dates."""

    stages: Stages = None
    names: tuple[str, ...] | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ShownBefore:
    """When a channel's digest last said that an idea moved people, and the idea's votes then."""

    requested_at: datetime
    votes: int


def week_numbers(session: Session, start: datetime, end: datetime, stages: Stages = None) -> WeekNumbers:
    """Return how many ideas and votes came, and from how many people, between two moments."""
    ideas, votes = ideas_filed(session, start, end, stages), votes_cast(session, start, end, stages)
    people = participants(start, end, stages).subquery()
    counted = select(func.count(), func.sum(people.c.filed), func.sum(people.c.voted)).select_from(people)
    everybody, authors, voters = session.execute(counted).one()
    return WeekNumbers(ideas, votes, everybody, int(authors or 0), int(voters or 0))


def participants(start: datetime, end: datetime, stages: Stages = None) -> Select[Any]:
    """Return the query for who took part between two moments: `user_id`, and as 1 or 0 whether they `filed`, `voted`.

    Authors who are not named are left out.
    """
    filed, voted = literal(1), literal(0)
    authors = select(Idea.author_id.label("user_id"), filed.label("filed"), voted.label("voted"))
    ideas = _ideas_voted_on(start, end)
    # PostgreSQL takes them for many and dear; apart, they do not keep it from counting people the quick way.
    apart = select(ideas.c.idea_id).where(_is_votable(ideas.c.idea_id, stages)).cte("votable")
    votable = select(apart.prefix_with("MATERIALIZED", dialect="postgresql").c.idea_id)
    voters = select(Vote.user_id, voted, filed).where(Vote.idea_id.in_(votable))
    acts = union_all(
        authors.where(_filed(start, end, stages), Idea.author_id.is_not(None)),
        voters.where(voted_between(start, end)),
    ).subquery()
    summed = select(acts.c.user_id, func.max(acts.c.filed).label("filed"), func.max(acts.c.voted).label("voted"))
    return summed.group_by(acts.c.user_id)


def backed_ideas(session: Session, start: datetime, end: datetime, stages: Stages = None) -> dict[int, Backing]:
    """Return the ideas that got votes between two moments, by number."""
    voted = _ideas_voted_on(start, end)
    of_idea = (
        select(column).where(Idea.id == voted.c.idea_id).scalar_subquery() for column in (Idea.created_at, Idea.votes)
    )
    ideas = select(voted.c.idea_id, *of_idea).where(_is_votable(voted.c.idea_id, stages))
    found = {row[0]: Backing(*row) for row in session.execute(ideas)}
    by_team = (
        select(Vote.idea_id, Person.team.is_not(None).label("is_known"), func.count().label("votes"))
        .outerjoin(Person, Person.user_id == Vote.user_id)
        .where(voted_between(start, end))
        .group_by(Vote.idea_id, Person.team)
        .subquery()
    )
    # Teams that gave an idea equally many votes make one row: most gave one, and 50,000 rows cost more than counting.
    alike = by_team.c.idea_id, by_team.c.is_known, by_team.c.votes
    for idea_id, is_known, votes, teams in session.execute(select(*alike, func.count()).group_by(*alike)):
        backing = found.get(idea_id)
        if backing is not None and is_known:
            backing.by_team.extend([votes] * teams)
        elif backing is not None:
            backing.others = votes
    return found


def shown_before(session: Session, channel_id: str, since: str, week: str) -> dict[int, ShownBefore]:
    """Return the ideas that moved people by a channel's digests from the week `since` to the one before `week`."""
    rows = session.execute(
        select(DigestItem.idea_id, DigestRun.requested_at, DigestItem.votes)
        .join(DigestRun, DigestRun.id == DigestItem.run_id)
        .where(*regular_before(channel_id, week), DigestRun.week >= since, DigestItem.is_mover)
        .order_by(DigestRun.week)
    )
    return {idea_id: ShownBefore(requested_at, votes) for idea_id, requested_at, votes in rows}


def newest_steps(session: Session, idea_ids: Collection[int]) -> dict[int, datetime]:
    """Return when the status of these ideas last changed; those whose never did are left out."""
    rows = session.execute(
        select(IdeaChange.idea_id, func.max(IdeaChange.at))
        .where(IdeaChange.idea_id.in_(idea_ids), IdeaChange.step == Step.STATUS)
        .group_by(IdeaChange.idea_id)
    )
    return dict(rows.all())


def ideas_by_stage(
    session: Session, start: datetime, end: datetime, stages: Stages = None
) -> list[tuple[str | None, int]]:
    """Return how many ideas were filed under each stage between two moments, in the company's order; None: under none.

    Stages are named as they are called now.
    """
    rows = session.execute(
        select(Stage.name, func.count())
        .select_from(Idea)
        .outerjoin(Stage, Stage.key == Idea.stage)
        .where(_filed(start, end, stages))
        .group_by(Stage.key, Stage.name, Stage.position)
        .order_by(Stage.key.is_(None), Stage.position)
    )
    return [(name, count) for name, count in rows]


def first_time_authors(
    session: Session, start: datetime, end: datetime, stages: Stages = None
) -> tuple[str | None, ...]:
    """Return who filed their first idea ever between two moments, in that order; None: an author not named."""
    earlier = aliased(Idea)
    had_one = select(earlier.id).where(
        earlier.author_id == Idea.author_id, earlier.created_at < start, earlier.status != Status.WITHDRAWN
    )
    rows = session.execute(
        select(Idea.author_id)
        .where(_filed(start, end, stages), Idea.author_id.is_not(None), ~had_one.exists())
        .group_by(Idea.author_id)
        .order_by(func.min(Idea.id))
    )
    return tuple(rows.scalars())


def waiting(
    session: Session, moment: datetime, limit: int, stages: Stages = None, named: Collection[int] = ()
) -> Waiting:
    """Return what waited for an answer at a moment: those whose date passes first, at most `limit` of them.

    Ideas that are `named` elsewhere are counted, and listed only when their date has passed.
    """
    waits = (text(WAITS), Idea.created_at < moment, under(stages))
    late = Idea.answer_due_at < moment
    total, overdue = session.execute(
        select(func.count(), func.count().filter(late)).select_from(Idea).where(*waits)
    ).one()
    listed = select(Idea.id).where(*waits, or_(late, Idea.id.not_in(named)))
    ids = session.scalars(listed.order_by(Idea.answer_due_at, Idea.id).limit(limit))
    return Waiting(total, overdue, tuple(ids))


def shipped(session: Session, start: datetime, end: datetime, limit: int, stages: Stages = None) -> Shipped:
    """Return what shipped between two moments, the most wanted first, at most `limit` of them."""
    change = select(IdeaChange.idea_id).where(
        IdeaChange.at >= start, IdeaChange.at < end, IdeaChange.step == Step.STATUS, IdeaChange.after == Status.SHIPPED
    )
    done = (Idea.id.in_(change), Idea.status == Status.SHIPPED, under(stages))
    total = session.scalar(select(func.count()).select_from(Idea).where(*done)) or 0
    ids = session.scalars(select(Idea.id).where(*done).order_by(Idea.votes.desc(), Idea.id).limit(limit))
    return Shipped(total, tuple(ids))


def votes_cast(session: Session, start: datetime, end: datetime, stages: Stages = None) -> int:
    """Return how many votes came between two moments."""
    ideas = _ideas_voted_on(start, end)
    summed = select(func.sum(ideas.c.votes)).where(_is_votable(ideas.c.idea_id, stages))
    return int(session.scalar(summed) or 0)


def ideas_filed(session: Session, start: datetime, end: datetime, stages: Stages = None) -> int:
    """Return how many ideas came between two moments, without those taken back."""
    return session.scalar(select(func.count()).select_from(Idea).where(_filed(start, end, stages))) or 0


def silent_stages(session: Session, since: datetime, end: datetime, stages: Stages = None) -> tuple[str, ...]:
    """Return the names of the active stages under which no idea came between two moments, in the company's order.

    While there is no older idea than that, nobody can be called silent.
    """
    if not has_older(session, since):
        return ()
    heard = select(Idea.stage).where(_filed(since, end, None), Idea.stage.is_not(None))
    silent = select(Stage.name).where(Stage.is_active, Stage.key.not_in(heard))
    chosen = silent if stages is None else silent.where(Stage.key.in_(stages))
    return tuple(session.scalars(chosen.order_by(Stage.position)))


def asked_by(session: Session, channel_id: str, week: str) -> list[tuple[str | None, bool]]:
    """Return what a channel's last digest before a week asked: each idea's stage, and whether it still waits."""
    last = (
        select(DigestRun.id)
        .where(*regular_before(channel_id, week), DigestRun.facts.is_not(None))
        .order_by(DigestRun.week.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Stage.name, and_(text(WAITS)))
        .select_from(Idea)
        .join(DigestItem, DigestItem.idea_id == Idea.id)
        .outerjoin(Stage, Stage.key == Idea.stage)
        .where(DigestItem.run_id == last, DigestItem.is_question)
        .order_by(Stage.position, Idea.id)
    )
    return [(stage, bool(waits)) for stage, waits in rows]


def scope_of_channel(session: Session, channel_id: str) -> Scope:
    """Return what a channel's digest tells of."""
    columns = select(DigestChannel.stages, DigestChannel.language).where(DigestChannel.channel_id == channel_id)
    keys, language = session.execute(columns).one_or_none() or (None, None)
    if keys is None:
        return Scope(language=language)
    rows = session.execute(select(Stage.key, Stage.name).where(Stage.key.in_(keys)).order_by(Stage.position)).all()
    return Scope([row.key for row in rows], tuple(row.name for row in rows), language)


def regular_before(channel_id: str, week: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a run is a channel's regular digest of an earlier week, or for a month, month."""
    rhythm = DigestRun.week.like(f"%-{week[5]}%")
    return DigestRun.channel_id == channel_id, DigestRun.edition == Edition.REGULAR, DigestRun.week < week, rhythm


def under(stages: Stages) -> ColumnElement[bool]:
    """Return the condition that an idea is under one of these stages."""
    return true() if stages is None else Idea.stage.in_(stages)


def has_older(session: Session, moment: datetime) -> bool:
    """Return whether there is an idea from before a moment."""
    older = select(Idea.id).where(Idea.created_at < moment).order_by(Idea.created_at).limit(1)
    return session.scalar(older) is not None


def _filed(start: datetime, end: datetime, stages: Stages) -> ColumnElement[bool]:
    return and_(Idea.created_at >= start, Idea.created_at < end, Idea.status != Status.WITHDRAWN, under(stages))


def _ideas_voted_on(start: datetime, end: datetime) -> Subquery:
    """Return the ideas, as `idea_id`, that got votes between two moments, and how many `votes`."""
    counted = select(Vote.idea_id, func.count().label("votes")).where(voted_between(start, end))
    return counted.group_by(Vote.idea_id).subquery()


def _is_votable(idea_id: ColumnElement[int], stages: Stages) -> ColumnElement[bool]:
    """Return the condition that an idea takes votes, and is of these stages.

    Each idea is looked up by its number: PostgreSQL, which takes a week's ideas for many more than they are, would read
    through all ideas there are for a join or EXISTS. And it expects that most pass, as they do.
    """
    votable = select(Idea.id).where(Idea.id == idea_id, Idea.status.in_(VOTABLE_STATUSES), under(stages))
    return votable.scalar_subquery().is_not(None)
