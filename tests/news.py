"""What tests of news share: decisions, the hour of the day, and what people then read."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from bot import clock, directory, rounds
from bot.deeds import Deed
from bot.services import answers
from bot.services.answers import Decision
from db.models import OutboxMessage
from db.types import Status
from tests.bot import LEADER, World, words

REASON = "We looked at it twice: it would cost more than it saves, and few would notice."
LINE = "Let customers reschedule deliveries online"


def decide(world: World, deed: Deed, idea_id: int = 1, **particulars: Any) -> int:
    """Carry a decision of a leader out, and wait until its news have left; return the change's number."""
    deps = world.runtime.deps
    values: dict[str, Any] = {"actor_id": LEADER, "at": clock.now(), "text": REASON} | particulars
    with deps.sessions.begin() as session:
        change = answers.decide(session, Decision(deed, idea_id, **values), deps.rules)
    spread(world)
    return change.id


def plan(world: World, idea_id: int = 1, **particulars: Any) -> int:
    """Answer an idea: it is planned."""
    return decide(world, Deed.ANSWER, idea_id, status=Status.PLANNED, **particulars)


def spread(world: World) -> None:
    """Have voters told, and wait until all has left that may."""
    rounds.tell_voters(world.runtime.deps)
    world.settle()


def at(world: World, moment: datetime) -> None:
    """Let it be this time, for the bot too."""
    world.sandbox.control("jump_to", time=moment.isoformat())
    world.runtime.deps.heartbeat.beat()


def weekday(world: World, hour: int = 10, *, weekday: int = 1, minute: int = 0) -> datetime:
    """Let it be this hour, in UTC, of the next such weekday (Tuesday); return the moment."""
    now = world.sandbox.workspace.clock.moment()
    day = (now + timedelta(days=(weekday - now.weekday()) % 7 or 7)).date()
    moment = datetime.combine(day, time(hour, minute), UTC)
    at(world, moment)
    return moment


def letters(world: World, user: str) -> list[dict[str, Any]]:
    """Return the bot's direct messages to a person."""
    bot = world.sandbox.workspace.app.bot_user_id
    ims = world.sandbox.state(user)["ims"]
    return [message for im in ims if im["user"] == bot for message in im["messages"]]


def texts(world: World, user: str) -> list[str]:
    """Return what the bot's direct messages to a person say."""
    return [words(message) for message in letters(world, user)]


def notes(world: World, ts: str) -> list[str]:
    """Return what the bot noted in a card's thread."""
    return [words(reply) for reply in world.card(ts)["replies"] if reply["bot_id"]]


def buttons(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a message's buttons by what stands on them."""
    return {
        element["text"]["text"]: element
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    }


def rows(world: World, prefix: str) -> list[OutboxMessage]:
    """Return outbox rows by the beginning of their keys."""
    with world.runtime.deps.sessions.reading() as session:
        found = select(OutboxMessage).where(OutboxMessage.key.startswith(prefix)).order_by(OutboxMessage.id)
        return list(session.scalars(found))


def learn_people(world: World) -> None:
    """Have the bot learn from the workspace who people are and where they live."""
    directory.learn_people(world.runtime.deps)
