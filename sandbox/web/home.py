"""The App Home tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import htpy as h

from sandbox.web.blocks import Surface, render_blocks
from sandbox.web.channel import app_tabs, drawer_button
from sandbox.web.parts import Part, frame, leaf
from sandbox.web.people import avatar, badge

if TYPE_CHECKING:
    from sandbox.models import View
    from sandbox.web.scene import Scene


def home_page(view: View | None, app_user_id: str, scene: Scene) -> Part:
    """The middle column with what the app published for this viewer."""
    name = scene.user_name(app_user_id)
    head = leaf(
        h.header("#head")[
            drawer_button(),
            h.h1[avatar(app_user_id, scene, ".small"), name, badge(scene.users.get(app_user_id))],
            app_tabs(scene, _direct_with(app_user_id, scene), is_home=True),
        ]
    )
    body = leaf(_body(view, name, scene))

    def element() -> h.Element:
        return h.main("#main", aria_label=f"{name}, Home", tabindex="-1")[head, h.div(".scroller")[body]]

    return frame("main", element, f"home-{scene.viewer_id}", [head, body])


def _direct_with(app_user_id: str, scene: Scene) -> str:
    """The direct message with the app, or the app itself when there is none yet."""
    found = (channel.id for channel in scene.channels.values() if channel.is_im and app_user_id in channel.members)
    return next(found, app_user_id)


def _body(view: View | None, name: str, scene: Scene) -> h.Element:
    if view is None:
        return h.div("#home.home")[
            h.div(".empty")[h.h2["Nothing here yet"], h.p[f"When {name} publishes a Home for you, it appears here."]]
        ]
    return h.div("#home.home", data_p_view_id=view.id)[render_blocks(view.blocks, Surface(scene, view.id, view))]
