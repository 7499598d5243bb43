"""Messages as people see them: in a channel, in a thread, and those that only one person sees."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import htpy as h

from sandbox.web import emojis
from sandbox.web.blocks import Surface, render_blocks
from sandbox.web.dates import clock_time, day_heading
from sandbox.web.icons import icon
from sandbox.web.mrkdwn import mrkdwn
from sandbox.web.people import avatar, badge

if TYPE_CHECKING:
    from sandbox.models import Ephemeral, Message
    from sandbox.web.scene import Scene

NAMES_SHOWN = 12
MENTIONS = re.compile(r'<@(U\w+)|"user_id": "(U\w+)"|<!(?:here|channel|everyone)|"type": "broadcast"')


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a message is shown: `key` begins its id (`m` in the channel, `t` in the thread)."""

    scene: Scene
    key: str = "m"
    compact: bool = False
    replies: tuple[Message, ...] = ()


def message(item: Message, place: Frame) -> h.Element:
    """A message with its reactions, its thread's summary and its toolbar."""
    key = f"{place.key}-{item.ts}"
    return _row(item, place, "message")[
        _side(item.user_id, item.ts, place),
        h.div(".message-body")[
            None if place.compact else _byline(item.user_id, item.ts, item.channel_id, place.scene),
            _content(item.text, item.blocks, Surface(place.scene, key)),
            h.span(".edited")["(edited)"] if item.edited else None,
            _reactions(item, place),
            _thread_summary(item, place),
        ],
        _toolbar(item, place),
    ]


def ephemeral(item: Ephemeral, author_id: str, place: Frame) -> h.Element:
    """A message that only the viewer sees."""
    key = f"{place.key}-{item.ts}"
    return _row(item, place, "message ephemeral")[
        _side(author_id, item.ts, place),
        h.div(".message-body")[
            h.p(".only-you")[icon("eye"), "Only visible to you"],
            _byline(author_id, item.ts, item.channel_id, place.scene),
            _content(item.text, item.blocks, Surface(place.scene, key)),
            h.button(".dismiss", type="button", id=f"{key}-dismiss", data_do="dismiss")["Dismiss message"],
        ],
    ]


def mentioned(item: Message) -> frozenset[str]:
    """The ids of people whom a message calls by name, and `!` when it calls everybody."""
    found = MENTIONS.findall(item.text + json.dumps(item.blocks))
    return frozenset(by_text or by_block or "!" for by_text, by_block in found)


def new_line(ts: str, key: str) -> h.Element:
    """The line above the first message that the viewer has not seen before."""
    return h.li(".day.new", id=f"{key}-new-{ts}")[h.span["New", h.span(".visually-hidden")[" messages"]]]


def day_divider(ts: str, key: str, scene: Scene) -> h.Element:
    """The line that begins a day."""
    moment = scene.at(float(ts))
    words = day_heading(moment, scene.at(scene.now))
    return h.li(".day", id=f"{key}-day-{moment:%Y-%m-%d}")[h.span[words]]


def _row(item: Message | Ephemeral, place: Frame, class_: str) -> h.Element:
    attributes: dict[str, Any] = {
        "id": f"{place.key}-{item.ts}",
        "class": f"{class_} compact" if place.compact else class_,
        "data-p-channel": item.channel_id,
        "data-p-ts": item.ts,
    }
    return h.li(attributes)


def _side(user_id: str, ts: str, place: Frame) -> h.Element:
    if place.compact:
        moment = place.scene.at(float(ts))
        return h.div(".message-side")[
            h.time(".hover-time", datetime=moment.isoformat())[f"{moment.hour % 12 or 12}:{moment:%M}"]
        ]
    return h.div(".message-side")[avatar(user_id, place.scene)]


def _byline(user_id: str, ts: str, channel_id: str, scene: Scene) -> h.Element:
    user = scene.users.get(user_id)
    moment = scene.at(float(ts))
    return h.div(".byline")[
        h.span({"class": "author", "title": user.title if user else None})[scene.user_name(user_id)],
        badge(user),
        h.a(".time", href=scene.message_href(channel_id, ts))[
            h.time(datetime=moment.isoformat(), title=f"{moment:%A, %d %B %Y, %H:%M:%S}")[clock_time(moment)]
        ],
    ]


def _content(text: str, blocks: list[dict[str, Any]], surface: Surface) -> h.Element:
    if blocks:
        return h.div(".blocks")[render_blocks(blocks, surface)]
    return h.div(".text")[mrkdwn(text, surface.scene)]


