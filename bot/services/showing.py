"""Where an idea is shown: on its card, and in the digests that name it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import outbox
from bot.services.digests import request_of
from db.digest_models import DigestItem, DigestRun


def show_idea(session: Session, idea_id: int) -> None:
    """Have an idea shown everywhere as it is now. For votes its card is enough: a digest's figures stay."""
    outbox.refresh_cards(session, [idea_id])
    runs = select(DigestRun).join(DigestItem, DigestItem.run_id == DigestRun.id).where(DigestItem.idea_id == idea_id)
    for key in sorted(request_of(run).key for run in session.scalars(runs)):  # In one order, whoever else does it.
        outbox.show_again(session, key)
