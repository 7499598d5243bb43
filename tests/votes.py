"""What tests of votes share: events as Slack sends them, and the tally in all the places where it stands."""

import re
from typing import Any

from sqlalchemy import func, select

from db.models import Idea, Vote
from db.session import Sessions
from sandbox.payloads import event_wrapper
from tests.bot import World, words


def tally(message: dict[str, Any]) -> int:
    """Return the votes that a card shows."""
    found = re.search(r"(\d+) votes?|no votes yet", words(message))
    assert found, words(message)
    return int(found[1] or 0)


def settled_tally(world: World, ts: str) -> int:
    """Return what the card shows once all is quiet; the row behind it says the same."""
    world.settle()
    shown = tally(world.card(ts))
    with world.runtime.deps.sessions.reading() as session:
        key = re.search(r"CX-(\d+)", words(world.card(ts)))
        assert key
        assert session.scalar(select(Idea.votes).where(Idea.id == int(key[1]))) == shown
    return shown


def counted(sessions: Sessions, idea_id: int = 1) -> tuple[int | None, int | None]:
    """Return an idea's tally, and how many rows of votes count."""
    with sessions.reading() as session:
        votes = session.scalar(select(Idea.votes).where(Idea.id == idea_id))
        rows = session.scalar(select(func.count()).select_from(Vote).where(Vote.idea_id == idea_id, Vote.counts))
        return votes, rows


def reaction_body(world: World, ts: str, user: str, name: str, **more: Any) -> dict[str, Any]:
    """Return a reaction's event as Slack wraps it; `more` are fields of the event itself."""
    clock, workspace = world.sandbox.workspace.clock, world.sandbox.workspace
    event = {
        "type": "reaction_added",
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": world.ideas_channel, "ts": ts},
        "item_user": workspace.app.bot_user_id,
        "event_ts": world.sandbox.call(clock.next_ts),
    }
    return world.sandbox.call(lambda: event_wrapper(workspace, event | more))


def send(world: World, body: dict[str, Any]) -> None:
    """Deliver an event as it is, and see that it is acknowledged."""
    assert world.forge("events_api", body).ok
