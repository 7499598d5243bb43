"""The evaluator's panel: the workspace's clock, three months of life, what can go wrong, and what goes to and fro."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import htpy as h

from sandbox.people import DIGEST_CHANNEL
from sandbox.web.icons import icon
from sandbox.web.parts import Part, frame, leaf
from sandbox.web.switches import link_state, switches
from sandbox.web.traffic import traffic_rows

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.parts import Parts
    from sandbox.progress import Seeding
    from sandbox.web.scene import Scene

MINUTE = 60


def backstage(kit: Parts, href: str, scene: Scene) -> Part:
    """The panel; the newest exchange stands first."""
    inner = [
        leaf(_clock(scene)),
        leaf(_filling(kit.seeding)),
        leaf(link_state(kit)),
        leaf(switches(kit)),
    ]
    rows = traffic_rows(kit.journal, scene)

    def element() -> h.Element:
        return h.aside("#panel", aria_label="Behind the scenes")[
            h.header[
                h.h2["Behind the scenes"],
                h.a(".icon-button", id="panel-close", href=href, aria_label="Close the panel")[icon("close")],
            ],
            h.div(".panel-body", tabindex="0", role="region", aria_label="Clock, life, faults and traffic")[
                inner,
                h.h3["What people and the bot did"],
                h.ol("#traffic")[rows],
            ],
        ]

    return frame("panel", element, "open", [*inner, *rows])


def no_backstage() -> Part:
    """The panel's empty place."""
    return frame("panel", lambda: h.aside("#panel", hidden=True), "closed", [])


def _clock(scene: Scene) -> h.Element:
    moment = scene.at(scene.now)
    return h.section("#clock.panel-section", aria_label="Clock")[
        h.time(datetime=moment.isoformat(timespec="minutes"))[
            h.b[f"{moment:%H:%M}"], h.span[f"{moment:%A}, {moment.day} {moment:%B %Y}"]
        ],
        h.div(".buttons")[[lever(words, request) for words, request in _jumps(moment).items()]],
        h.p(".hint")[
            "After Monday 09:00 the digest comes within ten seconds, in ", _channel_link(DIGEST_CHANNEL, scene), "."
        ],
    ]


def _channel_link(channel_id: str, scene: Scene) -> h.Node:
    name = f"#{scene.channel_name(channel_id)}"
    return h.a(href=scene.href(f"/c/{channel_id}"))[name] if channel_id in scene.channels else "#cx-leadership"


def _jumps(moment: datetime) -> dict[str, dict[str, Any]]:
    """How far the clock can be put forward."""
    return {
        "Next Monday 09:00": {"do": "jump_to", "time": next_monday(moment).isoformat()},
        "A week later": {"do": "advance", "seconds": 604800},
        "A day": {"do": "advance", "seconds": 86400},
        "An hour": {"do": "advance", "seconds": 3600},
    }


def next_monday(moment: datetime) -> datetime:
    """The first Monday morning, nine o'clock, after a moment, by the same clock on the wall."""
    nine = moment.replace(hour=9, minute=0, second=0, microsecond=0)
    days = (7 - moment.weekday()) % 7
    return nine + timedelta(days=days if days or nine > moment else 7)


def lever(words: str, request: dict[str, Any], class_: str = "") -> h.Element:
    """A button that does something behind the scenes."""
    key = "".join(letter for letter in words.lower() if letter.isalnum())
    return h.button(f".button.small{class_}", id=f"lever-{key}", type="button", data_control=json.dumps(request))[words]


def _filling(seeding: Seeding) -> h.Element:
    return h.section("#filling.panel-section", aria_label="Three months of life")[
        h.h3["Three months of life"],
        h.progress(max=str(len(seeding.acts)), value=str(seeding.done), aria_label="The story so far")
        if seeding.state in {"running", "stopped"}
        else None,
        h.p(f".hint.is-{seeding.state}")[
            seeding.words
            or "200 ideas and 3,000 votes of 44 people, sent through the bot one by one. "
            "It takes a few minutes, in which you can look, and not act."
        ],
        lever("Fill the workspace", {"do": "seed"}, ".primary") if seeding.state == "new" else None,
        lever("Fill on", {"do": "seed"}, ".primary") if seeding.state == "stopped" else None,
    ]
