"""The bot at work in the test's own process, against a sandbox workspace, over either transport."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import select, text

from bot import clock
from bot.pace import Pace
from bot.runtime import Runtime
from bot.settings import Settings
from bot.socket_mode import Patience
from db.models import OutboxMessage, Person
from db.session import open_database
from db.types import DeliveryState
from sandbox.server import Sandbox, running_sandbox

# What the clock asks for, a test asks for by hand: looks of the bot's own beside it would be a matter of luck.
QUICK = Pace(
    poll=0.01,
    card=0.02,
    channel=0.0,
    changes_per_minute=6000,
    homes_per_minute=6000,
    letters_per_minute=60_000,
    look=0.1,
    blocked=0.1,
    tick=3600,
    apart=0,
    soon=0.3,
    unknown=0.5,
)
PATIENCE_SECONDS = 15
_END_SECONDS = 5
_LOOKS = ("ask_for_due_digests", "do_nightly_work", "do_daily_work", "show_counts", "read_threads")
_SOON = timedelta(minutes=1)

GUARD, AGENT, CLERK, ENGINEER, MANAGER, DRIVER, BILLING, WRITER, RESEARCHER = (
    "U0OTIENO01",
    "U0LINDQV02",
    "U0HADDAD03",
    "U0NAKAMU04",
    "U0FERREI05",
    "U0KOWALS06",
    "U0OKAFOR07",
    "U0IYER0008",
    "U0NOVAKO09",
)
LEADER, ADMIN = "U0MBEKI010", "U0GARCIA12"


class Told(Protocol):
    """A workspace that says what a bot needs to know."""

    @property
    def info(self) -> dict[str, Any]:
        """The first line of `python -m sandbox`."""


def settings_for(sandbox: Told, database_url: str, transport: str, **changes: Any) -> Settings:
    """Return the settings of a bot in this workspace; `changes` are named like the variables, in lower case."""
    info = sandbox.info
    values: dict[str, Any] = {
        "slack_bot_token": info["bot_token"],
        "slack_api_url": info["api_url"],
        "database_url": database_url,
        "cx_ideas_channel": info["ideas_channel"],
        "cx_digest_channel": info["digest_channel"],
        "cx_leaders": LEADER,
        "cx_admins": ADMIN,
        "host": "127.0.0.1",
        "port": 0,
    }
    values |= (
        {"slack_app_token": info["app_token"]}
        if transport == "socket"
        else {"slack_signing_secret": info["signing_secret"]}
    )
    return Settings(**values | changes)


@dataclass
class World:
    """A workspace with the bot in it."""

    sandbox: Sandbox
    runtime: Runtime
    settings: Settings

    @property
    def ideas_channel(self) -> str:
        """The ideas channel's id."""
        return self.settings.cx_ideas_channel

    def command(self, user: str, text: str, channel: str = "C0GENERAL1") -> dict[str, Any]:
        """Type `/cxidea <text>`; return what the person gets."""
        return self.sandbox.act(user, "command", text=text, channel=channel)

    def file(self, user: str, line: str) -> str:
        """File an idea in a line and wait for its card; return the card's time stamp."""
        before = {message["ts"] for message in self.cards()}
        self.command(user, line)
        self.settle()
        (ts,) = {message["ts"] for message in self.cards()} - before
        return str(ts)

    def react(self, user: str, ts: str, name: str = "+1", *, is_on: bool = True) -> None:
        """Put a reaction on a message of the ideas channel, or take it off."""
        self.sandbox.act(user, "react" if is_on else "unreact", channel=self.ideas_channel, ts=ts, name=name)

    def press(self, user: str, where: dict[str, Any], action_id: str, value: str | None = None) -> dict[str, Any]:
        """Press a button on a message or an ephemeral answer that this person sees."""
        keys = {"channel": where["channel"], "ts": where["ts"], "action_id": action_id}
        answer = self.sandbox.act(user, "press", **keys | ({} if value is None else {"value": value}))
        self.settle()
        return answer

    def open_home(self, user: str) -> dict[str, Any]:
        """Open App Home; return what the person sees there."""
        self.sandbox.act(user, "open_home")
        self.settle()
        return self.home(user)

    def home(self, user: str) -> dict[str, Any]:
        """Return a person's App Home as it is now."""
        shown: dict[str, Any] = self.sandbox.state(user)["home"]
        return shown

    def press_at_home(self, user: str, action_id: str, value: str | None = None, **more: str) -> dict[str, Any]:
        """Press a button in App Home, or choose from a menu there; return what the person sees there then."""
        keys = {"view_id": self.home(user)["id"], "action_id": action_id, **more}
        self.sandbox.act(user, "press", **keys | ({} if value is None else {"value": value}))
        self.settle()
        return self.home(user)

    def form(self, user: str, text: str = "") -> dict[str, Any]:
        """Open the form by typing `/cxidea <text>`; return the view."""
        view: dict[str, Any] = self.command(user, text)["view"]
        return view

    def submit(self, user: str, view: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Fill a form and send it off, as far as Slack's client lets one."""
        answer = self.sandbox.act(user, "submit", view_id=view["id"], values=fields)
        self.settle()
        return answer

    def submit_raw(self, user: str, view: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Send a form off without what Slack's client checks."""
        answer = self.sandbox.act(user, "submit", view_id=view["id"], values=fields, raw=True)
        self.settle()
        return answer

    def shown(self, user: str, ts: str) -> dict[str, Any]:
        """Return a message that only this person sees as it is now."""
        (shown,) = [message for message in self.ephemerals(user) if message["ts"] == ts]
        return shown

    def last_ephemeral(self, user: str) -> dict[str, Any]:
        """Return the newest message that only this person sees."""
        return self.ephemerals(user)[-1]

    def deliver(self, kind: str, name: str, **changes: Any) -> Any:
        """Deliver the newest request of this kind and name again, as it was but for these changes; return the reply."""
        entries = self.sandbox.parts.journal.entries
        (*_, payload) = (entry.request for entry in entries if (entry.kind, entry.name) == (kind, name))
        packet = {"event": "events_api", "command": "slash_commands"}.get(kind, "interactive")
        return self.forge(packet, payload | changes)

    def forge(self, kind: str, payload: dict[str, Any]) -> Any:
        """Deliver a request that nobody made; return the reply."""
        reply = self.sandbox.wait_for(self.sandbox.parts.delivery.ask(kind, payload))
        self.settle()
        return reply

    def write(self, statement: Any) -> None:
        """Change the database behind the bot's back."""
        with self.runtime.deps.sessions.begin() as session:
            session.execute(statement)

    @contextmanager
    def without_tables(self, *names: str) -> Iterator[None]:
        """Let the database refuse all that needs these tables, until the end of the block."""
        for name in names:
            self.write(text(f"ALTER TABLE {name} RENAME TO {name}_away"))
        try:
            yield
        finally:
            for name in names:
                self.write(text(f"ALTER TABLE {name}_away RENAME TO {name}"))

    def cards(self, channel: str | None = None, user: str = LEADER) -> list[dict[str, Any]]:
        """Return the messages of the ideas channel, or of another, as a person sees them."""
        wanted = channel or self.ideas_channel
        channels = self.sandbox.state(user)["channels"]
        (found,) = [each for each in channels if each["id"] == wanted]
        messages: list[dict[str, Any]] = found["messages"]
        return messages

    def card(self, ts: str) -> dict[str, Any]:
        """Return one message of the ideas channel."""
        (card,) = [message for message in self.cards() if message["ts"] == ts]
        return card

    def ephemerals(self, user: str) -> list[dict[str, Any]]:
        """Return what only this person sees."""
        shown: list[dict[str, Any]] = self.sandbox.state(user)["ephemerals"]
        return shown

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a page that the bot serves."""
        connection = http.client.HTTPConnection("127.0.0.1", int(self.runtime.port or 0), timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def settle(self) -> None:
        """Wait until Slack has delivered everything, and the bot has told Slack everything."""
        wait_until(lambda: self._is_quiet() and self._is_quiet())

    def learn(self) -> None:
        """Wait until the bot knows everybody who voted."""
        wait_until(lambda: not self._rows(select(Person.user_id).where(Person.standing == "unknown")))
        self.settle()

    def _is_quiet(self) -> bool:
        waiting = select(OutboxMessage.id).where(
            OutboxMessage.wanted_revision > OutboxMessage.shown_revision,
            OutboxMessage.state.not_in([DeliveryState.DEAD, DeliveryState.BLOCKED]),
            OutboxMessage.not_before < clock.now() + _SOON,  # What keeps quiet hours waits for the morning.
        )
        return self.sandbox.parts.delivery.active == 0 and not self._rows(waiting)

    def _rows(self, statement: Any) -> list[Any]:
        with self.runtime.deps.sessions.reading() as session:
            return list(session.execute(statement))


@contextmanager
def running_world(database_url: str, transport: str = "socket", **changes: Any) -> Iterator[World]:
    """Run a workspace and the bot in it until the end of the block."""
    with running_sandbox() as sandbox, running_bot(sandbox, database_url, transport, **changes) as world:
        yield world


@contextmanager
def running_bot(
    sandbox: Sandbox,
    database_url: str,
    transport: str = "socket",
    pace: Pace = QUICK,
    patience: Patience | None = None,
    **changes: Any,
) -> Iterator[World]:
    """Run the bot against this workspace until the end of the block."""
    settings = settings_for(sandbox, database_url, transport, **changes)
    runtime = Runtime(settings, open_database(database_url), pace, patience)
    runtime.start()
    if transport == "http":
        sandbox.workspace.ack_seconds = PATIENCE_SECONDS  # A busy machine is no fault; who tests the limit sets it.
    sandbox.deliver_to(f"http://127.0.0.1:{runtime.port}/slack/events" if transport == "http" else None)
    try:
        wait_until(lambda: runtime.is_ready, 60)
        _let_it_look_first(runtime)
        yield World(sandbox, runtime, settings)
    finally:
        runtime.stop()
        _let_it_end(runtime)


def _let_it_end(runtime: Runtime) -> None:
    """Wait for what a busy machine has not ended in time: a process takes it along, a test would meet it again."""
    runtime._jobs._threads.wait(_END_SECONDS)
    runtime.deps.sessions.dispose()


def _let_it_look_first(runtime: Runtime) -> None:
    """Wait until the bot has looked at the clock as it does at its start, unless Slack keeps it waiting for long."""
    with suppress(AssertionError):
        wait_until(lambda: _has_looked(runtime), 3)


def _has_looked(runtime: Runtime) -> bool:
    jobs = [runtime._jobs._scheduler.get_job(name) for name in _LOOKS]
    is_looking = any(thread.name.removeprefix("job-") in _LOOKS for thread in threading.enumerate())
    return not is_looking and all(job.next_run_time > datetime.now(UTC) for job in jobs)


def wait_until(condition: Any, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)


def words(message: dict[str, Any]) -> str:
    """Return everything that a message or view shows, as one text."""
    return "\n".join("".join(_texts(block)) for block in message.get("blocks", [])) or str(message.get("text", ""))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _texts(each)
    elif isinstance(node, dict):
        if node.get("type") == "user":
            yield f"<@{node['user_id']}>"
        if node.get("type") == "channel":
            yield f"<#{node['channel_id']}>"
        for name, value in node.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
