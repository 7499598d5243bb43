"""The bot's processes as objects in one thread: each may die at any call and be started anew."""

import json
from typing import Any

from slack_bolt import BoltRequest
from sqlalchemy import event

from bot import clock, directory
from bot.app import build_app
from bot.delivery import Delivery
from bot.deps import Deps
from bot.digest_command import set_up_channels
from bot.jobs import Jobs
from bot.pace import Pace
from bot.settings import Settings
from db.session import Sessions, open_database
from sandbox.models import Json
from sandbox.packets import Reply

SUCCESS = 200


class Killed(BaseException):
    """The process is gone: no handler of its own may catch this."""


def do_nothing() -> None:
    """Let a call to the database through."""


class Berth:
    """A way to the database that outlives the replicas using it, one after the other: statements stay compiled.

    `at_call` is called before each statement and commit, and may raise.
    """

    def __init__(self, url: str) -> None:
        self.sessions = open_database(url)
        self.at_call = do_nothing
        event.listen(self.sessions.engine, "before_cursor_execute", lambda *_call: self.at_call())
        event.listen(self.sessions.engine, "commit", lambda _connection: self.at_call())


class Replica:
    """One process of the bot, without threads: what it does, it is told to do."""

    def __init__(self, name: str, settings: Settings, sessions: Sessions) -> None:
        self.name = name
        self.sessions = sessions
        self.deps = Deps.build(settings, sessions)
        self.app = build_app(self.deps)
        self.delivery = Delivery(self.deps)
        self.jobs = Jobs(self.deps, Pace())

    def introduce(self) -> None:
        """Do what a first start does."""
        with self.sessions.begin() as session:
            set_up_channels(session, self.deps.company, clock.now())
        directory.name_roles(self.deps)
        self.jobs.learn()

    def answer(self, kind: str, payload: Json) -> Reply:
        """Take what Slack delivers, as over Socket Mode."""
        del kind
        answer = self.app.dispatch(BoltRequest(mode="socket_mode", body=json.loads(json.dumps(payload))))
        if answer.status != SUCCESS:
            return Reply(failure="http_error", status=answer.status)
        return Reply(_body(answer.body), status=answer.status)


def _body(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
