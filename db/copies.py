"""A copy of a SQLite file, whole and on the disk before its name appears."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path


class NotCopied(Exception):
    """The copy could not be made; nothing of it is left."""


def keep_copy(path: Path, revision: str) -> Path:
    """Copy a SQLite file as it stands, next to it, and return where; raises NotCopied, and never overwrites.

    It works while the file is in use, and while a transaction of ours that has written nothing yet is open.
    """
    target = _free_name(path, revision)
    part = path.with_name(f"{path.name}.copying")
    try:
        part.unlink(missing_ok=True)  # Of a process that died copying; only one migrates at a time.
        part.touch(exist_ok=False)
        shutil.copymode(path, part)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        _flush(part)  # VACUUM INTO leaves that to its caller.
        part.rename(target)
        _flush(target.parent)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise NotCopied(f"{target}: {getattr(error, 'strerror', None) or error}") from error
    return target


def _free_name(path: Path, revision: str) -> Path:
    stem = f"{path.stem}-{revision}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (path.with_name(f"{stem}{f'-{number}' if number > 1 else ''}{path.suffix}") for number in count(1))
    return next(name for name in names if not name.exists())


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
