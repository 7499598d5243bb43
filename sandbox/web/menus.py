"""What opens at a button: the emoji picker, a message's actions, the shortcuts, people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import htpy as h

from sandbox.emojinames import takes_tone, toned
from sandbox.web import emojis
from sandbox.web.icons import icon
from sandbox.web.people import avatar, badge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.models import Message, User
    from sandbox.web.scene import Scene

HAND = "\u270b"


def picker(message: Message, scene: Scene) -> h.Element:
    """The common emoji as buttons, and a field for any other name."""
    return h.div(".picker-menu", aria_label="Reactions", data_p_channel=message.channel_id, data_p_ts=message.ts)[
        h.form(data_do="react", autocomplete="off")[
            h.input(name="name", placeholder="Name, like bulb", aria_label="Name of an emoji", list="names"),
            h.datalist("#names")[[h.option(value=name) for name in emojis.COMMON]],
            h.button(".button.small", type="submit")["React"],
        ],
        h.label(".tones", for_="skin-tone")["Skin tone", _tones()],
        h.div(".emoji-grid")[[_emoji(name, message, scene) for name in emojis.COMMON]],
    ]


def _tones() -> h.Element:
    """The skin tones; the script gives the chosen one to the emoji that have any."""
    named = zip(emojis.TONES.items(), ("light", "medium light", "medium", "medium dark", "dark"), strict=True)
    options = [h.option(value=number)[f"{toned(HAND, tone)} {words}"] for (number, tone), words in named]
    return h.select("#skin-tone")[h.option(value="")[f"{HAND} none"], options]


def _emoji(name: str, message: Message, scene: Scene) -> h.Element:
    mine = scene.viewer_id in message.reactions.get(name, ())
    in_tones = [
        tone for tone in emojis.TONES if scene.viewer_id in message.reactions.get(f"{name}::skin-tone-{tone}", ())
    ]
    return h.button(
        ".emoji", type="button", data_do="unreact" if mine else "react", data_p_name=name,
        data_mine=" ".join(["none"] * mine + in_tones), data_tones=takes_tone(name), data_plain=emojis.character(name),
        aria_pressed=str(mine).lower(), aria_label=name.replace("_", " "), title=f":{name}:",
    )[emojis.character(name)]  # fmt: skip


def message_menu(message: Message, shortcuts: Iterable[dict[str, Any]], scene: Scene) -> h.Element:
    """The app's message shortcuts, and a link to the message."""
    return h.div(
        ".menu", role="menu", aria_label="Message actions", data_p_channel=message.channel_id, data_p_ts=message.ts
    )[
        [_shortcut(item) for item in shortcuts if item.get("type") == "message"],
        h.hr,
        h.a(role="menuitem", href=scene.href(f"/c/{message.channel_id}", thread=message.thread_ts or message.ts))[
            "Reply in thread"
        ],
        h.a(role="menuitem", href=scene.message_href(message.channel_id, message.ts))["Go to this message"],
        _delete(message) if scene.has_panel else None,
    ]


def _delete(message: Message) -> h.Node:
    """What an evaluator can do to a message, and nobody in the workspace asked for."""
    request = {"do": "delete_message", "channel": message.channel_id, "ts": message.ts}
    return [
        h.hr,
        h.button(role="menuitem", type="button", id="menu-delete", data_control=json.dumps(request))[
            h.span["Delete this message as an admin", h.span(".hint")["Behind the scenes: nobody here asked for it"]]
        ],
    ]


def shortcut_menu(channel_id: str, shortcuts: Iterable[dict[str, Any]]) -> h.Element:
    """The app's global shortcuts."""
    return h.div(".menu", role="menu", aria_label="Shortcuts", data_p_channel=channel_id)[
        h.p(".menu-title", role="presentation")["Shortcuts"],
        [_shortcut(item) for item in shortcuts if item.get("type") == "global"],
    ]


def _shortcut(item: dict[str, Any]) -> h.Element:
    return h.button(role="menuitem", type="button", data_do="shortcut", data_p_callback_id=item.get("callback_id"))[
        h.span(".avatar.tiny.app", aria_hidden="true")[icon("lightning")],
        h.span[item.get("name"), h.span(".hint")[item.get("description", "")]],
    ]


def acting_menu(people: Sequence[User], here: str, scene: Scene) -> h.Element:
    """Those whom one can be, each with a link into a window of its own; the many of the story only fill the room."""
    return h.nav(".menu.acting", aria_label="Act as")[
        h.p(".menu-title")["Act as", h.span(".hint")["Open several side by side: each window is its own person."]],
        h.ul[[h.li[_person(user, here, scene)] for user in people if user.role != "colleague"]],
    ]


def _person(user: User, here: str, scene: Scene) -> h.Node:
    href = f"{here}?as={user.id}{'&panel=1' if scene.has_panel else ''}"
    is_me = user.id == scene.viewer_id
    return [
        h.a(".person", href=href, aria_current="true" if is_me else None)[
            avatar(user.id, scene, ".small"), h.span[h.b[user.real_name], badge(user), h.span(".hint")[user.title]]
        ],
        h.a(
            ".icon-button",
            href=href,
            target="_blank",
            aria_label=f"{user.real_name} in a new window",
            title="In a new window",
        )[icon("window")],
    ]


def mention_list(people: Sequence[User], scene: Scene) -> h.Element:
    """Everyone whom one can call by name; the script shows those that fit what is typed."""
    return h.div[
        [
            h.button(".command.person", type="button", tabindex="-1", data_mention=user.name)[
                avatar(user.id, scene, ".tiny"), h.span[h.b[user.real_name], h.span(".usage")[f" {user.title}"]]
            ]
            for user in people
        ]
    ]


def people_menu(people: Sequence[User], scene: Scene) -> h.Element:
    """Everyone to whom one can write."""
    return h.nav(".menu.acting", aria_label="New message to")[
        h.p(".menu-title")["New message to"],
        h.ul[
            [
                h.li[
                    h.a(".person", href=scene.href(f"/dm/{user.id}"))[
                        avatar(user.id, scene, ".small"),
                        h.span[h.b[user.real_name], badge(user), h.span(".hint")[user.title]],
                    ]
                ]
                for user in people
            ]
        ],
    ]
