"""users and usergroups methods."""

from sandbox.errors import SlackError
from sandbox.methods.channels import visible_channels
from sandbox.methods.registry import Call, method
from sandbox.models import Json
from sandbox.payloads import channel_json


@method("users.info", scope="users:read", tier=4)
def users_info(call: Call) -> Json:
    """Describe one person."""
    return {"user": call.user().as_slack()}


@method("users.profile.get", scope="users.profile:read", tier=4)
def users_profile_get(call: Call) -> Json:
    """Return a person's profile with the workspace's own fields; without one named, the bot's."""
    user_id = call.text("user") or call.workspace.app.bot_user_id
    if user_id not in call.workspace.users:
        raise SlackError("user_not_found")
    return {"profile": call.workspace.users[user_id].full_profile()}


@method("users.list", scope="users:read", tier=2)
def users_list(call: Call) -> Json:
    """List everybody, deactivated people too."""
    people, cursor = call.page(list(call.workspace.users.values()), default=1000)
    return {
        "members": [user.as_slack() for user in people],
        "cache_ts": int(call.workspace.clock.now()),
        "response_metadata": {"next_cursor": cursor},
    }


@method("users.conversations")
def users_conversations(call: Call) -> Json:
    """List the conversations of a person; without one, of the bot."""
    user_id = call.text("user") or call.workspace.app.bot_user_id
    theirs = [channel for channel in visible_channels(call) if user_id in channel.members]
    channels, cursor = call.page(theirs)
    found = [channel_json(call.workspace, channel) for channel in channels]
    for shown in found:
        for key in ("is_member", "num_members"):  # Not in this method's answers.
            shown.pop(key, None)
    return {"channels": found, "response_metadata": {"next_cursor": cursor}}


@method("usergroups.list", scope="usergroups:read", tier=2)
def usergroups_list(call: Call) -> Json:
    """List the user groups, with their people when `include_users` says so."""
    groups = []
    for group in call.workspace.user_groups.values():
        people = {"users": group.users} if call.flag("include_users") else {}
        groups.append(group.as_slack(call.workspace.team_id) | people)
    return {"usergroups": groups}


@method("usergroups.users.list", scope="usergroups:read", tier=2)
def usergroups_users_list(call: Call) -> Json:
    """List the active people of a user group."""
    group = call.workspace.user_groups.get(call.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": [user_id for user_id in group.users if not call.workspace.users[user_id].deleted]}
