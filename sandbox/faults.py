"""Misbehaviour on demand: what goes wrong, with which method or event, how often."""

import math
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from sandbox.models import Change, Json
from sandbox.workspace import Workspace

API_FAULTS = {
    "drop_before": "the line is cut before anything is done",
    "apply_then_drop": "it is done, then the line is cut before the answer",
    "status": "nothing is done, the answer is an HTTP error (`status`, an HTML body)",
    "error": "nothing is done, the answer is a Slack error (`error`)",
    "apply_then_error": "it is done, the answer is a Slack error all the same (`error`)",
    "delay": "it is done and answered `seconds` late",
    "cut_body": "it is done, the answer ends in the middle",
    "ratelimited": "nothing is done, 429 with Retry-After (`seconds`)",
}
EVENT_FAULTS = {
    "repeat": "it is delivered `times` more times",
    "lose": "it is never delivered",
    "delay": "it is delivered `seconds` late, by the workspace's clock",
    "reorder": "it is delivered after the next event",
}
DELIVERY_FAULTS = {
    "other_team": "it says that it comes from another workspace",
    "other_app": "it says that it is for another app",
}
HTTP_FAULTS = {
    "forged_signature": "it is signed with another secret; by HTTP only",
    "stale_timestamp": "it was signed `seconds` ago; by HTTP only",
}
SOCKET_FAULTS = {
    "refuse": "a new socket is refused",
    "silent": "a new socket opens, gets no hello and nothing else",
    "deaf": "a new socket gets its hello, and what is delivered to it never arrives",
}
MOST_SECONDS = 31_536_000
MOST_TIMES = 100


@dataclass(slots=True)
class Fault:
    """One kind of misbehaviour of `target`.

    That is a Web API method, `*` (all of them), an event type, `events` (all of them), `deliveries` (events, commands
    and interactions) or `link` (new sockets).

    It strikes `count` times (0: until cleared), each time with the probability `chance`.
    """

    target: str
    kind: str
    count: int = 1
    chance: float = 1.0
    status: int = 500
    error: str = "internal_error"
    seconds: float = 1.0
    times: int = 1


class Faults:
    """The faults that are set, in the order in which they strike."""

    def __init__(self, workspace: Workspace, seed: int = 1) -> None:
        self.active: list[Fault] = []
        self._workspace = workspace
        self._random = random.Random(seed)

    def add(self, description: Json) -> Fault:
        """Set a fault from its JSON; raises ValueError for what no fault has, or what does not fit together."""
        names = {field.name for field in fields(Fault)}
        if not {"target", "kind"} <= description.keys() <= names:
            raise ValueError(f"A fault has target and kind, and of these what it needs: {', '.join(sorted(names))}.")
        fault = Fault(**description)
        _check(fault)
        fault.target = _meant(fault.target, fault.kind)
        self.active.append(fault)
        self._workspace.tell(Change("faults"))
        return fault

    def clear(self) -> None:
        """Take every fault away."""
        self.active.clear()
        self._workspace.tell(Change("faults"))

    def remove(self, target: str, kind: str) -> None:
        """Take the faults of one kind and target away."""
        self.active[:] = [fault for fault in self.active if (fault.target, fault.kind) != (_meant(target, kind), kind)]
        self._workspace.tell(Change("faults"))

    def strike(self, target: str, kinds: dict[str, str], every: str = "") -> Fault | None:
        """Return the fault, of one of `kinds`, that hits this call or event now, if any, and count it.

        `every` is the target that means all calls, or all events.
        """
        for fault in self.active:
            if fault.kind in kinds and fault.target in {target, every} and self._random.random() < fault.chance:
                self._count(fault)
                return fault
        return None

    def _count(self, fault: Fault) -> None:
        if fault.count == 0:
            return
        fault.count -= 1
        if fault.count == 0:
            self.active.remove(fault)
        self._workspace.tell(Change("faults"))

    def as_list(self) -> list[Json]:
        """Return the active faults as JSON."""
        return [asdict(fault) for fault in self.active]


def _meant(target: str, kind: str) -> str:
    """Return `events` for a `*` with a kind that only events have."""
    return "events" if target == "*" and kind in EVENT_FAULTS.keys() - API_FAULTS.keys() else target


def _kinds_for(target: str) -> dict[str, str]:
    if target == "link":
        return SOCKET_FAULTS
    if target == "deliveries":
        return DELIVERY_FAULTS | HTTP_FAULTS
    return API_FAULTS if target == "*" or "." in target else EVENT_FAULTS


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_number(value: Any, most: float) -> bool:
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    return is_one and math.isfinite(value) and 0 <= value <= most


# What each value must be, and the words for it.
VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "target": (lambda value: isinstance(value, str) and value != "", "a text"),
    "kind": (lambda value: isinstance(value, str), "a text"),
    "count": (lambda value: _is_whole(value, 0, 1_000_000), "a whole number, 0 for ever"),
    "chance": (lambda value: _is_number(value, 1), "a number from 0 to 1"),
    "status": (lambda value: _is_whole(value, 400, 599), "a whole number from 400 to 599"),
    "error": (lambda value: isinstance(value, str) and value != "", "the name of an error"),
    "seconds": (lambda value: _is_number(value, MOST_SECONDS), f"a number from 0 to {MOST_SECONDS}"),
    "times": (lambda value: _is_whole(value, 1, MOST_TIMES), f"a whole number from 1 to {MOST_TIMES}"),
}


def _check(fault: Fault) -> None:
    """Raise ValueError for a value that no fault has, and for a kind that its target cannot have."""
    for name, (is_right, words) in VALUES.items():
        if not is_right(getattr(fault, name)):
            raise ValueError(f"{name} is {words}, not {getattr(fault, name)!r}.")
    if fault.kind not in API_FAULTS | EVENT_FAULTS | DELIVERY_FAULTS | HTTP_FAULTS | SOCKET_FAULTS:
        raise ValueError(f"There is no fault {fault.kind!r}.")
    kinds = _kinds_for(_meant(fault.target, fault.kind))
    if fault.kind not in kinds:
        raise ValueError(f"{fault.target} cannot have {fault.kind!r}; it can: {', '.join(kinds)}.")
