"""auth, bots, team, apps, emoji and api methods."""

from sandbox.errors import SlackError
from sandbox.methods.registry import Call, method
from sandbox.models import Json


@method("api.test", caller="anyone", tier=4)
def api_test(call: Call) -> Json:
    """Echo the arguments."""
    if call.text("error"):
        raise SlackError(call.text("error"), args=call.arguments)
    return {"args": call.arguments}


@method("auth.test", tier=0)
def auth_test(call: Call) -> Json:
    """Say whose token it is."""
    workspace = call.workspace
    return {
        "url": f"{workspace.page_url}/",
        "team": workspace.team_name,
        "user": workspace.users[workspace.app.bot_user_id].name,
        "team_id": workspace.team_id,
        "user_id": workspace.app.bot_user_id,
        "bot_id": workspace.app.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", caller="app", tier=1)
def apps_connections_open(call: Call) -> Json:
    """Give out the address of one new socket."""
    return {"url": call.delivery.sockets.new_url()}


@method("bots.info", scope="users:read")
def bots_info(call: Call) -> Json:
    """Describe a bot user; without an argument, this app's."""
    bot_id = call.text("bot") or call.workspace.app.bot_id
    for user in call.workspace.users.values():
        if user.bot_id == bot_id:
            return {
                "bot": {
                    "id": bot_id,
                    "deleted": user.deleted,
                    "name": user.real_name,
                    "updated": 1764000000,
                    "app_id": user.app_id,
                    "user_id": user.id,
                    "icons": {},
                }
            }
    raise SlackError("bot_not_found")


@method("team.info", scope="team:read")
def team_info(call: Call) -> Json:
    """Describe the workspace."""
    workspace = call.workspace
    team = {"id": workspace.team_id, "name": workspace.team_name, "domain": workspace.domain}
    return {"team": team | {"url": f"{workspace.page_url}/", "email_domain": "", "icon": {}}}


@method("emoji.list", scope="emoji:read", tier=2)
def emoji_list(call: Call) -> Json:
    """List the workspace's own emoji and aliases."""
    return {"emoji": call.workspace.custom_emoji, "cache_ts": call.workspace.clock.next_ts()}
