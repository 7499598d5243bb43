"""Migrations that are killed at their n-th statement, or for which the disk is full: `python -m tests.faults.killing`.

Each line on standard input is JSON: `url`, and `kill_at` or `pages`. The answer is how the child that migrated ended.
"""

import json
import os
import signal
import sqlite3
import sys
from itertools import count
from typing import Any

from sqlalchemy import Engine, event

import bot.migrations  # noqa: F401  # here, and not in each child
from bot.__main__ import app


def _migrate(kill_at: int, pages: int) -> None:
    steps = count(1)

    def step(*_: Any) -> None:
        if next(steps) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def limit(connection: Any, _record: Any) -> None:
        if pages and isinstance(connection, sqlite3.Connection):
            connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    event.listen(Engine, "connect", limit)
    app(["migrate"], standalone_mode=True)


def _child(url: str, kill_at: int = 0, pages: int = 0) -> int:
    child = os.fork()
    if child == 0:
        os.environ["DATABASE_URL"] = url
        try:
            _migrate(kill_at, pages)
        except SystemExit as error:
            sys.stderr.flush()
            os._exit(int(error.code or 0))
        finally:
            os._exit(70)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    for line in sys.stdin:
        print(_child(**json.loads(line)), flush=True)  # noqa: T201  # the answer
