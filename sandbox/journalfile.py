"""The journal as a file: a line of JSON for each entry, of which `python -m sandbox --replay` plays what people did.

The first line says how the workspace began. Of an exchange with the app the file has neither request nor answer, and
of nothing a token or the signing secret.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeGuard

from sandbox.models import Json
from sandbox.parts import Parts
from sandbox.traffic import Entry

log = logging.getLogger("sandbox.journal")

NAME = "cxidea sandbox"
VERSION = 1
PLAYED = {"act", "control"}
# Where the app is reached is a matter of the run; its address stays out of the file.
NOT_PLAYED = {"events_url"}
LATEST = 10**10


class NoJournal(Exception):
    """A file cannot be read as a journal; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a file has it, from its `line`; only what can be played again has a `request`."""

    line: int
    number: int
    at: float
    kind: str
    name: str
    outcome: str
    request: Json | None


@dataclass(frozen=True, slots=True)
class JournalFile:
    """A whole recording: how the workspace began, and its entries in the order of their beginning."""

    seed: int
    began: float
    rates: bool
    manifest: Json | None
    lines: tuple[Line, ...]


@contextmanager
def journal_written(path: Path, parts: Parts, seed: int = 1, manifest: Json | None = None) -> Iterator[None]:
    """Write each entry of the journal into a new file when it has ended, until the end of the block.

    Raises OSError when that cannot be; FileExistsError for a file with something in it, which is left as it is.
    """
    with path.open("a", encoding="utf-8", newline="\n") as file:
        if file.tell():
            raise FileExistsError(17, "it is there already")
        writer = _Writer(file, path)
        began = {"seed": seed, "began": parts.workspace.clock.now(), "rates": parts.rates.on, "manifest": manifest}
        writer.write({"journal": NAME, "version": VERSION} | began)
        parts.journal.listeners.append(writer.note)
        try:
            yield
        finally:
            parts.journal.listeners.remove(writer.note)


class _Writer:
    """Writes lines as long as the disk takes them: a full one must not end the workspace."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._is_broken = False

    def note(self, entry: Entry, named: Json | None) -> None:
        line: Json = {"number": entry.number, "at": entry.at, "kind": entry.kind, "name": entry.name}
        line |= {"outcome": entry.outcome, "milliseconds": entry.milliseconds, "attempt": entry.attempt}
        if named is not None and entry.name not in NOT_PLAYED:
            line["request"] = named
        self.write(line)

    def write(self, line: Json) -> None:
        if self._is_broken:
            return
        try:
            self._file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
            self._file.flush()
        except OSError as error:
            self._is_broken = True
            log.error("%s cannot be written any more: %s. The journal ends there.", self._path, error.strerror)  # noqa: TRY400 - the reason is in it


def read_journal(path: Path) -> JournalFile:
    """Return what a file recorded; raises NoJournal, with a text for people, for one that is not whole."""
    first, *others = _objects(path) or [(1, {})]
    began = _began(path, first[1])
    lines = sorted((_line(path, number, found) for number, found in others), key=lambda line: line.number)
    return JournalFile(began["seed"], began["began"], bool(began.get("rates")), began.get("manifest"), tuple(lines))


def _objects(path: Path) -> list[tuple[int, Any]]:
    try:
        texts = path.read_bytes().decode("utf-8").split("\n")
    except OSError as error:
        raise NoJournal(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise NoJournal(f"{path} is no journal of a workspace: it is not text.") from error
    return [(number, _json(path, number, text)) for number, text in enumerate(texts, start=1) if text.strip()]


def _json(path: Path, number: int, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if number == 1:
            raise NoJournal(_no_journal(path)) from error
        raise NoJournal(_garbled(path, number)) from error


def _began(path: Path, first: Any) -> Json:
    if not isinstance(first, dict) or first.get("journal") != NAME:
        raise NoJournal(_no_journal(path))
    if first.get("version") != VERSION:
        raise NoJournal(
            f"{path} is a journal of version {first.get('version')}; this workspace reads version {VERSION}."
        )
    manifest = first.get("manifest")
    if type(first.get("seed")) is not int or not _is_time(first.get("began")) or not _is_object(manifest or {}):
        raise NoJournal(_garbled(path, 1))
    return first


def _line(path: Path, number: int, found: Any) -> Line:
    if not isinstance(found, dict):
        raise NoJournal(_garbled(path, number))
    request, name, kind = found.get("request"), found.get("name"), found.get("kind")
    if not isinstance(kind, str) or not isinstance(name, str) or not isinstance(found.get("outcome"), str):
        raise NoJournal(_garbled(path, number))
    is_whole = _is_object(request) if kind in PLAYED and name not in NOT_PLAYED else request is None
    if not is_whole or type(found.get("number")) is not int or not _is_time(found.get("at")):
        raise NoJournal(_garbled(path, number))
    return Line(number, found["number"], found["at"], kind, name, found["outcome"], request)


def _is_object(value: Any) -> TypeGuard[Json]:
    return isinstance(value, dict)


def _is_time(value: Any) -> bool:
    return type(value) in {int, float} and 0 <= value < LATEST


def _no_journal(path: Path) -> str:
    return f"{path} is no journal of a workspace. `python -m sandbox --journal FILE` writes one."


def _garbled(path: Path, number: int) -> str:
    return f"Line {number} of {path} is garbled. Restore the file, or take the line out to replay the others."
