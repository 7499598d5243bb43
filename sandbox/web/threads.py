"""The thread beside the channel: the message that began it, the replies, and a composer of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import htpy as h

from sandbox.web.composer import Composer, composer
from sandbox.web.icons import icon
from sandbox.web.parts import Part, frame, leaf

if TYPE_CHECKING:
    from sandbox.models import Channel
    from sandbox.web.scene import Scene


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """What the column shows; `rows` are the parts of the log, the first message first."""

    scene: Scene
    channel: Channel
    thread_ts: str
    rows: list[Part]


def thread_page(page: ThreadPage | None) -> Part:
    """The column, or its empty place when no thread is open."""
    if page is None:
        return frame("thread", lambda: h.aside("#thread", hidden=True), "closed", [])
    head = leaf(_head(page))
    foot = leaf(composer(Composer(page.scene, page.channel, "Reply…", [], page.thread_ts)))

    def element() -> h.Element:
        return h.aside("#thread", aria_label="Thread")[
            head,
            h.div(".scroller", role="log", aria_label="Messages in the thread", tabindex="0", data_stick=True)[
                h.ol("#thread-log.log")[page.rows]
            ],
            foot,
        ]

    return frame("thread", element, f"{page.channel.id}/{page.thread_ts}", [head, *page.rows, foot])


def _head(page: ThreadPage) -> h.Element:
    where = "Direct message" if page.channel.is_im else f"#{page.channel.name}"
    return h.header("#thread-head")[
        h.h2["Thread"],
        h.p(".purpose")[where],
        h.a(
            ".icon-button",
            id="thread-close",
            href=page.scene.href(f"/c/{page.channel.id}"),
            aria_label="Close the thread",
        )[icon("close")],
    ]
