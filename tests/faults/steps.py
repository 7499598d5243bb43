"""Named steps of the bot's work, recognised from outside: by what it tells the database and asks of Slack.

`strike_at` sends this process a signal when it reaches a step for the n-th time. It watches SQLAlchemy's events and
Python's audit events, so that the bot carries no hook for it.
"""

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from db.session import Sessions


class Step(StrEnum):
    """Where a process is struck."""

    HANDLER_BEFORE_COMMIT = "handler: before its commit"
    HANDLER_AFTER_COMMIT = "handler: after its commit, before the acknowledgement"
    CLAIMED = "delivery: after a claim"
    BEFORE_POST = "delivery: before a post leaves"
    POST_TAKEN = "delivery: Slack has taken a post and has not answered yet"
    POST_ANSWERED = "delivery: after the answer to a post was read"
    BEFORE_RECORD = "delivery: before the commit of a record"
    RECORDED = "delivery: after the commit of a record"
    BEFORE_CHANGE = "delivery: before a change leaves"
    CHANGE_ANSWERED = "delivery: after the answer to a change was read"
    BETWEEN_DIGESTS = "digest: after the first channel's row, before the second's"
    REPAIR_BEFORE_COMMIT = "reconciliation: Slack has listed reactions, before the commit"
    REPAIRED = "reconciliation: after the commit of a repair"
    TELLING_BEFORE_COMMIT = "news: some voters are written down, before the commit"
    TOLD = "news: after the commit of some voters"


_AFTER_COMMIT = {
    "handler": Step.HANDLER_AFTER_COMMIT,
    "claim": Step.CLAIMED,
    "record": Step.RECORDED,
    "digest": Step.BETWEEN_DIGESTS,
    "repair": Step.REPAIRED,
    "telling": Step.TOLD,
}
_BEFORE_COMMIT = {
    "handler": Step.HANDLER_BEFORE_COMMIT,
    "record": Step.BEFORE_RECORD,
    "repair": Step.REPAIR_BEFORE_COMMIT,
    "telling": Step.TELLING_BEFORE_COMMIT,
}
_LEAVES = {"chat.postMessage": Step.BEFORE_POST, "chat.update": Step.BEFORE_CHANGE}
_ANSWERED = {Step.BEFORE_POST: Step.POST_ANSWERED, Step.BEFORE_CHANGE: Step.CHANGE_ANSWERED}


class _Doing(threading.local):
    """What this thread's transaction is about, and which call to Slack was made since the last one."""

    work: str = ""
    call: Step | None = None


class _Watch:
    """Counts the steps that the process reaches, and tells of each."""

    def __init__(self, tell: Callable[[Step, int], None]) -> None:
        self._tell = tell
        self._seen: Counter[Step] = Counter()
        self._doing = _Doing()

    def begin(self, _connection: Any) -> None:
        """Whoever begins a transaction after a call to Slack has read its answer."""
        call, self._doing.call, self._doing.work = self._doing.call, None, ""
        if call:
            self._reach(_ANSWERED[call])

    def execute(self, _connection: Any, _cursor: Any, statement: str, _values: Any, *_more: Any) -> None:
        """Note what a transaction is about; the first statement that says so decides."""
        self._doing.work = self._doing.work or _work_of(statement)

    def commit(self, _connection: Any) -> None:
        """Note that a transaction is about to be committed."""
        if step := _BEFORE_COMMIT.get(self._doing.work):
            self._reach(step)

    def committed(self, _session: Any) -> None:
        """Note that a transaction is committed."""
        work, self._doing.work = self._doing.work, ""
        if step := _AFTER_COMMIT.get(work):
            self._reach(step)

    def audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Note that a call to Slack is about to be made."""
        if name == "urllib.Request" and (step := _LEAVES.get(arguments[0].rpartition("/")[2])):
            self._doing.call = step
            self._reach(step)

    def _reach(self, step: Step) -> None:
        self._seen[step] += 1
        self._tell(step, self._seen[step])


def strike_at(sessions: Sessions, step: Step, nth: int, number: signal.Signals) -> None:
    """Send this process a signal when it reaches the step for the n-th time."""

    def strike(reached: Step, times: int) -> None:
        if (reached, times) == (step, nth):
            os.kill(os.getpid(), number)

    watch = _Watch(strike)
    event.listen(sessions.engine, "begin", watch.begin)
    event.listen(sessions.engine, "before_cursor_execute", watch.execute)
    event.listen(sessions.engine, "commit", watch.commit)
    event.listen(Session, "after_commit", watch.committed)
    sys.addaudithook(watch.audit)


def _work_of(statement: str) -> str:
    """Return what a transaction with this statement is about."""
    is_reaction = statement.startswith("INSERT INTO reactions")
    if statement.startswith("INSERT INTO inbox") or (is_reaction and not _is_job()):
        return "handler"
    if statement.startswith("UPDATE outbox SET") and "lease_owner=" in statement:
        return "claim" if "fence=(outbox.fence" in statement else "record"
    if statement.startswith("UPDATE digest_runs SET"):
        return "digest"
    if statement.startswith("UPDATE idea_changes SET told_through="):
        return "telling"
    return "repair" if is_reaction else ""


def _is_job() -> bool:
    return threading.current_thread().name.startswith("job-")
