"""What a window shows, as its address says it: `/c/C1?as=U03&thread=...&panel=1` or `/home?as=U03`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.models import Channel, User
    from sandbox.workspace import Workspace

DRAWN = 100
MOST_DRAWN = 5000


@dataclass(frozen=True, slots=True)
class Location:
    """One viewer's place: a channel (perhaps with a thread open) or, with an empty `channel_id`, the App Home.

    `limit` is how many of the newest messages are drawn, `at` the message that a link leads to,
    `stranger` whom the address names although nobody can act as them.
    """

    viewer_id: str
    channel_id: str = ""
    thread_ts: str = ""
    limit: int = DRAWN
    has_panel: bool = False
    at: str = ""
    stranger: str = ""


def locate(workspace: Workspace, path: str, query: Mapping[str, str]) -> Location:
    """The place that an address names; what does not exist or may not be seen becomes the nearest that may."""
    viewer_id, stranger = query.get("as", ""), ""
    if viewer_id not in {user.id for user in actors(workspace)}:
        viewer_id, stranger = first_viewer(workspace).id, viewer_id
    kind, _, target = path.strip("/").partition("/")
    if kind == "home" and not workspace.app.has_home_tab:
        kind, target = "dm", workspace.app.bot_user_id
    channel_id = "" if kind == "home" else _channel(workspace, viewer_id, kind, target)
    channel = workspace.channels.get(channel_id)
    at, thread_ts = query.get("at", ""), query.get("thread", "")
    linked = channel.messages.get(at) if channel else None
    if linked and linked.is_reply:
        thread_ts = linked.thread_ts
    return Location(
        viewer_id,
        channel_id,
        thread_ts if channel and thread_ts in channel.messages else "",
        max(_limit(query.get("limit", "")), _depth(channel, at) if linked else 0),
        query.get("panel") == "1",
        at if linked else "",
        stranger,
    )


def _limit(text: str) -> int:
    return min(int(text), MOST_DRAWN) if re.fullmatch("[0-9]{1,6}", text) else DRAWN


def _depth(channel: Channel | None, ts: str) -> int:
    """How many messages must be drawn for that one to be among them."""
    return sum(1 for other in channel.messages if other >= ts) + 20 if channel else 0


def actors(workspace: Workspace) -> list[User]:
    """Everyone whom one can be in the page: all but the app itself, Slack's own bot and those who left."""
    nobody = {workspace.app.bot_user_id, "USLACKBOT"}
    return [user for user in workspace.users.values() if not user.deleted and user.id not in nobody]


def first_viewer(workspace: Workspace) -> User:
    """Whom a newcomer acts as: somebody close to customers, in no leading role."""
    people = actors(workspace)
    return next((user for user in people if "agent" in user.title.lower()), people[0])


def first_channel(workspace: Workspace, viewer_id: str) -> str:
    """The channel that a window opens with: the app's busiest one that the viewer is in."""
    seen = [channel for channel in workspace.channels.values() if workspace.can_see(viewer_id, channel.id)]
    mine = [channel for channel in seen if viewer_id in channel.members and not channel.is_im]
    with_app = [channel for channel in mine if workspace.app.bot_user_id in channel.members]
    return next((channel.id for channel in with_app or mine), "")


def _channel(workspace: Workspace, viewer_id: str, kind: str, target: str) -> str:
    if kind == "dm" and target in workspace.users:
        return workspace.open_im(viewer_id, target).id
    if kind == "c" and target in workspace.channels and workspace.can_see(viewer_id, target):
        return target
    return first_channel(workspace, viewer_id)
