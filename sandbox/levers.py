"""More of what `POST /control` can do: states of channels and people, deliveries once more, and the end of it all."""

import re
from collections.abc import Awaitable, Callable

from sandbox.models import Channel, Json
from sandbox.parts import Parts

Lever = Callable[[Parts, Json], Awaitable[Json] | Json]
CHANNEL_NAME = re.compile(r"[a-z0-9_-]{1,80}")
ROLES = ("employee", "guest", "leader", "admin")


def channel_lever(**state: bool) -> Lever:
    """Return the lever that brings `channel` into a state."""

    def set_it(parts: Parts, request: Json) -> Json:
        parts.workspace.set_channel(_channel(parts, request).id, **state)
        return {}

    return set_it


def _chart_state(*, takes: bool) -> Lever:
    def set_it(parts: Parts, _request: Json) -> Json:
        parts.workspace.takes_charts = takes
        return {}

    return set_it


def rename_channel(parts: Parts, request: Json) -> Json:
    """Give `channel` another `name`."""
    channel, name = _channel(parts, request), request["name"]
    if not isinstance(name, str) or not CHANNEL_NAME.fullmatch(name):
        raise ValueError("A channel's name has small letters, digits, - and _, 80 at most.")
    if any(other.name == name and other is not channel for other in parts.workspace.channels.values()):
        raise ValueError(f"There is a channel #{name} already.")
    parts.workspace.set_channel(channel.id, name=name)
    return {}


def _channel(parts: Parts, request: Json) -> Channel:
    return parts.workspace.channels[request["channel"]]


def set_role(parts: Parts, request: Json) -> Json:
    """Make `user` an employee, a guest, a leader or an admin: the `role` that the page and Slack say they have."""
    user, role = parts.workspace.users[request["user"]], request["role"]
    if role not in ROLES:
        raise ValueError(f"A role is one of: {', '.join(ROLES)}.")
    if user.team_id != parts.workspace.team_id or user.is_bot:
        raise ValueError(f"{user.real_name} is not of this workspace, or no person.")
    parts.workspace.set_role(user.id, role)
    return {}


def set_group(parts: Parts, request: Json) -> Json:
    """Let exactly these `users` be in the user `group`."""
    group, users = parts.workspace.user_groups[request["group"]], request["users"]
    if not isinstance(users, list):
        raise TypeError("users is a list of ids.")
    parts.workspace.set_group(group.id, [parts.workspace.users[user_id].id for user_id in users])
    return {}


async def deliver_again(parts: Parts, request: Json) -> Json:
    """Deliver the newest of a `kind` (event, command or interaction) once more; over HTTP it is the same to the byte.

    What the app answers is shown to nobody.
    """
    kind = str(request["kind"])
    try:
        reply = await parts.delivery.again(kind)
    except KeyError as error:
        raise ValueError(f"No {kind} has been delivered yet; the kinds are event, command and interaction.") from error
    return {"acked": reply.ok, "failure": reply.failure, "answer": reply.body}


def end_all(parts: Parts, _request: Json) -> Json:
    """Take away all that goes wrong: faults, limits, and what was done to the app, to channels and charts."""
    parts.faults.clear()
    parts.rates.on = False
    workspace = parts.workspace
    workspace.takes_charts = True
    workspace.app.is_token_revoked = workspace.app.is_account_inactive = False
    for channel_id in workspace.channels:
        workspace.heal_channel(channel_id)
    return {}


MORE_LEVERS: dict[str, Lever] = {
    "archive": channel_lever(is_archived=True),
    "unarchive": channel_lever(is_archived=False),
    "delete_channel": channel_lever(is_deleted=True),
    "restore_channel": channel_lever(is_deleted=False),
    "make_private": channel_lever(is_private=True),
    "make_public": channel_lever(is_private=False),
    "make_read_only": channel_lever(is_read_only=True),
    "make_writable": channel_lever(is_read_only=False),
    "rename_channel": rename_channel,
    "refuse_charts": _chart_state(takes=False),
    "take_charts": _chart_state(takes=True),
    "set_role": set_role,
    "set_group": set_group,
    "deliver_again": deliver_again,
    "end_all": end_all,
}
