"""Slack's dictionaries become frozen dataclasses here, and bad shapes end here."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from bot.catalog import KINDS, MEASURES, IdeaText
from bot.errors import MalformedPayload
from bot.ids import DIGEST_OPTION, NEWS_FIELD, Field, ListRequest
from db.types import NewsKind

P = ParamSpec("P")
T = TypeVar("T")

_TIMESTAMP = re.compile(r"(\d{1,12})(?:\.(\d{1,6}))?", re.ASCII)
_MESSAGE_TS = re.compile(r"\d{1,12}\.\d{1,8}", re.ASCII)
_SLACK_ID = re.compile(r"[A-Z0-9]{2,32}")
_LIST_KEY = re.compile(r"[a-z0-9_]{1,64}")
_EMOJI = re.compile(r"[\w+'’-]{1,100}(?:::skin-tone-[2-6]){0,2}")
_WEB_ADDRESS = re.compile(r"https?://[\w.-]+(?::\d{1,5})?(?:/[!-~]{0,2000})?", re.ASCII)
_IDEA_KEY = re.compile(r"(?:cx-?)?0*([1-9]\d{0,8})", re.IGNORECASE | re.ASCII)
_PRIVATE_CHANNELS = frozenset({"directmessage", "privategroup"})


def strict(parse: Callable[P, T]) -> Callable[P, T]:
    """Return the parser with every wrong shape turned into `MalformedPayload`."""

    @wraps(parse)
    def parsed(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return parse(*args, **kwargs)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise MalformedPayload(f"{parse.__qualname__}: {type(error).__name__}") from error

    return parsed


def clean_text(text: object) -> str:
    """Return what was typed without what no database takes: NUL and halves of characters."""
    if not isinstance(text, str):
        return ""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()


def one_line(text: object) -> str:
    """Return the text with every run of white space made a single blank."""
    return " ".join(clean_text(text).split())


def microseconds(timestamp: object) -> int:
    """Return one of Slack's decimal time stamps in microseconds; as a float it would lose the last digits."""
    match = _TIMESTAMP.fullmatch(str(timestamp))
    if match is None:
        raise ValueError("not a time stamp")
    return int(match[1]) * 1_000_000 + int((match[2] or "").ljust(6, "0"))


def opaque_id(value: object) -> str:
    """Return an id of no known shape, like a trigger's; raises ValueError when there is none."""
    if not isinstance(value, str) or not (cleaned := clean_text(value)):
        raise ValueError("not an id")
    return cleaned[:200]


def slack_id(value: object) -> str:
    """Return the id when it has the shape of one; raises ValueError."""
    if not isinstance(value, str) or not _SLACK_ID.fullmatch(value):
        raise ValueError("not an id of Slack's")
    return value


def response_address(body: dict[str, Any]) -> str | None:
    """Return where an answer to an interaction goes, or None when it says no address to which anything can be sent."""
    address = body.get("response_url")
    return address if isinstance(address, str) and _WEB_ADDRESS.fullmatch(address) else None


def presser_at_home(body: dict[str, Any]) -> str | None:
    """Return who pressed something in App Home; None for all other requests."""
    view, user = body.get("view"), body.get("user")
    if not isinstance(view, dict) or view.get("type") != "home" or not isinstance(user, dict):
        return None
    user_id = user.get("id")
    return user_id if isinstance(user_id, str) and _SLACK_ID.fullmatch(user_id) else None


@strict
def event_id(body: dict[str, Any]) -> str:
    """Return the id that all deliveries of an event share; raises MalformedPayload."""
    return opaque_id(body["event_id"])


@strict
def require_readable(body: dict[str, Any]) -> None:
    """Raise MalformedPayload when a name by which Bolt chooses the listener is missing or is no text."""
    kind = body.get("type", "")
    view = body["view"] if kind in ("view_submission", "view_closed") else body.get("view") or {}
    names = [kind, body.get("command", ""), body.get("callback_id", ""), view.get("callback_id", "")]
    names.append(body["event"]["type"] if kind == "event_callback" else "")
    names += [action["action_id"] for action in body.get("actions", [])]
    if not all(isinstance(name, str) for name in names) or body.get("actions") == []:
        raise ValueError("not a name")


