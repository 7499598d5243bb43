"""conversations methods about channels themselves."""

from sandbox.errors import SlackError
from sandbox.methods.registry import Call, method
from sandbox.models import Channel, Json
from sandbox.payloads import channel_json

READ_SCOPES = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}


def type_of(channel: Channel) -> str:
    """Return the conversation's type as the `types` argument names it."""
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def visible_channels(call: Call) -> list[Channel]:
    """Return the conversations of the wanted `types` that the app can know of."""
    types = [name.strip() for name in call.text("types", "public_channel").split(",")]
    if not set(types) <= READ_SCOPES.keys():
        raise SlackError("invalid_types")
    for name in types:
        call.needs_scope(READ_SCOPES[name])
    channels = [channel for channel in call.workspace.channels.values() if type_of(channel) in types]
    channels = [channel for channel in channels if not channel.is_deleted]
    if call.flag("exclude_archived"):
        channels = [channel for channel in channels if not channel.is_archived]
    bot_user_id = call.workspace.app.bot_user_id
    return [c for c in channels if type_of(c) == "public_channel" or bot_user_id in c.members]


@method("conversations.info")
def conversations_info(call: Call) -> Json:
    """Describe one conversation."""
    channel = call.channel()
    call.needs_scope(READ_SCOPES[type_of(channel)])
    result = channel_json(call.workspace, channel)
    if not call.flag("include_num_members"):
        result.pop("num_members", None)
    return {"channel": result}


@method("conversations.list", tier=2)
def conversations_list(call: Call) -> Json:
    """List conversations."""
    channels, cursor = call.page(visible_channels(call))
    found = [channel_json(call.workspace, channel) for channel in channels]
    return {"channels": found, "response_metadata": {"next_cursor": cursor}}


@method("conversations.members", tier=4)
def conversations_members(call: Call) -> Json:
    """List the members of a conversation."""
    channel = call.channel()
    call.needs_scope(READ_SCOPES[type_of(channel)])
    members, cursor = call.page(channel.members)
    return {"members": members, "response_metadata": {"next_cursor": cursor}}


@method("conversations.open", scope="im:write")
def conversations_open(call: Call) -> Json:
    """Open the direct message with one person."""
    user_ids = [user_id.strip() for user_id in call.required("users").split(",")]
    if len(user_ids) != 1:
        raise SlackError("not_enough_users")
    known = set(call.workspace.channels)
    channel = open_im(call, user_ids[0])
    again = {"no_op": True, "already_open": True} if channel.id in known else {}
    result = channel_json(call.workspace, channel) if call.flag("return_im") else {"id": channel.id}
    result.pop("is_user_deleted", None)
    return again | {"channel": result}


def open_im(call: Call, user_id: str) -> Channel:
    """Return the bot's direct message with somebody; raises what Slack says of people who cannot have one."""
    user = call.workspace.users.get(user_id)
    if user is None:
        raise SlackError("user_not_found")
    if user.deleted:
        raise SlackError("user_disabled")
    if user.role == "bot":
        raise SlackError("cannot_dm_bot")
    return call.workspace.open_im(call.workspace.app.bot_user_id, user_id)


@method("conversations.join", scope="channels:join")
def conversations_join(call: Call) -> Json:
    """Make the bot a member of a public channel."""
    channel = call.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    if type_of(channel) != "public_channel":
        raise SlackError("method_not_supported_for_channel_type")
    call.workspace.join(channel.id, call.workspace.app.bot_user_id)
    result = channel_json(call.workspace, channel)
    del result["num_members"]
    return {"channel": result}
