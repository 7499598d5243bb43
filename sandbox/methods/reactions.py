"""reactions methods."""

from sandbox.emojinames import canonical_name
from sandbox.errors import SlackError
from sandbox.methods.registry import Call, method
from sandbox.models import Json, Message
from sandbox.payloads import message_json, reaction_event


def _message(call: Call) -> Message:
    if not call.text("channel") or not call.text("timestamp"):
        raise SlackError("no_item_specified")
    return call.message(call.member_channel(), "timestamp")


def _react(call: Call, kind: str) -> Json:
    name = canonical_name(call.workspace, call.text("name"))
    message = _message(call)
    workspace = call.workspace
    if workspace.channels[message.channel_id].is_archived:
        raise SlackError("is_archived")
    change = workspace.react if kind == "reaction_added" else workspace.unreact
    change(message, name, workspace.app.bot_user_id)
    call.delivery.announce(reaction_event(workspace, kind, message, name, workspace.app.bot_user_id))
    return {}


@method("reactions.add", scope="reactions:write")
def reactions_add(call: Call) -> Json:
    """Add the bot's reaction to a message."""
    return _react(call, "reaction_added")


@method("reactions.remove", scope="reactions:write", tier=2)
def reactions_remove(call: Call) -> Json:
    """Take the bot's reaction off a message."""
    return _react(call, "reaction_removed")


@method("reactions.get", scope="reactions:read")
def reactions_get(call: Call) -> Json:
    """Return a message with its reactions, all people with `full`."""
    message = _message(call)
    content = message_json(call.workspace, message, full=call.flag("full"))
    permalink = f"{call.workspace.page_url}/archives/{message.channel_id}/p{message.ts.replace('.', '')}"
    return {"type": "message", "channel": message.channel_id, "message": content | {"permalink": permalink}}
