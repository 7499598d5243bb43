"""conversations.history and conversations.replies."""

from sandbox.errors import SlackError
from sandbox.methods.channels import type_of
from sandbox.methods.registry import Call, method
from sandbox.models import Channel, Json, Message
from sandbox.payloads import message_json

HISTORY_SCOPES = {"public_channel": "channels:history", "private_channel": "groups:history", "im": "im:history"}
MOST_MESSAGES = 999


@method("conversations.history")
def conversations_history(call: Call) -> Json:
    """Return the messages of a channel, newest first; replies stand in their threads only."""
    channel = _readable_channel(call)
    messages = [message for message in reversed(channel.messages.values()) if not message.is_reply]
    return _answer(call, [message for message in messages if _is_wanted(call, message)])


@method("conversations.replies")
def conversations_replies(call: Call) -> Json:
    """Return a message and the replies to it, oldest first."""
    channel = _readable_channel(call)
    parent = channel.messages.get(call.required("ts"))
    if parent is None:
        raise SlackError("thread_not_found")
    replies = [message for message in channel.replies(parent.ts) if _is_wanted(call, message)]
    return _answer(call, [parent, *replies])


def _readable_channel(call: Call) -> Channel:
    channel = call.channel()
    call.needs_scope(HISTORY_SCOPES[type_of(channel)])
    return call.member_channel()


def _is_wanted(call: Call, message: Message) -> bool:
    # Time stamps are decimals of one width, up to the digits that a caller leaves out.
    ts, oldest, latest = message.ts, _bound(call, "oldest"), _bound(call, "latest")
    if call.flag("inclusive") and ts in {oldest, latest}:
        return True
    return (not oldest or ts > oldest) and (not latest or ts < latest)


def _bound(call: Call, name: str) -> str:
    seconds, _, fraction = call.text(name).partition(".")
    if not seconds or (seconds == "0" and not fraction.strip("0")):
        return ""
    if not (seconds + fraction).isdigit():
        raise SlackError(f"invalid_ts_{name}")
    return f"{seconds.zfill(10)}.{fraction.ljust(6, '0')}"


def _answer(call: Call, wanted: list[Message]) -> Json:
    messages, cursor = call.page(wanted, most=MOST_MESSAGES)
    metadata = call.flag("include_all_metadata")
    return {
        "messages": [message_json(call.workspace, message, metadata=metadata) for message in messages],
        "has_more": bool(cursor),
    } | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})
