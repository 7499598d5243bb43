"""A database restored from a backup knows nothing of what was posted since; what Slack shows tells."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot import outbox
from bot.services.digests import DigestRequest, request_digest
from db.digest_models import DigestRun
from db.models import Idea, OutboxMessage
from db.numbers import newest_idea, raise_idea_number
from db.types import Edition

SPARE_NUMBERS = 100
"""Ideas taken back at once, and those whose card never came, have left no trace: their numbers are passed over."""

_CARD = re.compile(r"card:(\d+)")
_DIGEST = re.compile(r"digest:(\w+):(\d{4}-W\d\d)(:so-far)?")


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of ours that stands in Slack: the outbox row that it showed, and where it is."""

    row: str
    post_key: str
    channel_id: str
    message_ts: str

    @property
    def idea_id(self) -> int | None:
        """The number of the idea whose card it is; None for other messages."""
        card = _CARD.fullmatch(self.row)
        return int(card[1]) if card else None

    def digest(self, timezone: str) -> DigestRequest | None:
        """Return which digest it is; None for other messages."""
        digest = _DIGEST.fullmatch(self.row)
        edition = Edition.SO_FAR if digest and digest[3] else Edition.REGULAR
        return DigestRequest(digest[1], digest[2], edition, timezone) if digest else None


@dataclass(frozen=True, slots=True)
class Settled:
    """What was put right: messages to be looked for, digests found, cards whose ideas are lost, the next number."""

    doubtful: int
    digests: tuple[DigestRequest, ...]
    lost: tuple[Posted, ...]
    next_idea: int


def newest_moment(session: Session) -> datetime | None:
    """Return when the last thing happened that this database knows of."""
    moments = [
        session.scalar(select(func.max(column)))
        for column in (Idea.created_at, OutboxMessage.created_at, DigestRun.requested_at)
    ]
    return max((moment for moment in moments if moment), default=None)


def settle(session: Session, found: Collection[Posted], timezone: str, now: datetime) -> Settled:
    """Make a restored database agree with what was found in Slack, so that nothing is posted or numbered twice."""
    newest = newest_idea(session)
    cards = {posted.idea_id: posted for posted in found if posted.idea_id}
    digests = tuple(
        request for posted in found if (request := posted.digest(timezone)) and _adopt(session, request, posted, now)
    )
    floor = max([newest, *cards]) + SPARE_NUMBERS
    raise_idea_number(session, floor)
    outbox.forget_replies(session)
    outbox.refresh_open_cards(session, now)
    known = set(session.scalars(select(Idea.id).where(Idea.id.in_(cards))))
    lost = tuple(posted for idea_id, posted in sorted(cards.items()) if idea_id not in known)
    return Settled(outbox.doubt_first_posts(session, now), digests, lost, floor + 1)


def _adopt(session: Session, request: DigestRequest, posted: Posted, now: datetime) -> bool:
    """Record a digest that stands in Slack as posted; return False when the database knew that."""
    request_digest(session, request, now)
    is_this = (
        DigestRun.channel_id == request.channel_id,
        DigestRun.week == request.week,
        DigestRun.edition == request.edition,
    )
    session.execute(update(DigestRun).where(*is_this, DigestRun.prepared_at.is_(None)).values(prepared_at=now))
    run_id = session.scalars(select(DigestRun.id).where(*is_this)).one()
    outbox.enqueue_digest(session, run_id, request.key, request.channel_id, now)
    return outbox.adopt(session, request.key, posted.post_key, posted.message_ts)