def _message_ts(value: str) -> str:
    if not _MESSAGE_TS.fullmatch(value):
        raise ValueError("not a message's time stamp")
    return value


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji of one person put on a message, or taken off (`is_active`); `event_ts` in microseconds."""

    channel_id: str
    message_ts: str
    user_id: str
    emoji: str
    event_ts: int
    is_active: bool = True

    @property
    def place(self) -> tuple[str, str]:
        """Channel and time stamp of the message."""
        return self.channel_id, self.message_ts

    @classmethod
    @strict
    def parse(cls, event: dict[str, Any]) -> "Reaction | None":
        """Return the reaction of an event, or None when it is not on a message."""
        item = event["item"]
        if item["type"] != "message":
            return None
        if not _EMOJI.fullmatch(event["reaction"]):
            raise ValueError("not a reaction")
        return cls(
            slack_id(item["channel"]),
            _message_ts(item["ts"]),
            slack_id(event["user"]),
            event["reaction"],
            microseconds(event["event_ts"]),
            event["type"] == "reaction_added",
        )


@dataclass(frozen=True, slots=True)
class HomeOpening:
    """Somebody looks at the app's App Home."""

    user_id: str

    @classmethod
    @strict
    def parse(cls, event: dict[str, Any]) -> "HomeOpening | None":
        """Return the opening of an event, or None when it is another of the app's tabs."""
        return cls(slack_id(event["user"])) if event["tab"] == "home" else None


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as somebody typed it."""

    user_id: str
    text: str
    trigger_id: str

    @classmethod
    @strict
    def parse(cls, body: dict[str, Any]) -> "Command":
        """Return the command of a request."""
        return cls(slack_id(body["user_id"]), clean_text(body.get("text", "")), opaque_id(body["trigger_id"]))


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed or an option chosen; `value` is the button's or the option's, `is_at_home` is App Home."""

    user_id: str
    value: str
    block_id: str
    trigger_id: str
    response_url: str | None
    is_at_home: bool = False

    @classmethod
    @strict
    def parse(cls, body: dict[str, Any]) -> "Press":
        """Return the press of a block_actions request."""
        action = body["actions"][0]
        option = action.get("selected_option") or {}
        return cls(
            slack_id(body["user"]["id"]),
            clean_text(action.get("value") or option.get("value") or ""),
            clean_text(action.get("block_id")),
            opaque_id(body["trigger_id"]),
            response_address(body),
            (body.get("view") or {}).get("type") == "home",
        )

    @property
    def number(self) -> int:
        """The idea's number that the button carries; raises MalformedPayload."""
        return idea_number(self.value)


@strict
def list_request(value: str) -> ListRequest:
    """Return the list that a button stands for; raises MalformedPayload."""
    return ListRequest.decode(value)


@strict
def idea_number(value: str) -> int:
    """Return the number that a button, a form or a person gave; raises MalformedPayload."""
    number = int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else 0  # noqa: PLR2004  # 32 bits  # 32 bits
    if number < 1:
        raise ValueError("ideas are numbered from 1")
    return number


