"""The calls that make, change, find and remove messages in Slack."""

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


def post(writes: WebClient, claim: Claim, message: Message) -> tuple[str, str]:
    """Post a new message; return its channel and time stamp. Its metadata carry a key by which it is found again."""
    answer = writes.chat_postMessage(
        channel=_channel(claim),
        text=message.text,
        blocks=message.blocks,
        unfurl_links=False,
        unfurl_media=False,
        parse="none",
        metadata={"event_type": METADATA_EVENT, "event_payload": {"key": claim.post_key}},
    )
    clock.follow(answer.headers)
    return str(answer["channel"]), str(answer["ts"])


def change(writes: WebClient, claim: Claim, message: Message) -> None:
    """Make a posted message this one; chat.update parses text like a person's unless told not to."""
    writes.chat_update(
        channel=_channel(claim), ts=str(claim.message_ts), text=message.text, blocks=message.blocks, parse="none"
    )


def remove(writes: WebClient, claim: Claim) -> None:
    """Delete a posted message; one that is gone already is fine."""
    try:
        writes.chat_delete(channel=_channel(claim), ts=str(claim.message_ts))
    except SlackApiError as error:
        if error.response.get("error") != "message_not_found":
            raise


def find(reads: WebClient, claim: Claim) -> str | None:
    """Return the time stamp of the row's message when its channel's history has it."""
    oldest = str(claim.created_at.timestamp() - _LOOK_BACK_SECONDS)
    for page in reads.conversations_history(
        channel=_channel(claim), oldest=oldest, include_all_metadata=True, limit=_PAGE
    ):
        for message in page["messages"]:
            if _key_of(message) == claim.post_key:
                return str(message["ts"])
    return None


def has_thread(reads: WebClient, claim: Claim) -> bool:
    """Return whether somebody has written in the message's thread."""
    ts = str(claim.message_ts)
    answer = reads.conversations_history(channel=_channel(claim), oldest=ts, latest=ts, inclusive=True, limit=1)
    messages: list[dict[str, Any]] = answer.get("messages", [])
    return any(message.get("reply_count", 0) for message in messages)


def _channel(claim: Claim) -> str:
    return str(claim.channel_id)


def _key_of(message: dict[str, Any]) -> str | None:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    key: str | None = payload.get("key")
    return key
