"""How a Web API method is declared, and what it is called with."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.delivery import Delivery
from sandbox.errors import SlackError
from sandbox.incoming import read_json
from sandbox.models import Channel, Json, Message, User
from sandbox.tickets import Triggers
from sandbox.workspace import Workspace

Item = TypeVar("Item")
TRUE = {"1", "true"}
FALSE = {"", "0", "false"}


def invalid_arguments(message: str) -> SlackError:
    """Return the refusal of a call whose arguments do not fit."""
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {message}"]})


@dataclass(slots=True)
class Call:
    """One call by the app: its arguments, and the parts of the workspace that methods work on."""

    workspace: Workspace
    delivery: Delivery
    triggers: Triggers
    arguments: Json

    def text(self, name: str, default: str = "") -> str:
        """Return an argument as text."""
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """Return an argument that must be there."""
        value = self.text(name)
        if not value:
            raise invalid_arguments(f"missing required field: {name}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a yes or no; raises invalid_arguments for what is neither."""
        value = self.text(name, str(default)).lower()
        if value not in TRUE | FALSE:
            raise invalid_arguments(f"must be a boolean: {name}")
        return value in TRUE

    def number(self, name: str, default: int, most: int) -> int:
        """Return a whole number between 1 and `most`; raises invalid_limit as Slack does."""
        given = self.arguments.get(name)
        try:
            value = int(default if given in (None, "") else given)
        except (TypeError, ValueError):
            raise SlackError("invalid_limit") from None
        if not 1 <= value <= most:
            raise SlackError("invalid_limit")
        return value

    def structure(self, name: str, error: str = "invalid_arguments") -> Any:
        """Return an argument that is JSON, or a text of JSON as in a form; None when it is absent."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        try:
            return read_json(value) if value else None
        except (ValueError, RecursionError):
            raise SlackError(error) from None

    def needs_scope(self, *any_of: str) -> None:
        """Raise missing_scope unless the app has one of these."""
        scopes = self.workspace.app.scopes
        if not scopes.intersection(any_of):
            raise SlackError("missing_scope", needed=",".join(any_of), provided=",".join(sorted(scopes)))

    def channel(self, name: str = "channel") -> Channel:
        """Return the conversation that an argument names, if the app can know of it."""
        channel = self.workspace.channels.get(self.required(name))
        hidden = channel is not None and (channel.is_private or channel.is_im)
        if channel is None or channel.is_deleted or (hidden and self.workspace.app.bot_user_id not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def member_channel(self, name: str = "channel") -> Channel:
        """Return the conversation that an argument names; raises not_in_channel when the bot is no member."""
        channel = self.channel(name)
        if self.workspace.app.bot_user_id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """Return the message that an argument names; raises message_not_found."""
        message = channel.messages.get(self.required(name))
        if message is None:
            raise SlackError("message_not_found")
        return message

    def user(self, name: str = "user") -> User:
        """Return the person that an argument names; raises user_not_found."""
        user = self.workspace.users.get(self.required(name))
        if user is None:
            raise SlackError("user_not_found")
        return user

    def page(self, items: Sequence[Item], default: int = 100, most: int = 1000) -> tuple[list[Item], str]:
        """Return the page that `cursor` and `limit` ask for, and the cursor of the next one.

        https://docs.slack.dev/apis/web-api/pagination
        """
        limit = self.number("limit", default, most)
        start = read_cursor(self.text("cursor"))
        following = start + limit
        return list(items[start:following]), write_cursor(following) if following < len(items) else ""


def write_cursor(place: int) -> str:
    """Return an opaque cursor."""
    return base64.b64encode(f"next:{place}".encode()).decode()


def read_cursor(cursor: str) -> int:
    """Return the place that a cursor stands for; raises invalid_cursor."""
    if not cursor:
        return 0
    try:
        place = int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except ValueError:
        raise SlackError("invalid_cursor") from None
    if place < 0:
        raise SlackError("invalid_cursor")
    return place


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method: its function, the scope it always needs, whose token it takes and its rate tier."""

    name: str
    answer: Callable[[Call], Json]
    scope: str
    caller: str
    tier: int


METHODS: dict[str, Method] = {}


def method(
    name: str, *, scope: str = "", caller: str = "bot", tier: int = 3
) -> Callable[[Callable[[Call], Json]], Callable[[Call], Json]]:
    """Register a function as a Web API method.

    `caller` says whose token it takes: bot, app or anyone. `tier` is the rate tier, 0 for special.
    https://docs.slack.dev/apis/web-api/rate-limits
    """

    def register(answer: Callable[[Call], Json]) -> Callable[[Call], Json]:
        METHODS[name] = Method(name, answer, scope, caller, tier)
        return answer

    return register
