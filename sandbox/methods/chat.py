"""chat methods."""

from typing import Any

from sandbox.errors import SlackError
from sandbox.limits import check_attachments, check_message_blocks, check_metadata
from sandbox.methods.channels import open_im
from sandbox.methods.registry import Call, method
from sandbox.models import Channel, Ephemeral, Json, Message
from sandbox.payloads import message_json
from sandbox.stateful import with_block_ids
from sandbox.texts import stored_text

POST_CHARACTERS = 40_000
UPDATE_CHARACTERS = 4000
# What the answer to chat.update has of the message: not where it stands, nor who reacted or replied.
UPDATE_ANSWER = {"type", "user", "text", "team", "bot_id", "app_id", "bot_profile", "blocks", "edited"}


@method("chat.postMessage", scope="chat:write", tier=0)
def chat_post_message(call: Call) -> Json:
    """Post a message into a channel, a thread or, by a user id, a direct message."""
    channel = _postable_channel(call)
    _check_dress(call)
    text, blocks = _content(call)
    app = call.workspace.app
    message = Message(channel.id, "", app.bot_user_id, text[:POST_CHARACTERS], blocks, app.bot_id, app.id)
    message.thread_ts = _thread(call, channel)
    message.metadata = _metadata(call)
    call.workspace.post(message)
    result: Json = {"channel": channel.id, "ts": message.ts, "message": message_json(call.workspace, message)}
    if len(text) > POST_CHARACTERS:
        result["response_metadata"] = {"messages": ["[WARN] message was truncated"], "warnings": ["message_truncated"]}
    return result


@method("chat.update", scope="chat:write")
def chat_update(call: Call) -> Json:
    """Change one of the app's own messages; what is left out stays, but text alone replaces text alone."""
    channel = call.member_channel()
    if channel.is_archived:
        raise SlackError("is_inactive")
    message = call.message(channel)
    if message.bot_id != call.workspace.app.bot_id:
        raise SlackError("cant_update_message")
    text, blocks = _content(call, parse="client")
    if len(text) > UPDATE_CHARACTERS:
        raise SlackError("msg_too_long")
    if call.arguments.get("text") is not None:
        message.text = text
    if call.structure("blocks") is not None:
        message.blocks = blocks
    if call.structure("metadata") is not None:
        message.metadata = _metadata(call)
    call.workspace.edit(message, message.user_id)
    whole = message_json(call.workspace, message)
    content = {key: value for key, value in whole.items() if key in UPDATE_ANSWER}
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": content}


@method("chat.delete", scope="chat:write")
def chat_delete(call: Call) -> Json:
    """Delete one of the app's own messages."""
    channel = call.member_channel()
    message = call.message(channel)
    if message.bot_id != call.workspace.app.bot_id:
        raise SlackError("cant_delete_message")
    call.workspace.delete(message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.postEphemeral", scope="chat:write", tier=4)
def chat_post_ephemeral(call: Call) -> Json:
    """Show one person a message that no history has."""
    channel = _postable_channel(call)
    user_id = call.required("user")
    if user_id not in channel.members:
        raise SlackError("user_not_in_channel")
    _check_dress(call)
    text, blocks = _content(call)
    ts = call.workspace.clock.next_ts()
    call.workspace.show_ephemeral(Ephemeral(channel.id, user_id, ts, text, blocks, call.text("thread_ts")))
    return {"message_ts": ts}


@method("chat.getPermalink", tier=0)
def chat_get_permalink(call: Call) -> Json:
    """Return the address of a message."""
    channel = call.channel()
    message = call.message(channel, "message_ts")
    link = f"{call.workspace.page_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _postable_channel(call: Call) -> Channel:
    is_person = call.required("channel")[0] in "UW"
    channel = open_im(call, call.text("channel")) if is_person else call.channel()
    if channel.is_im and not call.workspace.app.has_messages_tab:
        raise SlackError("messages_tab_disabled")
    if channel.is_archived:
        raise SlackError("is_archived")
    may_post_anywhere = "chat:write.public" in call.workspace.app.scopes and not channel.is_private
    if call.workspace.app.bot_user_id not in channel.members and not may_post_anywhere:
        raise SlackError("not_in_channel")
    if channel.is_read_only:
        raise SlackError("restricted_action_read_only_channel")
    return channel


def _check_dress(call: Call) -> None:
    if any(call.text(name) for name in ("username", "icon_emoji", "icon_url")):
        call.needs_scope("chat:write.customize")


def _content(call: Call, parse: str = "") -> tuple[str, list[Json]]:
    blocks: Any = call.structure("blocks", "invalid_blocks_format")
    check_attachments(call.structure("attachments"))
    if not call.text("text").strip() and not blocks:
        raise SlackError("no_text")
    if blocks is not None:
        check_message_blocks(blocks, takes_charts=call.workspace.takes_charts)
    parse = call.text("parse", parse)
    text = stored_text(call.workspace, call.text("text"), parse=parse, link_names=call.flag("link_names"))
    return text, with_block_ids(call.workspace, blocks or [])


def _thread(call: Call, channel: Channel) -> str:
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return ""
    parent = channel.messages.get(thread_ts)
    if parent is None:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts


def _metadata(call: Call) -> Json | None:
    metadata: Any = call.structure("metadata", "invalid_metadata_format")
    if not metadata:
        return None
    check_metadata(metadata)
    kept: Json = metadata
    return kept
