"""What people did and what went between the workspace and the bot, as the panel lists it."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import htpy as h

from sandbox.traffic import UNDER_WAY
from sandbox.web.parts import Part, leaf
from sandbox.web.scene import zone_named

if TYPE_CHECKING:
    from sandbox.traffic import Entry, Journal
    from sandbox.web.scene import Scene

SHOWN = 60
LONGEST = 6000
KINDS = {
    "act": "Person",
    "control": "Control",
    "event": "Event",
    "command": "Command",
    "interaction": "Interaction",
    "api": "Web API",
    "response_url": "Response",
    "socket": "Socket",
}
# What goes to the bot is acknowledged; all else is answered.
TO_THE_BOT = {"event", "command", "interaction"}


def traffic_rows(journal: Journal, scene: Scene) -> list[Part]:
    """The last exchanges, the newest first."""
    viewer = scene.users.get(scene.viewer_id)
    zone = viewer.tz if viewer else "UTC"
    newest = islice((entry for entry in reversed(journal.entries) if not _is_check(entry)), SHOWN)
    rows = [_row(id(journal), entry.number, entry.outcome, zone, _Held(entry)) for entry in newest]
    return [*_checks(journal), *rows]


def _is_check(entry: Entry) -> bool:
    # The bot asks every few seconds, mostly for the clock; a list of nothing else would say little.
    return (entry.kind, entry.name, entry.outcome) == ("api", "auth.test", "ok")


def _checks(journal: Journal) -> list[Part]:
    """One line for all the times that the bot asked who it is."""
    count = sum(map(_is_check, journal.entries))
    times = "once" if count == 1 else f"{count} times"
    return [leaf(h.li("#traffic-checks.checks")[f"Checked in {times} (auth.test)"], into="traffic")] if count else []


class _Held:
    """An entry that does not count in a cache's key: its number and outcome do."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=400)
def _row(_journal: int, _number: int, _outcome: str, zone: str, held: _Held) -> Part:
    return leaf(_entry(held.entry, zone), into="traffic")


def _entry(entry: Entry, zone: str) -> h.Element:
    good = ".good" if entry.outcome in {"ok", UNDER_WAY} or entry.kind == "socket" else ""
    time = f"{datetime.fromtimestamp(entry.at, zone_named(zone)):%H:%M:%S}"
    return h.li(f".entry.is-{entry.kind}", id=f"traffic-{entry.number}")[
        h.details[
            h.summary[
                h.span(".kind")[KINDS.get(entry.kind, entry.kind)],
                h.b[entry.name],
                h.span(f".outcome{good}")[_outcome(entry)],
                h.span(".spent")[_spent(entry)],
                h.span(".when")[time],
            ],
            _payload("Asked for" if entry.kind in {"act", "control"} else "Sent", entry.request),
            _payload("Answer", entry.answer),
        ]
    ]


def _outcome(entry: Entry) -> str:
    again = f" (attempt {entry.attempt + 1})" if entry.attempt else ""
    return f"{entry.outcome}{again}"


def _spent(entry: Entry) -> str:
    if not entry.milliseconds:
        return ""
    return f"{'ack ' if entry.kind in TO_THE_BOT else ''}{entry.milliseconds:.0f} ms"


def _payload(title: str, value: Any) -> h.Node:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False, default=str)
    return [h.h4[title], h.pre(".code")[text[:LONGEST]]]
