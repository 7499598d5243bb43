"""What one person sees, as JSON: `GET /state`."""

from sandbox.models import Channel, Ephemeral, Json, Message, User, View
from sandbox.payloads import reactions_json, view_json
from sandbox.workspace import Workspace


def state_of(workspace: Workspace, user: User) -> Json:
    """Return the channels and direct messages with messages, ephemerals, open views and App Home of a person."""
    seen = [channel for channel in workspace.channels.values() if workspace.can_see(user.id, channel.id)]
    home = workspace.homes.get(user.id)
    return {
        "user": {"id": user.id, "name": user.real_name, "role": user.role, "title": user.title},
        "now": workspace.clock.moment().isoformat().replace("+00:00", "Z"),
        "channels": [channel_state(channel, user) for channel in seen if not channel.is_im],
        "ims": [im_state(channel, user) for channel in seen if channel.is_im],
        "ephemerals": [ephemeral_json(shown) for shown in workspace.ephemerals if shown.user_id == user.id],
        "views": [view_state(workspace, view) for view in workspace.views_of(user.id)],
        "home": view_json(workspace, home) if home else None,
    }


def channel_state(channel: Channel, user: User) -> Json:
    """Return a channel with its messages, oldest first."""
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "is_member": user.id in channel.members,
        "is_archived": channel.is_archived,
        "messages": _messages(channel),
    }


def im_state(channel: Channel, user: User) -> Json:
    """Return a direct message with its messages, oldest first."""
    others = [member for member in channel.members if member != user.id]
    return {"id": channel.id, "user": (others or [user.id])[0], "messages": _messages(channel)}


def _messages(channel: Channel) -> list[Json]:
    parents = [message for message in channel.messages.values() if not message.is_reply]
    return [
        message_state(message)
        | {
            "reply_count": len(channel.replies(message.ts)),
            "replies": [message_state(reply) for reply in channel.replies(message.ts)],
        }
        for message in parents
    ]


def message_state(message: Message) -> Json:
    """Return a message as its readers have it: without metadata."""
    return {
        "ts": message.ts,
        "user": message.user_id,
        "bot_id": message.bot_id or None,
        "text": message.text,
        "blocks": message.blocks,
        "reactions": reactions_json(message, full=True),
        "thread_ts": message.thread_ts or None,
        "edited": message.edited,
    }


def ephemeral_json(ephemeral: Ephemeral) -> Json:
    """Return a message that only one person sees."""
    return {
        "channel": ephemeral.channel_id,
        "ts": ephemeral.ts,
        "text": ephemeral.text,
        "blocks": ephemeral.blocks,
        "thread_ts": ephemeral.thread_ts or None,
    }


def view_state(workspace: Workspace, view: View) -> Json:
    """Return an open modal with what is entered (`state.values`) and what is wrong."""
    return view_json(workspace, view) | {"errors": view.errors, "trouble": view.trouble}
