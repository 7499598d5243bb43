"""The bot's door without the bot's delivery: what comes in has its effect, and nothing is sent."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from sqlalchemy import delete, select, update

from bot import clock
from bot.app import build_app
from bot.deps import Deps
from bot.health import Health
from bot.http import Door
from db.digest_models import DigestChannel, DigestRun
from db.models import Idea, InboxEntry, OutboxMessage, RoleMember, SavedSetting, Stage, Vote
from db.session import Sessions
from sandbox.server import running_sandbox
from tests.bot import World, running_bot
from tests.door import encoded, signed
from tests.recordings import Path, Request, record


def bring(door: Door, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Bring these bytes to a door, without a network in between; return the status and the answer."""
    names = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in headers}
    names["Content-Type"] = "CONTENT_TYPE"
    environ: dict[str, Any] = {names[name]: value for name, value in headers.items()}
    environ |= {"REQUEST_METHOD": "POST", "PATH_INFO": "/slack/events", "CONTENT_LENGTH": str(len(body))}
    statuses: list[str] = []
    said = b"".join(door(environ | {"wsgi.input": io.BytesIO(body)}, lambda status, _: statuses.append(status)))
    return int(statuses[0].split()[0]), said


@dataclass
class Doorstep:
    """The door and the app behind it, on a database of a workspace in which everything was done once."""

    world: World
    door: Door
    requests: list[Request]
    number: int = 0
    known: dict[str, dict[Any, Any]] = field(default_factory=dict)
    """What people can change, as it was when it was last made new again; whoever finds it changed makes it so."""

    def deliver(self, request: Request, changes: dict[Path, Any]) -> tuple[Request, int]:
        """Deliver an altered request that is rightly signed; return it and the status."""
        self.number += 1
        altered = request.altered(f"n{self.number}", changes)
        body, content_type = encoded(altered)
        return altered, self.knock(body, signed(self.world, body) | {"Content-Type": content_type})

    def knock(self, body: bytes, headers: dict[str, str]) -> int:
        """Bring these bytes to the door; return the status."""
        return bring(self.door, body, headers)[0]

    def rows(self, tables: dict[Any, list[Any]] | None = None) -> dict[str, dict[Any, Any]]:
        """Return all that requests can change, or what is in these tables, by table and key."""
        with self.world.runtime.deps.sessions.reading() as session:
            return {
                table.__tablename__: {tuple(row)[:2]: tuple(row) for row in session.execute(select(*columns))}
                for table, columns in (tables or ALL_TABLES).items()
            }

    def reopen(self) -> None:
        """Make all ideas new again, and forget the digests, so that the next request could have an effect."""
        self.world.write(update(Idea).values(status="new", created_at=clock.now()))
        self.world.write(delete(DigestRun))
        self.world.write(delete(SavedSetting))
        self.known = self.rows(PEOPLES_TABLES)


PEOPLES_TABLES: dict[Any, list[Any]] = {
    Idea: [Idea.id, Idea.author_id, Idea.title, Idea.description, Idea.stage, Idea.kind, Idea.status, Idea.owner_id],
    Vote: [Vote.idea_id, Vote.user_id, Vote.by_button, Vote.by_reaction, Vote.counts],
    DigestRun: [DigestRun.channel_id, DigestRun.week, DigestRun.edition],
    RoleMember: [RoleMember.role, RoleMember.user_id, RoleMember.source],
    DigestChannel: [DigestChannel.channel_id, DigestChannel.weekday, DigestChannel.is_active],
    SavedSetting: [SavedSetting.name, SavedSetting.saved_by, SavedSetting.value],
    Stage: [Stage.key, Stage.name, Stage.owner_id],
}
"""What people can change; the inbox and the outbox, which grow with every request, are not among it."""

OUTBOX: list[Any] = [OutboxMessage.key, OutboxMessage.wanted_revision]
ALL_TABLES = PEOPLES_TABLES | {InboxEntry: [InboxEntry.key], OutboxMessage: OUTBOX}


@contextmanager
def open_doorstep(template: FilePath, folder: FilePath) -> Iterator[Doorstep]:
    """Yield the real door over a database in which people have done everything once."""
    url = f"sqlite:///{shutil.copy(template, folder / 'cxidea.db')}"
    with running_sandbox() as sandbox:
        with running_bot(sandbox, url, "http") as world:
            requests = record(world)
        doorstep = Doorstep(world, door_of(world), requests)
        doorstep.reopen()
        yield doorstep
        world.runtime.deps.sessions.dispose()


def door_of(world: World, sessions: Sessions | None = None) -> Door:
    """Return a door that knows of the workspace what the database says."""
    deps = Deps.build(world.settings, sessions or world.runtime.deps.sessions)
    return Door(Health(deps), deps.metrics, build_app(deps), world.sandbox.info["signing_secret"])
