"""The workspace's channels, direct messages and apps, at the left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import htpy as h

from sandbox.web.icons import icon
from sandbox.web.people import avatar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.models import Channel
    from sandbox.web.scene import Scene


@dataclass(frozen=True, slots=True)
class Unread:
    """How many messages of a channel a viewer has not seen, and how many of them call them by name."""

    count: int = 0
    mentions: int = 0


@dataclass(frozen=True, slots=True)
class Sidebar:
    """What the sidebar shows: `unread` is by channel, `here` is the open channel, `home` the App Home."""

    scene: Scene
    team_name: str
    app_user_id: str
    here: str
    unread: Mapping[str, Unread]

    def news_in(self, *channels: Channel) -> Unread:
        """What is unread in channels that the viewer is in and does not look at."""
        mine = [self.unread[c.id] for c in channels if self.scene.viewer_id in c.members and c.id != self.here]
        return Unread(sum(one.count for one in mine), sum(one.mentions for one in mine))


def sidebar(side: Sidebar) -> h.Element:
    """The whole column."""
    channels = [c for c in side.scene.channels.values() if not c.is_im]
    mine = [c for c in channels if side.scene.viewer_id in c.members]
    others = [c for c in channels if side.scene.viewer_id not in c.members]
    direct = [c for c in side.scene.channels.values() if c.is_im and side.app_user_id not in c.members]
    return h.nav("#side", aria_label="Channels and direct messages")[
        h.div(".team")[h.strong[side.team_name], h.span(".chip")["Sandbox"]],
        _group("Channels", [_channel(channel, side) for channel in mine]),
        _group("More channels", [_channel(channel, side) for channel in others]) if others else None,
        _group("Direct messages", [*[_direct(channel, side) for channel in direct], _new_message(side)]),
        _group("Apps", [_app(side)]),
    ]


def partner(channel: Channel, viewer_id: str) -> str:
    """The other side of a direct message; oneself in the one with oneself."""
    return next((member for member in channel.members if member != viewer_id), viewer_id)


def _group(title: str, rows: Iterable[h.Node]) -> h.Element:
    return h.section(aria_label=title)[h.h2[title], h.ul[[h.li[row] for row in rows]]]


def _link(href: str, news: Unread, *, is_here: bool) -> h.Element:
    names = ["row", *(["here"] if is_here else []), *(["unread"] if news.count else [])]
    label = {"data-count": str(news.mentions) if news.mentions else None}
    return h.a(label, class_=" ".join(names), href=href, aria_current="page" if is_here else None)


def _unread_words(news: Unread) -> h.Node:
    called = f", {news.mentions} of them for you" if 0 < news.mentions < news.count else ""
    return h.span(".visually-hidden")[f", {news.count} unread{called}"] if news.count else None


def _channel(channel: Channel, side: Sidebar) -> h.Element:
    news = side.news_in(channel)
    return _link(side.scene.href(f"/c/{channel.id}"), news, is_here=channel.id == side.here)[
        icon("lock" if channel.is_private else "hash"), h.span(".name")[channel.name], _unread_words(news)
    ]


def _direct(channel: Channel, side: Sidebar) -> h.Element:
    news, other = side.news_in(channel), partner(channel, side.scene.viewer_id)
    you = h.span(".muted")[" you"] if other == side.scene.viewer_id else None
    return _link(side.scene.href(f"/c/{channel.id}"), news, is_here=channel.id == side.here)[
        avatar(other, side.scene, ".tiny"), h.span(".name")[side.scene.user_name(other), you], _unread_words(news)
    ]


def _new_message(side: Sidebar) -> h.Element:
    return h.button(
        ".row", type="button", id="new-message", data_menu=side.scene.href("/menu/people"), aria_haspopup="menu"
    )[h.span(".plus", aria_hidden="true")["+"], h.span(".name")["New message"]]  # fmt: skip


def _app(side: Sidebar) -> h.Element:
    """The app's row leads to its Home, or to its messages when some are new or it has no Home."""
    direct = [c for c in side.scene.channels.values() if c.is_im and side.app_user_id in c.members]
    news = side.news_in(*direct)
    is_here = not side.here or side.here in {channel.id for channel in direct}
    messages = f"/c/{direct[0].id}" if direct else f"/dm/{side.app_user_id}"
    href = "/home" if side.scene.has_home and not news.count else messages
    return _link(side.scene.href(href), news, is_here=is_here)[
        avatar(side.app_user_id, side.scene, ".tiny"),
        h.span(".name")[side.scene.user_name(side.app_user_id)],
        _unread_words(news),
    ]
