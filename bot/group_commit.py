"""A group commit: what comes while a transaction is under way shares the next one, and with it one wait for the disk.

There is no timer. A lone caller commits at once; callers in a crowd commit together, as many as wait.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from db.session import DATABASE_AWAY, Sessions

Item = TypeVar("Item")
Work = Callable[[Session, Sequence[Item]], object]
Shortcut = Callable[[Item], bool]
"""Does the work on an item that came alone, or tells that it did nothing."""


@dataclass(slots=True, eq=False)
class _Caller(Generic[Item]):
    """Somebody who waits for a commit, or for the lead of the next one."""

    item: Item
    woken: threading.Event = field(default_factory=threading.Event)
    is_done: bool = False
    error: BaseException | None = None


class GroupCommit(Generic[Item]):
    """Does work on what many threads bring, in as few transactions as there are moments to wait.

    Who comes alone takes the shortcut, where it leads to the end.
    """

    def __init__(self, sessions: Sessions, work: Work[Item], shortcut: Shortcut[Item] = lambda _item: False) -> None:
        self._sessions = sessions
        self._work = work
        self._shortcut = shortcut
        self._mutex = threading.Lock()
        self._waiting: list[_Caller[Item]] = []
        self._is_led = False

    def commit(self, item: Item) -> None:
        """Return once the work on this is committed; raises what kept it from that."""
        caller = _Caller(item)
        if not self._is_first(caller):
            caller.woken.wait()
        if not caller.is_done:
            self._lead()
        if caller.error:
            raise caller.error

    def _is_first(self, caller: _Caller[Item]) -> bool:
        with self._mutex:
            self._waiting.append(caller)
            is_first, self._is_led = not self._is_led, True
        return is_first

    def _lead(self) -> None:
        """Commit for all who wait, then give the lead to the first of those who came meanwhile."""
        with self._mutex:
            group, self._waiting = self._waiting, []
        try:
            self._commit(group)
        finally:
            with self._mutex:
                self._is_led = bool(self._waiting)
                heirs = self._waiting[:1]
            for caller in heirs + group:
                caller.woken.set()

    def _commit(self, group: list[_Caller[Item]]) -> None:
        error = self._error_of(group)
        if error and len(group) > 1 and not isinstance(error, DATABASE_AWAY):
            for caller in group:  # Only one of them may be what the database does not take.
                self._commit([caller])
            return
        for caller in group:
            caller.error, caller.is_done = error, True

    def _error_of(self, group: list[_Caller[Item]]) -> BaseException | None:
        items = [caller.item for caller in group]
        try:
            if len(items) > 1 or not self._shortcut(items[0]):
                with self._sessions.begin() as session:
                    self._work(session, items)
        except BaseException as error:  # noqa: BLE001  # raised again in the thread of each caller
            return error
        return None
