"""The code keeps the shape that the architecture gives it."""

import ast
import re
import statistics
import subprocess
import sys

import pytest

from tests.meta.sources import ROOT, Function, functions_of, functions_that_test, place, python_files, tree_of

LONGEST_FILE, LONGEST_FUNCTION = 400, 40


def own_lines(function: Function) -> int:
    """Return a function's lines without those of the functions inside it: `register` holds many short ones."""
    inner = [node for node in ast.walk(function) if isinstance(node, Function) and node is not function]
    lines = set(range(function.lineno, (function.end_lineno or 0) + 1))
    for node in inner:
        lines -= set(range(node.lineno, (node.end_lineno or 0) + 1))
    return len(lines)


def test_modules_import_only_what_they_may() -> None:
    """The table of who may import whom, in pyproject.toml, holds."""
    program = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(
        [*program, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_too_long(capsys: pytest.CaptureFixture[str]) -> None:
    """No file has more than 400 lines."""
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in python_files()}
    with capsys.disabled():
        print(f"\n{len(lengths)} files, median {statistics.median(lengths.values()):.0f} lines")  # noqa: T201
    assert [f"{path.relative_to(ROOT)}: {lines}" for path, lines in lengths.items() if lines > LONGEST_FILE] == []


def test_no_function_is_too_long(capsys: pytest.CaptureFixture[str]) -> None:
    """No function has more than 40 lines of its own."""
    lengths = {place(path, function): own_lines(function) for path in python_files() for function in functions_of(path)}
    with capsys.disabled():
        print(f"\n{len(lengths)} functions, median {statistics.median(lengths.values()):.0f} lines")  # noqa: T201
    assert {where: lines for where, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_every_test_says_what_it_promises() -> None:
    """Each test has a docstring that is a sentence."""
    silent = [
        place(path, test)
        for path in python_files("tests")
        for test in functions_that_test(path)
        if not (ast.get_docstring(test) or "").split("\n\n")[0].endswith((".", "?"))
    ]
    assert silent == []


def test_no_test_is_skipped() -> None:
    """A test that does not run promises nothing: what a machine lacks is left out by name, see conftest.py."""
    pattern = re.compile(r"\b(mark\.(skip|xfail)|pytest\.(skip|xfail|importorskip)|unittest\.skip|addopts.*--ignore)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files("tests")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if pattern.search(line) and "re.compile" not in line
    ]
    assert found == []


def test_handlers_call_one_web_api_method_at_most() -> None:
    """What a handler tells Slack goes through the outbox; only a form is opened at once."""
    called = {
        node.func.attr
        for path in python_files("bot/handlers")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    outside = re.compile(r"(chat|conversations|users|reactions|views|auth|bots|apps|emoji|usergroups|files)_[a-zA-Z]+")
    assert {name for name in called if outside.fullmatch(name)} <= {"views_open"}


def test_handlers_have_no_sql() -> None:
    """A handler may name a session's type, and asks the rules and queries for everything else."""
    imported = {
        alias.name
        for path in python_files("bot/handlers")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    }
    assert imported <= {"Session"}


def test_migrations_are_no_package() -> None:
    """An `__init__.py` in alembic/ would hide the library of that name."""
    assert list((ROOT / "alembic").rglob("__init__.py")) == []
