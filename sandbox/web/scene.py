"""What a renderer needs to know of the workspace: who looks, and the names of people and channels."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.models import Channel, User

PERMALINK = re.compile(r"/archives/(?P<channel>\w+)/p(?P<seconds>\d{10})(?P<micros>\d{6})(?:\?|$)")

HOME_LINK = re.compile(r"slack://app\?(?:.*&)?tab=home(?:&|$)")


@dataclass(frozen=True, slots=True)
class Scene:
    """One viewer's surroundings; renderers take everything but their block from here.

    `channels` holds those that the viewer may see; `groups` the handles of user groups by id.
    """

    viewer_id: str
    users: Mapping[str, User] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    now: float = 0.0
    has_panel: bool = False
    has_home: bool = True

    def user_name(self, user_id: str) -> str:
        """The name that others see, or the id of somebody unknown."""
        user = self.users.get(user_id)
        return (user.real_name or user.name) if user else user_id

    def channel_name(self, channel_id: str) -> str:
        """A channel's name without `#`, or its id."""
        channel = self.channels.get(channel_id)
        return channel.name if channel else channel_id

    def zone(self) -> tzinfo:
        """The viewer's time zone."""
        viewer = self.users.get(self.viewer_id)
        return zone_named(viewer.tz if viewer else "UTC")

    def at(self, seconds: float) -> datetime:
        """A moment as the viewer's clock shows it."""
        return datetime.fromtimestamp(seconds, self.zone())

    def href(self, path: str, **extra: str) -> str:
        """A link inside the page that keeps the viewer and the evaluator's panel."""
        panel = {"panel": "1"} if self.has_panel else {}
        return f"{path}?{urlencode({'as': self.viewer_id, **panel, **extra})}"

    def message_href(self, channel_id: str, ts: str) -> str:
        """A link to one message."""
        return self.href(f"/c/{channel_id}", at=ts)

    def local_href(self, url: str) -> str | None:
        """This page's own address of a Slack permalink or of an app's Home, or nothing for other addresses.

        https://docs.slack.dev/interactivity/deep-linking
        """
        if self.has_home and HOME_LINK.match(url):
            return self.href("/home")
        found = PERMALINK.search(url)
        if not found or found["channel"] not in self.channels:
            return None
        return self.message_href(found["channel"], f"{found['seconds']}.{found['micros']}")


@cache
def zone_named(name: str) -> tzinfo:
    """The time zone of that name, UTC when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
