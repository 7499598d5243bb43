"""The audit log is only ever added to."""

import ast
from pathlib import Path

from tests.meta.sources import ROOT, python_files, tree_of

WRITES = {"bot/services/audit.py"}
READS = {"db/audit_queries.py"}
CHANGING = {"update", "delete", "merge", "upsert", "insert_for", "truncate"}


def _users() -> dict[str, Path]:
    """Return the product's files that name the table's class or the table."""
    files = {str(path.relative_to(ROOT)): path for path in python_files("bot", "db", "alembic")}
    return {
        name: path
        for name, path in files.items()
        if {"AuditEntry", "audit_log"} & {_named(node) for node in ast.walk(tree_of(path))}
    }


def _named(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.alias):
        return node.name
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return "audit_log" if "audit_log" in node.value else None
    return None


def _called(path: Path) -> set[str]:
    calls = (node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))
    return {name for name in map(_named, calls) if name}


def test_one_place_writes_the_audit_log() -> None:
    """Beside the table and its migrations, one module adds to the log and one reads it; nothing else knows of it."""
    users = {name for name in _users() if not name.startswith("alembic/")}
    assert users == WRITES | READS | {"db/models.py"}


def test_nothing_changes_or_deletes_lines_of_the_audit_log() -> None:
    """The module that writes only adds, the one that reads only selects, and no migration touches lines."""
    assert _called(ROOT / "bot/services/audit.py") == {"add", "AuditEntry"}
    assert not _called(ROOT / "db/audit_queries.py") & (CHANGING | {"add", "AuditEntry", "execute"})
    for name, path in _users().items():
        if name.startswith("alembic/"):
            texts = [node.value for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant)]
            assert not [
                text for text in map(str, texts) if "audit_log" in text and ("DELETE" in text or "UPDATE" in text)
            ]
