"""What TypeScript says of JSON that is given one of Slack's published types."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.nodeapps import FOLDER

OPTIONS = ("--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022", "--pretty", "false")
# The types of answers have enums for texts, and no null.
LOOSE = """type Loose<T> = T extends string ? string : T extends (infer U)[] ? Loose<U>[]
  : T extends object ? { [K in keyof T]: Loose<T[K]> | null } : T;"""


def exported(package: str, name: str) -> str:
    """Return a type that a package exports."""
    return f"import('{package}').{name}"


@dataclass(frozen=True)
class Typed:
    """A value and the type that it must have; `name` says what it is."""

    name: str
    type: str
    value: Any


def complaints(node: str, folder: Path, all_typed: list[Typed]) -> dict[str, str]:
    """Compile one file in which each value is a constant of its type; gives the first complaint of each value."""
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    lines = [
        f"export const value{number}: {typed.type} = {json.dumps(typed.value)};"
        for number, typed in enumerate(all_typed, start=1)
    ]
    (folder / "values.ts").write_text("\n".join([*lines, LOOSE]))
    command = [node, str(FOLDER / "node_modules" / "typescript" / "bin" / "tsc"), *OPTIONS, "values.ts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    found: dict[str, str] = {}
    for line, text in re.findall(r"^values\.ts\((\d+),.*?error (.*(?:\n .*)*)", done.stdout, re.MULTILINE):
        found.setdefault(all_typed[int(line) - 1].name, text)
    assert bool(found) == bool(done.returncode), done.stdout + done.stderr
    return found
