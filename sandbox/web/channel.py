"""A channel or direct message: its head, its messages, the welcome for newcomers and the composer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import htpy as h

from sandbox.web.composer import Composer, composer
from sandbox.web.icons import icon
from sandbox.web.parts import Part, frame, leaf
from sandbox.web.people import avatar, badge
from sandbox.web.sidebar import partner

if TYPE_CHECKING:
    from typing import Any

    from sandbox.models import Channel
    from sandbox.web.scene import Scene

EXAMPLE = "/cxidea Let customers reschedule deliveries online"


@dataclass(frozen=True, slots=True)
class ChannelPage:
    """What the middle column shows; `rows` are the log's parts, oldest first."""

    scene: Scene
    channel: Channel
    rows: list[Part]
    commands: list[dict[str, Any]]
    app_user_id: str
    has_older: bool = False


def channel_page(page: ChannelPage) -> Part:
    """The column as one part, swapped whole only when another channel is opened."""
    where = heading(page.channel, page.scene)
    head = leaf(_head(page))
    foot = leaf(composer(Composer(page.scene, page.channel, f"Message {where}", page.commands)))
    hint = leaf(welcome(page.scene))
    older = leaf(h.div("#older", data_older="more" if page.has_older else None)[_beginning(page)])

    def element() -> h.Element:
        return h.main("#main", aria_label=where, tabindex="-1")[
            head,
            hint,
            h.div(".scroller", role="log", aria_label=f"Messages in {where}", tabindex="0", data_stick=True)[
                older, h.ol("#log.log")[page.rows]
            ],
            foot,
        ]

    return frame("main", element, page.channel.id, [head, hint, older, *page.rows, foot])


def heading(channel: Channel, scene: Scene) -> str:
    """`#name`, or the other person's name."""
    return scene.user_name(partner(channel, scene.viewer_id)) if channel.is_im else f"#{channel.name}"


def _head(page: ChannelPage) -> h.Element:
    channel, scene = page.channel, page.scene
    if channel.is_im:
        return _direct_head(page, partner(channel, scene.viewer_id))
    return h.header("#head")[
        drawer_button(),
        h.h1[icon("lock" if channel.is_private else "hash"), channel.name],
        h.p(".purpose")[channel.purpose],
        h.span(".members", title=", ".join(scene.user_name(member) for member in channel.members))[
            icon("people"), str(len(channel.members)), h.span(".visually-hidden")[" members"]
        ],
    ]


def _direct_head(page: ChannelPage, other: str) -> h.Element:
    user = page.scene.users.get(other)
    title = user.title if user and other != page.app_user_id else ""
    return h.header("#head")[
        drawer_button(),
        h.h1[avatar(other, page.scene, ".small"), page.scene.user_name(other), badge(user)],
        h.p(".purpose")[title],
        app_tabs(page.scene, page.channel.id, is_home=False) if other == page.app_user_id else None,
    ]


def app_tabs(scene: Scene, channel_id: str, *, is_home: bool) -> h.Node:
    """The app's two tabs; without a Home there is nothing to choose."""
    if not scene.has_home:
        return None
    messages = f"/c/{channel_id}" if channel_id in scene.channels else f"/dm/{channel_id}"
    return h.nav(".tabs", aria_label="App")[
        h.a(href=scene.href("/home"), aria_current="page" if is_home else None)["Home"],
        h.a(href=scene.href(messages), aria_current=None if is_home else "page")["Messages"],
    ]


def drawer_button() -> h.Element:
    """Opens the sidebar where there is no room beside the messages."""
    return h.button(
        ".icon-button.drawer", id="drawer", type="button", data_toggle="show-side", aria_label="Channels",
        aria_expanded="false",
    )[icon("menu")]  # fmt: skip


def _beginning(page: ChannelPage) -> h.Node:
    if page.has_older:
        return h.p(".loading")["Loading earlier messages"]
    channel, scene = page.channel, page.scene
    if channel.is_im:
        other = partner(channel, scene.viewer_id)
        return h.div(".beginning")[
            avatar(other, scene, ".large"),
            h.h2[scene.user_name(other)],
            h.p["This is the very beginning of your direct messages with ", h.b[scene.user_name(other)], "."],
        ]
    return h.div(".beginning")[
        h.h2["#", channel.name],
        h.p[
            "This is the very beginning of ",
            h.b["#", channel.name],
            f". {channel.purpose}." if channel.purpose else ".",
        ],
    ]


def welcome(scene: Scene) -> h.Element:
    """Who the newcomer is and what to do first; stays away once dismissed."""
    viewer = scene.users[scene.viewer_id]
    # "Engineer" becomes "engineer", "VP of ..." stays.
    job = viewer.title if viewer.title[1:2].isupper() else f"{viewer.title[:1].lower()}{viewer.title[1:]}"
    return h.aside("#welcome", aria_label="Welcome")[
        avatar(viewer.id, scene, ".small"),
        h.p[
            h.span[h.b[f"You are {viewer.real_name}"], f", {job}. "],
            h.span["Type ", h.code[EXAMPLE], " below"],
            h.span(".then")[", then vote as somebody else: press your name, top right"],
            ".",
        ],
        h.button(".button.small", id="welcome-try", type="button", data_fill=EXAMPLE)["Try it"],
        h.button(
            ".icon-button", id="welcome-close", type="button", data_dismiss="welcome", aria_label="Dismiss the hint"
        )[icon("close")],
    ]
