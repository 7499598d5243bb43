"""Misbehaviour on demand: what goes wrong, with which method or event, how often."""

import random
from dataclasses import asdict, dataclass, fields

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
SOCKET_FAULTS = {"refuse": "a new socket is refused"}


@dataclass(slots=True)
class Fault:
    """One kind of misbehaviour of `target`, a Web API method, an event type, `link` (new sockets) or `*`.

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
        """Set a fault from its JSON; raises ValueError for an unknown key or kind."""
        names = {field.name for field in fields(Fault)}
        if not {"target", "kind"} <= description.keys() <= names:
            raise ValueError(f"A fault has target and kind, and of these what it needs: {', '.join(sorted(names))}.")
        fault = Fault(**description)
        if fault.kind not in API_FAULTS | EVENT_FAULTS | SOCKET_FAULTS:
            raise ValueError(f"There is no fault {fault.kind!r}.")
        self.active.append(fault)
        self._workspace.tell(Change("faults"))
        return fault

    def clear(self) -> None:
        """Take every fault away."""
        self.active.clear()
        self._workspace.tell(Change("faults"))

    def remove(self, target: str, kind: str) -> None:
        """Take the faults of one kind and target away."""
        self.active[:] = [fault for fault in self.active if (fault.target, fault.kind) != (target, kind)]
        self._workspace.tell(Change("faults"))

    def strike(self, target: str, kinds: dict[str, str]) -> Fault | None:
        """Return the fault, of one of `kinds`, that hits this call or event now, if any, and count it."""
        for fault in self.active:
            if fault.kind in kinds and fault.target in {target, "*"} and self._random.random() < fault.chance:
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
