"""How people look: initials on a colour of their own, names, and what they are."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import htpy as h

from sandbox.web.parts import Made

if TYPE_CHECKING:
    from sandbox.models import User
    from sandbox.web.scene import Scene

COLOURS = 10
BADGES = {"leader": "Leader", "admin": "Admin", "guest": "Guest", "external": "External", "deactivated": "Deactivated"}


def avatar(user_id: str, scene: Scene, size: str = "") -> Made:
    """A square with a person's initials; an app gets a light bulb."""
    user = scene.users.get(user_id)
    if user and user.is_bot:
        return _square(f".avatar.app{size}", "")
    # By their place in the workspace's list, so that neighbours never share a colour.
    place = next((index for index, other in enumerate(scene.users) if other == user_id), 0)
    return _square(f".avatar.c{place % COLOURS}{size}", initials(user, user_id))


@lru_cache(1000)
def _square(look: str, letters: str) -> Made:
    square = h.span(look, aria_hidden="true")[letters or _bulb()]
    return Made("".join(square.iter_chunks()))


def initials(user: User | None, user_id: str) -> str:
    """The first letters of the first and the last name."""
    words = (user.real_name or user.name).split() if user else [user_id]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:]) if word).upper()


def badge(user: User | None) -> h.Node:
    """What sets somebody apart from other members: an app, a leader, a guest."""
    if user is None:
        return None
    if user.is_bot:
        return h.span(".badge")["APP"]
    words = BADGES.get(user.role)
    return h.span(".badge")[words] if words else None


def _bulb() -> h.Element:
    return h.svg(viewBox="0 0 24 24", fill="none", stroke="currentColor", stroke_width="2", stroke_linecap="round")[
        h.path(d="M9 18h6M10 21h4M12 3a6 6 0 0 0-3.8 10.6c.7.6.8 1.4.8 2.4h6c0-1 .1-1.8.8-2.4A6 6 0 0 0 12 3Z")
    ]
