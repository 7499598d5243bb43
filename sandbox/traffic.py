"""The journal of what went between the workspace and the app."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.models import Change, Json
from sandbox.workspace import Workspace

JOURNAL_LENGTH = 2000


@dataclass(slots=True)
class Entry:
    """One exchange: who began it (`kind`), about what, how it ended, and how long the other side took.

    Kinds: `event`, `command`, `interaction` (to the app), `api`, `response_url` (from the app), `socket`.
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
    """The last exchanges, oldest first; bounded."""

    def __init__(self, workspace: Workspace) -> None:
        self.entries: deque[Entry] = deque(maxlen=JOURNAL_LENGTH)
        self._workspace = workspace
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
        self._count += 1
        at = self._workspace.clock.now()
        entry = Entry(self._count, at, kind, name, outcome, round(milliseconds, 2), attempt, request, answer)
        self.entries.append(entry)
        self._workspace.tell(Change("traffic"))

    @property
    def count(self) -> int:
        """The number of the last exchange."""
        return self._count

    def as_list(self) -> list[Json]:
        """Return the entries as JSON."""
        return [asdict(entry) for entry in self.entries]
