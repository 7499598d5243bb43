"""A person's open modal: the top view of the stack, as the content of the page's one dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import htpy as h

from sandbox.web.blocks import Surface, render_blocks
from sandbox.web.icons import icon
from sandbox.web.mrkdwn import plain
from sandbox.web.people import avatar

if TYPE_CHECKING:
    from sandbox.models import View
    from sandbox.web.scene import Scene


def dialog_content(view: View | None, app_user_id: str, scene: Scene) -> h.Element:
    """The content; `data-open` tells the script whether the dialog is to be shown."""
    if view is None:
        return h.div("#modal")
    definition = view.definition
    form = h.form("#modal-form", data_do="submit", novalidate=True, autocomplete="off")
    return h.div("#modal", data_open=view.id, data_p_view_id=view.id)[
        form[
            h.header[
                avatar(app_user_id, scene, ".small"),
                h.h2("#modal-title")[plain(definition.get("title") or {})],
                h.button(".icon-button", id="modal-close", type="button", data_do="close", aria_label="Close")[
                    icon("close")
                ],
            ],
            h.div(".modal-body")[
                h.p(".trouble", role="alert")[view.trouble] if view.trouble else None,
                render_blocks(view.blocks, Surface(scene, view.id, view)),
            ],
            _footer(view),
        ]
    ]


def _footer(view: View) -> h.Node:
    has_inputs = any(block.get("type") == "input" for block in view.blocks)
    submit = view.definition.get("submit")
    close = view.definition.get("close") or {"text": "Cancel" if submit or has_inputs else "Close"}
    return h.footer[
        h.button(".button", id="modal-cancel", type="button", data_do="close")[plain(close)],
        h.button(".button.primary", id="modal-submit", type="submit")[plain(submit or {"text": "Submit"})]
        if submit or has_inputs
        else None,
    ]