def named_idea(text: str) -> int | None:
    """Return the number of the idea that somebody named, like `CX-12`, `cx12` or `12`; None when it is no name."""
    key = _IDEA_KEY.fullmatch(text)
    return int(key[1]) if key else None


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as somebody sent it off."""

    user_id: str
    view_id: str
    private_metadata: str
    idea: IdeaText

    @classmethod
    @strict
    def parse(cls, body: dict[str, Any]) -> "Submission":
        """Return the submission of a view_submission request."""
        view = body["view"]
        values = view["state"]["values"]
        return cls(
            slack_id(body["user"]["id"]),
            opaque_id(view["id"]),
            clean_text(view.get("private_metadata")),
            IdeaText(
                one_line(typed(values, Field.TITLE)),
                clean_text(typed(values, Field.DESCRIPTION)),
                _key(values, Field.STAGE),
                _key(values, Field.TOUCHPOINT),
                _chosen(values, Field.MEASURE, MEASURES),
                _chosen(values, Field.KIND, KINDS),
            ),
        )


def typed(values: dict[str, Any], field: Field) -> object:
    """Return what was typed into a field of a form."""
    return values.get(field, {}).get(field, {}).get("value")


def _chosen(values: dict[str, Any], field: Field, known: dict[str, str]) -> str | None:
    chosen = _option(values, field)
    if chosen is not None and chosen not in known:
        raise ValueError("not one of the options offered")
    return chosen


def _key(values: dict[str, Any], field: Field) -> str | None:
    """Return the stage or touchpoint chosen; whether it is on the company's list, the rules find out."""
    chosen = _option(values, field)
    if chosen is not None and not _LIST_KEY.fullmatch(chosen):
        raise ValueError("not the key of an entry")
    return chosen


def _option(values: dict[str, Any], field: Field) -> str | None:
    option = values.get(field, {}).get(field, {}).get("selected_option")
    if not option:
        return None
    chosen: str = option["value"]
    return chosen


@dataclass(frozen=True, slots=True)
class Choice:
    """A form of boxes to tick, as somebody sent it off."""

    user_id: str
    view_id: str
    kinds: frozenset[NewsKind]
    wants_digest: bool

    @classmethod
    @strict
    def parse(cls, body: dict[str, Any]) -> "Choice":
        """Return the choice of a view_submission request."""
        view = body["view"]
        options = view["state"]["values"][NEWS_FIELD][NEWS_FIELD]["selected_options"]
        ticked = {str(option["value"]) for option in options}
        kinds = frozenset(map(NewsKind, ticked - {DIGEST_OPTION}))
        return cls(slack_id(body["user"]["id"]), opaque_id(view["id"]), kinds, DIGEST_OPTION in ticked)


@dataclass(frozen=True, slots=True)
class MessageShortcut:
    """A message that somebody wants to turn into an idea."""

    user_id: str
    trigger_id: str
    channel_id: str
    message_ts: str
    text: str
    is_private: bool

    @classmethod
    @strict
    def parse(cls, body: dict[str, Any]) -> "MessageShortcut":
        """Return the shortcut of a message_action request, its text as people read it."""
        channel, message = body["channel"], body["message"]
        name = channel.get("name") or ""
        return cls(
            slack_id(body["user"]["id"]),
            opaque_id(body["trigger_id"]),
            slack_id(channel["id"]),
            _message_ts(message.get("ts") or body["message_ts"]),
            readable(message.get("text")),
            name in _PRIVATE_CHANNELS or name.startswith("mpdm-"),
        )


@dataclass(frozen=True, slots=True)
class Shortcut:
    """The global shortcut, as somebody chose it."""

    user_id: str
    trigger_id: str

    @classmethod
    @strict
    def parse(cls, body: dict[str, Any]) -> "Shortcut":
        """Return the shortcut of a request."""
        return cls(slack_id(body["user"]["id"]), opaque_id(body["trigger_id"]))


_CONTROL = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def readable(mrkdwn: object) -> str:
    """Return a message's text as people see it: links and mentions spelled out, entities undone once."""
    text = _CONTROL.sub(_spelled_out, clean_text(mrkdwn))
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _spelled_out(control: re.Match[str]) -> str:
    target, label = control[1], control[2]
    if target.startswith("@"):
        return f"@{label or 'someone'}"
    if target.startswith("#"):
        return f"#{label or 'a-channel'}"
    if target.startswith("!subteam^"):
        return label or "@a-group"
    if target.startswith("!"):
        return label or "@" + target[1:].split("^")[0]
    if target.startswith(("mailto:", "tel:")):
        return label or target.partition(":")[2]
    return f"{label} ({target})" if label and label not in target else target
