"""The whole document around the page's parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import htpy as h

from sandbox.web.icons import icon
from sandbox.web.people import avatar, badge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.web.parts import Part
    from sandbox.web.scene import Scene

SHEETS = ("theme", "shell", "sidebar", "messages", "blocks", "controls", "menus", "dialog", "backstage", "narrow")


def document(parts: Sequence[Part], viewer_id: str) -> h.Element:
    """The document; `parts` are those of the viewer's place in their order on the page."""
    by_id = {part.id: part for part in parts}
    columns = [by_id[name] for name in ("side", "main", "thread", "panel")]
    return h.html(lang="en")[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            h.meta(name="color-scheme", content="light dark"),
            by_id["title"],
            h.link(rel="icon", href="/static/icon.svg"),
            [h.link(rel="stylesheet", href=f"/static/{name}.css") for name in SHEETS],
            h.script(src="/static/early.js"),
            h.script(src="/static/live.js", type="module"),
        ],
        h.body(data_user=viewer_id)[
            h.a(".skip", href="#main")["Skip to the main part"],
            by_id["top"],
            by_id["notice"],
            h.div(".columns")[columns],
            h.dialog("#dialog", aria_labelledby="modal-title")[by_id["modal"]],
            _confirm(),
            h.div("#menu", popover="auto"),
            h.p("#status", role="status", aria_live="polite"),
        ],
    ]


def _confirm() -> h.Element:
    """The question before an action that asks for one; the script fills in its words."""
    return h.dialog("#confirm", aria_labelledby="confirm-title")[
        h.form(method="dialog")[
            h.header[h.h2("#confirm-title")],
            h.p("#confirm-text.modal-body"),
            h.footer[
                h.button("#confirm-no.button", value="no")["No"],
                h.button("#confirm-yes.button.primary", value="yes")["Yes"],
            ],
        ]
    ]


def title(words: str) -> h.Element:
    """The window's title."""
    return h.title("#title")[words]


def notice(lines: Sequence[str]) -> h.Element:
    """What has to be said above everything else; mostly nothing."""
    return h.div("#notice", hidden=not lines, role="status")[[h.p[line] for line in lines]]


def top_bar(scene: Scene, here: str, panel_href: str) -> h.Element:
    """Who one is, and the way behind the scenes."""
    viewer = scene.users[scene.viewer_id]
    return h.header("#top")[
        h.span(".brand")[icon("people"), "Slack sandbox"],
        h.a(
            ".top-button", id="panel-toggle", href=panel_href, aria_label="Behind the scenes",
            aria_expanded=str(scene.has_panel).lower(),
        )[
            icon("gauge"), h.span["Behind the scenes"]
        ],
        h.button(
            ".top-button.who", id="acting", type="button", aria_haspopup="menu",
            data_menu=scene.href("/menu/acting", here=here),
        )[
            avatar(viewer.id, scene, ".small"),
            h.span(".who-words")[h.span(".muted")["Acting as"], h.b[viewer.real_name], h.span(".job")[viewer.title]],
            badge(viewer),
            icon("down"),
        ],
    ]  # fmt: skip
