"""The field in which people write, with the app's commands and shortcuts beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import htpy as h

from sandbox.web.icons import icon

if TYPE_CHECKING:
    from sandbox.models import Channel
    from sandbox.web.scene import Scene


@dataclass(frozen=True, slots=True)
class Composer:
    """A composer of a channel or, with `thread_ts`, of a thread; `commands` are those of the app's manifest."""

    scene: Scene
    channel: Channel
    title: str
    commands: list[dict[str, Any]]
    thread_ts: str = ""

    @property
    def key(self) -> str:
        """What its ids begin with."""
        return "thread-composer" if self.thread_ts else "composer"


def composer(item: Composer) -> h.Element:
    """The form, or why this person cannot write here."""
    if item.channel.is_deleted:
        return _notice(item, "This channel has been deleted.")
    if item.channel.is_archived:
        return _notice(item, "This channel has been archived. Its messages can still be read.")
    if item.channel.is_read_only and not item.scene.users[item.scene.viewer_id].is_admin:
        return _notice(item, "Only admins can write in this channel. Its messages can be read.")
    if item.scene.viewer_id not in item.channel.members:
        return _notice(item, f"You are looking at #{item.channel.name}, and are not in it yet.", _join(item))
    return _form(item)


def _notice(item: Composer, words: str, way_out: h.Node = None) -> h.Element:
    return h.div(".composer-notice", id=item.key)[h.p[words], way_out]


def _join(item: Composer) -> h.Element:
    lever = {"do": "invite", "channel": item.channel.id, "user": item.scene.viewer_id}
    return h.button(".button.primary", id=f"{item.key}-join", type="button", data_control=json.dumps(lever))[
        "Join channel"
    ]


def _form(item: Composer) -> h.Element:
    form = h.form(
        ".composer", id=item.key, data_do="say", data_p_channel=item.channel.id, autocomplete="off",
        data_p_thread_ts=item.thread_ts or None,
    )  # fmt: skip
    return form[
        None if item.thread_ts else _commands(item),
        h.div(
            ".commands.mentions", id=f"{item.key}-mentions", hidden=True, data_people=item.scene.href("/menu/mention")
        ),
        h.textarea(
            id=f"{item.key}-text", name="text", rows="1", placeholder=item.title, aria_label=item.title,
            data_draft=f"{item.scene.viewer_id}/{item.channel.id}/{item.thread_ts}",
            aria_describedby=None if item.thread_ts else "command-hints",
        ),
        h.div(".composer-bar")[
            None if item.thread_ts else _shortcuts(item),
            h.span(".keys", aria_hidden="true")[h.b["Enter"], " to send · ", h.b["Shift+Enter"], " for a new line"],
            h.button(".send", id=f"{item.key}-send", type="submit", aria_label="Send")[icon("send")],
        ],
    ]  # fmt: skip


def _commands(item: Composer) -> h.Element:
    """The commands whose name begins like what is typed; the script shows and hides them."""
    rows = [
        h.button(".command", type="button", tabindex="-1", data_fill=f"{command['command']} ")[
            h.b[command["command"]], h.span(".usage")[" ", command.get("usage_hint", "")],
            h.span(".hint")[command.get("description", "")],
        ]
        for command in item.commands
    ]  # fmt: skip
    return h.div("#command-hints.commands", hidden=True)[rows]


def _shortcuts(item: Composer) -> h.Element:
    menu = item.scene.href("/menu/shortcuts", channel=item.channel.id)
    return h.button(
        ".icon-button", id="shortcuts", type="button", data_menu=menu, aria_label="Shortcuts", aria_haspopup="menu",
        title="Shortcuts",
    )[icon("lightning")]  # fmt: skip
