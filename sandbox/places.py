"""Finding what a person refers to: only what is on their screen is found."""

from typing import Any

from sandbox.errors import ActError
from sandbox.models import Channel, Json, Message, User, View
from sandbox.parts import Parts
from sandbox.payloads import view_json


def value_of(request: Json, key: str, default: str | None = None) -> str:
    """Return a key of a request as text; raises ActError when it is not there."""
    value: Any = request.get(key, default)
    if value is None:
        raise ActError(f"{request['do']} needs {key!r}.")
    return str(value)


def visible_channel(parts: Parts, user: User, request: Json) -> Channel:
    """Return the channel that a request names; a person's id stands for the direct message with them."""
    channel_id = value_of(request, "channel")
    workspace = parts.workspace
    if channel_id in workspace.users:
        return workspace.open_im(user.id, channel_id)
    if channel_id not in workspace.channels or not workspace.can_see(user.id, channel_id):
        raise ActError("channel_not_found")
    return workspace.channels[channel_id]


def visible_message(parts: Parts, user: User, request: Json) -> tuple[Channel, Message]:
    """Return the message that `channel` and `ts` name, with its channel."""
    channel = visible_channel(parts, user, request)
    message = channel.messages.get(value_of(request, "ts"))
    if message is None:
        raise ActError("message_not_found")
    return channel, message


def visible_view(parts: Parts, user: User, request: Json) -> View:
    """Return the modal or App Home that `view_id` names; modals below another are not on the screen."""
    view_id = value_of(request, "view_id")
    home = parts.workspace.homes.get(user.id)
    if home and home.id == view_id:
        return home
    view = parts.workspace.views.get(view_id)
    if view is None or view.user_id != user.id:
        raise ActError(f"{user.real_name} has no open view {view_id}.")
    if parts.workspace.stack_of(view)[-1] is not view:
        raise ActError("Another view lies on top of this one.")
    return view


def opened_view(parts: Parts, trigger_id: str) -> Json | None:
    """Return the modal that the app opened with a trigger, if it did and it is still open."""
    view = parts.workspace.views.get(parts.triggers.view_opened_by(trigger_id))
    return view_json(parts.workspace, view) if view else None