def _reactions(item: Message, place: Frame) -> h.Node:
    """Announcing every reaction in the log would drown a screen reader, so the bar is not live."""
    if not item.reactions:
        return None
    return h.div(".reactions", aria_live="off")[
        [_reaction(name, people, item, place) for name, people in item.reactions.items()],
        h.button(
            ".reaction.add", id=f"{place.key}-{item.ts}-add", type="button", aria_label="Add a reaction",
            data_menu=_menu("react", item, place),
        )[icon("react")],
    ]  # fmt: skip


def _reaction(name: str, people: list[str], item: Message, place: Frame) -> h.Element:
    mine = place.scene.viewer_id in people
    who = who_reacted(people, place.scene)
    words = (
        f"{name.replace('_', ' ')} emoji, {len(people)}: {who}. Press to {'take yours back' if mine else 'add yours'}"
    )
    return h.button(
        {"class": "reaction mine" if mine else "reaction", "id": f"{place.key}-{item.ts}-r-{name}"},
        type="button", data_do="unreact" if mine else "react", data_p_name=name,
        aria_pressed=str(mine).lower(), aria_label=words,
    )[
        h.span(".emoji", aria_hidden="true")[emojis.character(name) or f":{name}:"],
        h.span(".count", aria_hidden="true")[str(len(people))],
        h.span(".tip", aria_hidden="true")[
            h.span(".big.emoji")[emojis.character(name) or ""], h.strong[who], f" reacted with :{name}:"
        ],
    ]  # fmt: skip


def who_reacted(people: list[str], scene: Scene) -> str:
    """Names in a sentence, the viewer's own first as "You"."""
    ordered = sorted(people, key=lambda user_id: user_id != scene.viewer_id)
    names = ["You" if user_id == scene.viewer_id else scene.user_name(user_id) for user_id in ordered[:NAMES_SHOWN]]
    if len(people) > NAMES_SHOWN:
        names.append(f"{len(people) - NAMES_SHOWN} others")
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _thread_summary(item: Message, place: Frame) -> h.Node:
    if not place.replies or place.key == "t":
        return None
    people = list(dict.fromkeys(reply.user_id for reply in place.replies))
    last = place.scene.at(float(place.replies[-1].ts))
    count = len(place.replies)
    return h.a(".thread-summary", href=_thread_href(item, place.scene), data_focus="thread-composer-text")[
        [avatar(user_id, place.scene, ".small") for user_id in people[:5]],
        h.span(".thread-count")[f"{count} {'reply' if count == 1 else 'replies'}"],
        h.span(".thread-last")[
            f"Last reply {day_heading(last, place.scene.at(place.scene.now))} at {clock_time(last)}"
        ],
    ]


def _toolbar(item: Message, place: Frame) -> h.Element:
    author = place.scene.user_name(item.user_id)
    key = f"{place.key}-{item.ts}"
    return h.div(".toolbar", role="group", aria_label=f"Actions on the message of {author}")[
        [
            h.button(
                ".icon-button.emoji", type="button", data_p_name=name, data_do=_toggle(item, name, place),
                aria_label=f"React with {name.replace('_', ' ')}", id=f"{key}-quick-{name}",
            )[emojis.character(name)]
            for name in ("+1", "heart", "fire")
        ],
        h.button(
            ".icon-button", type="button", id=f"{key}-react", data_menu=_menu("react", item, place),
            aria_label="Find another reaction",
        )[icon("react")],
        h.a(
            ".icon-button", href=_thread_href(item, place.scene), aria_label="Reply in thread", id=f"{key}-reply",
            data_focus="thread-composer-text",
        )[icon("reply")]
        if place.key == "m"
        else None,
        h.button(
            ".icon-button", type="button", id=f"{key}-more", data_menu=_menu("message", item, place),
            aria_label="More actions", aria_haspopup="menu",
        )["⋮"],
    ]  # fmt: skip


def _toggle(item: Message, name: str, place: Frame) -> str:
    return "unreact" if place.scene.viewer_id in item.reactions.get(name, ()) else "react"


def _menu(kind: str, item: Message, place: Frame) -> str:
    return place.scene.href(f"/menu/{kind}", channel=item.channel_id, ts=item.ts)


def _thread_href(item: Message, scene: Scene) -> str:
    return scene.href(f"/c/{item.channel_id}", thread=item.thread_ts or item.ts)
