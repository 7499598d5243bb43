"""The project's own files, parsed."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "db", "alembic", "sandbox", "tests", "benchmarks")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*folders: str) -> list[Path]:
    """Return the Python files of these folders; of all of ours by default."""
    return sorted(path for folder in folders or PACKAGES for path in (ROOT / folder).rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text("utf-8"), str(path))


def functions_of(path: Path) -> Iterator[Function]:
    """Yield every function of a file, nested ones too."""
    yield from (node for node in ast.walk(tree_of(path)) if isinstance(node, Function))


def functions_that_test(path: Path) -> Iterator[Function]:
    """Yield the test functions of a file."""
    yield from (function for function in functions_of(path) if function.name.startswith("test_"))


def place(path: Path, node: Function) -> str:
    """Return where to look, as an editor understands it."""
    return f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
