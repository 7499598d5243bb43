"""The journal of what people and evaluators did, and of what went between the workspace and the app."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.errors import ActError
from sandbox.models import Change, Json
from sandbox.numbering import Numbering
from sandbox.workspace import Workspace

JOURNAL_LENGTH = 2000
UNDER_WAY = "under way"


@dataclass(slots=True)
class Entry:
    """One exchange: who began it (`kind`), about what, how it ended, and how long the other side took.

    Kinds: `act` (a person), `control` (an evaluator), `event`, `command`, `interaction` (to the app), `api`,
    `response_url` (from the app), `socket`. Number and time are those of the beginning of an act or control, and of
    the end of all else.
    """

    number: int
    at: float
    kind: str
    name: str
    outcome: str
    milliseconds: float
    attempt: int
    request: Any
    answer: Any


class Journal:
    """The last exchanges, bounded.

    Each of `listeners` is called with an entry that has ended, and for an act or control with its request by names
    that hold in every run.
    """

    def __init__(self, workspace: Workspace, numbering: Numbering) -> None:
        self._entries: deque[Entry] = deque(maxlen=JOURNAL_LENGTH)
        self.listeners: list[Callable[[Entry, Json | None], None]] = []
        self._workspace = workspace
        self._numbering = numbering
        self._count = 0

    def record(  # noqa: PLR0913 - an exchange has that many sides
        self,
        kind: str,
        name: str,
        outcome: str,
        *,
        milliseconds: float = 0,
        attempt: int = 0,
        request: Any = None,
        answer: Any = None,
    ) -> None:
        """Write one exchange down."""
        entry = self._add(kind, name, outcome, request)
        entry.milliseconds, entry.attempt, entry.answer = round(milliseconds, 2), attempt, answer
        self._end(entry, None)

    @contextmanager
    def noting(self, kind: str, request: Json) -> Iterator[None]:
        """Write down what somebody does in the block: at once, and how it ended when it has."""
        # The names are those of the beginning: what it refers to may be gone at its end.
        named = self._numbering.named(request)
        entry = self._add(kind, str(request.get("do")), UNDER_WAY, dict(request))
        self._workspace.tell(Change("traffic"))
        started, outcome = time.perf_counter(), "broken off"
        try:
            yield
            outcome = "ok"
        except ActError as refusal:
            outcome = str(refusal)
            raise
        finally:
            entry.outcome, entry.milliseconds = outcome, round((time.perf_counter() - started) * 1000, 2)
            self._end(entry, named)

    def _add(self, kind: str, name: str, outcome: str, request: Any) -> Entry:
        self._count += 1
        entry = Entry(self._count, self._workspace.clock.now(), kind, name, outcome, 0, 0, request, None)
        self._entries.append(entry)
        return entry

    def _end(self, entry: Entry, named: Json | None) -> None:
        for listener in tuple(self.listeners):
            listener(entry, named)
        self._workspace.tell(Change("traffic"))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The last exchanges as they stand now, oldest first: the server goes on writing while tests read."""
        return tuple(self._entries)

    @property
    def count(self) -> int:
        """The number of the last exchange."""
        return self._count

    def as_list(self) -> list[Json]:
        """Return the entries as JSON."""
        return [asdict(entry) for entry in self.entries]
