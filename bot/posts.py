"""The calls that make, change, find and remove messages in Slack."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import clock
from bot.claims import Claim
from bot.views.message import Message

METADATA_EVENT = "cxidea_message"
_LOOK_BACK_SECONDS = 600
"""How far before a row was made its message may seem to lie: our clock and Slack's need not agree."""
_PAGE = 200
_PERSON = ("U", "W")


@dataclass(frozen=True, slots=True)
class Found:
    """Where a row's message stands: its channel, and the time stamps of all its copies, oldest first."""

    channel_id: str
    copies: tuple[str, ...] = ()


def post(writes: WebClient, claim: Claim, message: Message, thread_ts: str | None = None) -> tuple[str, str]:
    """Post a new message, or a reply in a thread; return its channel and time stamp.

    Its metadata carry a key by which it is found again, and the outbox row's name, for a database restored without it.
    """
    answer = clock.follow_answer(
        lambda: writes.chat_postMessage(
            channel=_channel(claim),
            thread_ts=thread_ts,
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
            parse="none",
            metadata={"event_type": METADATA_EVENT, "event_payload": {"key": claim.post_key, "row": claim.key}},
        )
    )
    return str(answer["channel"]), str(answer["ts"])


def publish(writes: WebClient, user_id: str, view: dict[str, Any]) -> None:
    """Make this a person's App Home."""
    writes.views_publish(user_id=user_id, view=view)


def change(writes: WebClient, claim: Claim, message: Message) -> None:
    """Make a posted message this one; chat.update parses text like a person's unless told not to."""
    writes.chat_update(
        channel=_channel(claim), ts=str(claim.message_ts), text=message.text, blocks=message.blocks, parse="none"
    )


def remove(writes: WebClient, channel_id: str, message_ts: str) -> None:
    """Delete a posted message; one that is gone already is fine."""
    try:
        writes.chat_delete(channel=channel_id, ts=message_ts)
    except SlackApiError as error:
        if error.response.get("error") != "message_not_found":
            raise


def find(client: WebClient, claim: Claim, thread_ts: str | None = None) -> Found:
    """Return where the row's message stands, as its channel or thread has it; there may be a copy too many."""
    channel_id = _channel(claim)
    if channel_id.startswith(_PERSON):  # A direct message has a channel of its own, opened by the first one.
        channel_id = str(client.conversations_open(users=channel_id)["channel"]["id"])
    oldest = str(claim.created_at.timestamp() - _LOOK_BACK_SECONDS)
    copies = [ts for ts, key in _own_messages(client, channel_id, oldest, thread_ts) if key == claim.post_key]
    return Found(channel_id, tuple(sorted(copies)))


def has_thread(client: WebClient, claim: Claim) -> bool:
    """Return whether something is written in the message's thread: a person's words, or an answer that we noted."""
    ts = str(claim.message_ts)
    answer = client.conversations_history(channel=_channel(claim), oldest=ts, latest=ts, inclusive=True, limit=1)
    messages: list[dict[str, Any]] = answer.get("messages", [])
    return any(message.get("reply_count", 0) for message in messages)


def key_of(message: dict[str, Any]) -> str | None:
    """Return the opaque key that a message of ours carries, where the history was asked for metadata."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_EVENT:
        return None
    key: str | None = (metadata.get("event_payload") or {}).get("key")
    return key


def _own_messages(
    client: WebClient, channel_id: str, oldest: str, thread_ts: str | None
) -> Iterator[tuple[str, str | None]]:
    wanted: dict[str, Any] = {"oldest": oldest, "include_all_metadata": True, "limit": _PAGE}
    if thread_ts is None:
        pages = client.conversations_history(channel=channel_id, **wanted)
    else:
        pages = client.conversations_replies(channel=channel_id, ts=thread_ts, **wanted)
    for page in pages:
        for message in page["messages"]:
            yield str(message["ts"]), key_of(message)


def _channel(claim: Claim) -> str:
    return str(claim.channel_id)
