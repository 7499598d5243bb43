"""The evaluator's panel: the workspace's clock, and what goes between it and the app."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import htpy as h

from sandbox.web.icons import icon
from sandbox.web.parts import Part, frame, leaf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sandbox.traffic import Entry
    from sandbox.web.scene import Scene

SHOWN = 60
LONGEST = 6000
KINDS = {
    "event": "Event",
    "command": "Command",
    "interaction": "Interaction",
    "api": "Web API",
    "response_url": "Response",
    "socket": "Socket",
}


def backstage(entries: Sequence[Entry], faults: Sequence[dict[str, Any]], href: str, scene: Scene) -> Part:
    """The panel; the newest exchange stands first."""
    clock = leaf(_clock(scene))
    switches = leaf(_faults(faults))
    rows = [leaf(_entry(entry, scene), into="traffic") for entry in reversed(entries[-SHOWN:])]

    def element() -> h.Element:
        return h.aside("#panel", aria_label="Behind the scenes")[
            h.header[
                h.h2["Behind the scenes"],
                h.a(".icon-button", id="panel-close", href=href, aria_label="Close the panel")[icon("close")],
            ],
            h.div(".panel-body")[
                clock,
                switches,
                h.h3["Traffic between Slack and the bot"],
                h.ol("#traffic", tabindex="0")[rows],
            ],
        ]

    return frame("panel", element, "open", [clock, switches, *rows])


def no_backstage() -> Part:
    """The panel's empty place."""
    return frame("panel", lambda: h.aside("#panel", hidden=True), "closed", [])


def _clock(scene: Scene) -> h.Element:
    moment = scene.at(scene.now)
    return h.section("#clock.clock", aria_label="Clock")[
        h.time(datetime=moment.isoformat())[
            h.b[f"{moment:%H:%M}"], h.span[f"{moment:%A}, {moment.day} {moment:%B %Y}"]
        ],
        h.div(".buttons")[[_lever(words, lever) for words, lever in _jumps(moment).items()]],
    ]


def _jumps(moment: datetime) -> dict[str, dict[str, Any]]:
    """How far the clock can be put forward."""
    monday = (moment + timedelta(days=7 - moment.weekday())).replace(hour=9, minute=0, second=0, microsecond=0)
    return {
        "+1 hour": {"do": "advance", "seconds": 3600},
        "+1 day": {"do": "advance", "seconds": 86400},
        "Next Monday 09:00": {"do": "jump_to", "time": monday.isoformat()},
        "+1 week": {"do": "advance", "seconds": 604800},
    }


def _lever(words: str, lever: dict[str, Any]) -> h.Element:
    key = "".join(letter for letter in words.lower() if letter.isalnum())
    return h.button(".button.small", id=f"lever-{key}", type="button", data_control=json.dumps(lever))[words]


def _faults(faults: Sequence[dict[str, Any]]) -> h.Element:
    rows = [h.li[f"{fault['kind']} · {fault['target']} · {fault['count'] or 'always'}"] for fault in faults]
    return h.section("#faults", aria_label="Faults")[h.ul(".faults")[rows] if rows else None]


def _entry(entry: Entry, scene: Scene) -> h.Element:
    good = ".good" if entry.outcome == "ok" or entry.kind == "socket" else ""
    time = f"{scene.at(entry.at):%H:%M:%S}"
    spent = f"{entry.milliseconds:.0f} ms" if entry.milliseconds else ""
    return h.li(f".entry.is-{entry.kind}", id=f"traffic-{entry.number}")[
        h.details[
            h.summary[
                h.span(".kind")[KINDS.get(entry.kind, entry.kind)],
                h.b[entry.name],
                h.span(f".outcome{good}")[entry.outcome],
                h.span(".spent")[spent],
                h.span(".when")[time],
            ],
            _payload("Sent", entry.request),
            _payload("Answer", entry.answer),
        ]
    ]


def _payload(title: str, value: Any) -> h.Node:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False, default=str)
    return [h.h4[title], h.pre(".code")[text[:LONGEST]]]
