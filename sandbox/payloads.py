"""The JSON that Slack shows and sends: messages, channels, views, people, and the payloads around them."""

from typing import Any

from sandbox.models import Channel, Json, Message, View
from sandbox.workspace import Workspace

# Without `full`, the people of a reaction are cut; the count is not.
SHOWN_REACTORS = 50
# Interactions that do not say which app they are for.
SHORTCUTS = {"shortcut", "message_action"}
# A home has no title; Slack puts one there all the same.
HOME_TITLE = {"type": "plain_text", "text": "View Title", "emoji": True}


def user_ref(workspace: Workspace, user_id: str) -> Json:
    """Return who did something, as interaction payloads name them."""
    user = workspace.users[user_id]
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id}


def team_ref(workspace: Workspace) -> Json:
    """Return the workspace, as interaction payloads name it."""
    return {"id": workspace.team_id, "domain": workspace.domain}


def channel_ref(channel: Channel) -> Json:
    """Return the channel, as interactions name it: private ones without their name."""
    return {"id": channel.id, "name": channel_name(channel)}


def channel_name(channel: Channel) -> str:
    """Return the name that commands and interactions carry."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def event_wrapper(workspace: Workspace, event: Json) -> Json:
    """Return the outer event with a new event_id.

    https://docs.slack.dev/apis/events-api
    """
    app = workspace.app
    channel = workspace.channels.get(event.get("item", {}).get("channel", ""))
    return {
        "token": app.verification_token,
        "team_id": workspace.team_id,
        "context_team_id": workspace.team_id,
        "context_enterprise_id": None,
        "api_app_id": app.id,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": app.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
        "event_context": "4-" + workspace.new_id("", 40),
    }


def interaction(workspace: Workspace, kind: str, user_id: str, **fields: Any) -> Json:
    """Return the payload of an interaction with what all of them have.

    https://docs.slack.dev/reference/interaction-payloads
    """
    user = user_ref(workspace, user_id)
    app: Json = {"api_app_id": workspace.app.id}
    if kind in SHORTCUTS:
        app = {}
    if kind == "shortcut":
        del user["name"]
    return {
        "type": kind,
        "user": user,
        "team": team_ref(workspace),
        "token": workspace.app.verification_token,
        "enterprise": None,
        "is_enterprise_install": False,
        **app,
        **fields,
    }


def reaction_event(workspace: Workspace, kind: str, message: Message, name: str, user_id: str) -> Json:
    """Return a reaction_added or reaction_removed event.

    https://docs.slack.dev/reference/events/reaction_added
    """
    return {
        "type": kind,
        "user": user_id,
        "reaction": name,
        "item": {"type": "message", "channel": message.channel_id, "ts": message.ts},
        "item_user": message.user_id,
        "event_ts": workspace.clock.next_ts(),
    }


def message_json(workspace: Workspace, message: Message, *, metadata: bool = False, full: bool = False) -> Json:
    """Return a message as history has it; `metadata` only when it was asked for, all reactors with `full`."""
    result: Json = {
        "type": "message",
        "user": message.user_id,
        "ts": message.ts,
        "text": message.text,
        "team": workspace.team_id,
    }
    if message.bot_id:
        result |= {"bot_id": message.bot_id, "app_id": message.app_id, "bot_profile": bot_profile(workspace, message)}
    if message.blocks:
        result["blocks"] = message.blocks
    if message.edited:
        result["edited"] = message.edited
    if message.reactions:
        result["reactions"] = reactions_json(message, full=full)
    if metadata and message.metadata:
        result["metadata"] = message.metadata
    return result | _thread(workspace, message)


def reactions_json(message: Message, *, full: bool) -> list[Json]:
    """Return a message's reactions, with every reactor's id when `full`.

    https://docs.slack.dev/reference/methods/reactions.get
    """
    shown = None if full else SHOWN_REACTORS
    return [{"name": name, "users": ids[:shown], "count": len(ids)} for name, ids in message.reactions.items()]


def _thread(workspace: Workspace, message: Message) -> Json:
    channel = workspace.channels[message.channel_id]
    if message.is_reply:
        parent = channel.messages.get(message.thread_ts)
        return {"thread_ts": message.thread_ts} | ({"parent_user_id": parent.user_id} if parent else {})
    replies = channel.replies(message.ts)
    if not replies:
        return {}
    people = list(dict.fromkeys(reply.user_id for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(people),
        "reply_users": people[:5],
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }


def bot_profile(workspace: Workspace, message: Message) -> Json:
    """Return the profile that messages of apps carry."""
    return {
        "id": message.bot_id,
        "deleted": False,
        "name": workspace.users[message.user_id].real_name,
        "updated": 1764000000,
        "app_id": message.app_id,
        "icons": {},
        "team_id": workspace.team_id,
    }


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    """Return a conversation as its app sees it.

    https://docs.slack.dev/reference/objects/conversation-object
    """
    bot_user_id = workspace.app.bot_user_id
    common: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_im": channel.is_im,
        "is_org_shared": False,
        "context_team_id": workspace.team_id,
        "updated": channel.created * 1000,
    }
    if channel.is_im:
        others = [member for member in channel.members if member != bot_user_id]
        return common | {"user": others[0] if others else bot_user_id, "is_user_deleted": False, "priority": 0}
    return common | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_mpim": False,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_private": channel.is_private,
        "is_general": channel.name == "general",
        "is_member": bot_user_id in channel.members,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "creator": channel.creator,
        "num_members": len(channel.members),
        "purpose": {"value": channel.purpose, "creator": channel.creator, "last_set": channel.created},
        "topic": {"value": "", "creator": "", "last_set": 0},
    }


def view_json(workspace: Workspace, view: View) -> Json:
    """Return a view as answers and interactions carry it.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
    """
    title = HOME_TITLE if view.definition["type"] == "home" else None
    absent: Json = {"callback_id": "", "private_metadata": "", "external_id": "", "title": title, "submit": None}
    return (
        absent
        | {"close": None, "clear_on_close": False, "notify_on_close": False}
        | view.definition
        | {
            "id": view.id,
            "team_id": workspace.team_id,
            "state": {"values": view.state},
            "hash": view.hash,
            "root_view_id": view.root_view_id,
            "previous_view_id": view.previous_view_id,
            "app_id": workspace.app.id,
            "app_installed_team_id": workspace.team_id,
            "bot_id": workspace.app.bot_id,
        }
    )
