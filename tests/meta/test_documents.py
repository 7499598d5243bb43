"""What the documents and lists say is what the code does."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.main import get_command

from bot.__main__ import app
from bot.settings import Settings, load
from tests.meta.sources import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.txt").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
ASSIGNMENT = re.compile(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", re.MULTILINE)


def test_env_example_names_every_variable_once() -> None:
    """`.env.example` documents exactly the variables that are read."""
    names = [name for name, _value in ASSIGNMENT.findall(EXAMPLE)]
    assert sorted(names) == sorted(name.upper() for name in Settings.model_fields)


def test_env_example_sets_what_is_required() -> None:
    """What stands there uncommented is what a new installation must fill in, for Socket Mode."""
    required = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    given = {name for name, value in ASSIGNMENT.findall(EXAMPLE) if re.search(rf"^{name}=", EXAMPLE, re.MULTILINE)}
    assert given == required | {"SLACK_APP_TOKEN"}


def test_env_example_shows_the_defaults() -> None:
    """A commented line under `# Default` shows the value that holds without it."""
    shown = dict(re.findall(r"^# Default\n# ([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    fields = {name: Settings.model_fields[name.lower()].default for name in shown}
    assert shown == {name: _as_written(value) for name, value in fields.items()}
    assert set(shown) >= {"DATABASE_URL", "CX_DIGEST_AT", "CX_TIMEZONE", "CX_ANSWER_DAYS", "CX_VOTE_REACTIONS"}


def test_env_example_is_accepted(tmp_path: Path) -> None:
    """Copied, with every line in force but those of secrets' files, it is a right `.env`."""
    in_force = re.sub(r"^# (?=[A-Z][A-Z_]+=)", "", EXAMPLE, flags=re.MULTILINE)
    (tmp_path / ".env").write_text(re.sub(r"^\w+_FILE=.*$", "", in_force, flags=re.MULTILINE))
    assert load(Settings).cx_leaders == ("U0123456789", "S0123456789")


def _as_written(value: Any) -> str:
    if hasattr(value, "get_secret_value"):
        return str(value.get_secret_value())
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _locked() -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", LOCK, re.MULTILINE))


def _required() -> list[Requirement]:
    lists = [
        PROJECT["project"]["dependencies"],
        PROJECT["project"]["optional-dependencies"]["demo"],
        PROJECT["dependency-groups"]["dev"],
        PROJECT["build-system"]["requires"],
    ]
    return [Requirement(line) for line in sorted({line for lines in lists for line in lines})]


@pytest.mark.parametrize("requirement", _required(), ids=str)
def test_lock_has_every_requirement(requirement: Requirement) -> None:
    """The lock file names a version that pyproject.toml allows, for runtime, demo, development and build alike."""
    locked = {canonicalize_name(name): version for name, version in _locked().items()}
    assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])


def test_lock_holds_names_versions_and_hashes_alone() -> None:
    """No address of a package host stands in it, and nothing without a hash."""
    line = re.compile(r"[\w.-]+==[\w.!+-]+( ; [^:;]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [text for text in LOCK.splitlines() if not line.fullmatch(text)] == []


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/operate.md"])
def test_documented_commands_exist(document: str) -> None:
    """Every `make ...` and `cxidea ...` that a document tells people to type is there."""
    text = (ROOT / document).read_text("utf-8")
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert set(re.findall(r"(?:^|[`$]) ?make ([a-z]+)", code, re.MULTILINE)) <= targets
    assert set(re.findall(r"(?<![/\w])cxidea ([a-z]+)", code)) <= commands
    assert set(re.findall(r"python -m bot ([a-z]+)", code)) <= commands


def test_make_test_is_the_whole_check() -> None:
    """The continuous check runs what the README tells people to run."""
    assert "make --no-print-directory test" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("name", ["README.md", "docs/promises.md"])
def test_named_tests_are_there(name: str) -> None:
    """Every test that a document names as a proof exists."""
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / name).read_text("utf-8"))
    assert named
    missing = [
        f"{path}::{test}"
        for path, test in named
        if not (ROOT / path).is_file() or (test and f"def {test}(" not in (ROOT / path).read_text("utf-8"))
    ]
    assert missing == []
