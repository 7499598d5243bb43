"""What the app answers to a command or to a response_url, shown where it belongs.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from typing import Any

from sandbox.errors import SlackError
from sandbox.limits import check_attachments, check_message_blocks
from sandbox.models import Channel, Ephemeral, Json, Message, User
from sandbox.packets import Reply
from sandbox.parts import Parts
from sandbox.stateful import with_block_ids
from sandbox.texts import stored_text
from sandbox.tickets import ResponseUrl

# Slack takes both the JSON value and the word.
TRUE = (True, "true")


def show_answer(
    parts: Parts, channel_id: str, user_id: str, body: Any, thread_ts: str = ""
) -> Ephemeral | Message | None:
    """Show an answer: to everyone when its response_type is in_channel, else to that person only.

    An empty answer shows nothing; raises SlackError for one that Slack would refuse.
    """
    answer: Any = {"text": body} if isinstance(body, str) else body or {}
    if not isinstance(answer, dict):
        raise SlackError("invalid_payload")
    if not answer:
        return None
    text, blocks = _content(parts, answer)
    if answer.get("response_type") != "in_channel":
        ts = parts.workspace.clock.next_ts()
        return parts.workspace.show_ephemeral(Ephemeral(channel_id, user_id, ts, text, blocks, thread_ts))
    app = parts.workspace.app
    message = Message(channel_id, "", app.bot_user_id, text, blocks, app.bot_id, app.id, thread_ts)
    return parts.workspace.post(message)


def answer_by_url(parts: Parts, url: ResponseUrl, answer: Json) -> None:
    """Do what the app posted to a response_url; raises SlackError for what Slack would refuse."""
    if parts.workspace.channels[url.channel_id].is_deleted:
        raise SlackError("channel_not_found")
    original = _original(parts, url)
    if answer.get("delete_original") in TRUE and original:
        if isinstance(original, Ephemeral):
            parts.workspace.remove_ephemeral(original)
        else:
            parts.workspace.delete(original)
    elif answer.get("replace_original") in TRUE and original:
        _replace(parts, original, answer)
    else:
        show_answer(parts, url.channel_id, url.user_id, answer, url.thread_ts)


def _original(parts: Parts, url: ResponseUrl) -> Ephemeral | Message | None:
    for ephemeral in parts.workspace.ephemerals:
        if ephemeral.ts == url.message_ts and ephemeral.user_id == url.user_id:
            return ephemeral
    return parts.workspace.channels[url.channel_id].messages.get(url.message_ts)


def _replace(parts: Parts, original: Ephemeral | Message, answer: Json) -> None:
    original.text, original.blocks = _content(parts, answer)
    if isinstance(original, Ephemeral):
        parts.workspace.show_ephemeral(original)
    else:
        parts.workspace.edit(original, original.user_id)


def _content(parts: Parts, answer: Json) -> tuple[str, list[Json]]:
    blocks = answer.get("blocks")
    text = str(answer.get("text") or "")
    check_attachments(answer.get("attachments"))
    if not text and not blocks:
        raise SlackError("no_text")
    if blocks is not None:
        check_message_blocks(blocks, takes_charts=parts.workspace.takes_charts)
    parse = str(answer.get("parse") or "")
    return stored_text(parts.workspace, text, parse=parse), with_block_ids(parts.workspace, blocks or [])


def show_command_failure(parts: Parts, channel: Channel, user: User, command: str, reply: Reply) -> Ephemeral:
    """Show what Slack says when the app did not answer a command."""
    error = {"http_timeout": "operation_timeout", "http_error": "http_service_error"}.get(
        reply.failure, "dispatch_failed"
    )
    if 400 <= reply.status < 500:  # noqa: PLR2004 - the range of client errors
        error = "http_client_error"
    return slackbot_says(parts, channel, user, f'`{command}` failed with the error "{error}"')


def slackbot_says(parts: Parts, channel: Channel, user: User, text: str) -> Ephemeral:
    """Show a line of Slack's own to one person."""
    ts = parts.workspace.clock.next_ts()
    return parts.workspace.show_ephemeral(Ephemeral(channel.id, user.id, ts, text, is_from_slackbot=True))
