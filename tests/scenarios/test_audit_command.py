"""`cxidea audit` tells who changed what, and when."""

import json
import re

import pytest
from typer.testing import Result

from tests.bot import ADMIN, GUARD, World
from tests.commands import run_cxidea
from tests.scenarios.test_settings import saved

LINE = "Let customers reschedule deliveries online"


def audit(world: World, *arguments: str) -> Result:
    """Return what `cxidea audit` with these arguments did."""
    return run_cxidea("audit", *arguments, DATABASE_URL=world.settings.database_url.get_secret_value())


def test_an_empty_log_has_no_lines(sqlite_world: World) -> None:
    """Before anything happened the command prints nothing, or an empty list, and ends with 0."""
    assert (audit(sqlite_world).exit_code, audit(sqlite_world).stdout) == (0, "")
    assert audit(sqlite_world, "--format", "json").stdout == "[]\n"


def test_the_newest_comes_last(http_world: World) -> None:
    """Each line says when, who, what and of what, with the particulars; a limit keeps the newest."""
    http_world.file(GUARD, LINE)
    saved(http_world, "workforce/", workforce="1200")
    first, last = audit(http_world).stdout.splitlines()
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ  {GUARD}  idea\.submitted  CX-1", first)
    assert last.endswith(f'Z  {ADMIN}  setting.saved  workforce  {{"before": null, "after": 1200}}')
    assert audit(http_world, "--limit", "1").stdout == last + "\n"


def test_one_subject_as_json(http_world: World) -> None:
    """Of one idea alone, as a list for programs, with the same particulars; nobody's words are in it."""
    receipt = http_world.command(GUARD, LINE)["ephemeral"]
    http_world.settle()
    http_world.file(GUARD, "Open at eight on Saturdays too")
    http_world.press(GUARD, receipt, "idea.undo")
    done = audit(http_world, "--subject", "CX-1", "--format", "json")
    entries = json.loads(done.stdout)
    assert [(entry["action"], entry["actor"], entry["subject"]) for entry in entries] == [
        ("idea.submitted", GUARD, "CX-1"),
        ("idea.status", GUARD, "CX-1"),
    ]
    assert entries[1]["detail"]["after"] == "withdrawn"
    assert "reschedule" not in done.stdout


@pytest.mark.parametrize("arguments", [("--limit", "0"), ("--limit", "many"), ("--format", "csv")])
def test_wrong_arguments(sqlite_world: World, arguments: tuple[str, ...]) -> None:
    """What makes no sense ends with 2, and nothing on standard output."""
    done = audit(sqlite_world, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")


def test_a_database_that_is_not_migrated(tmp_path: object) -> None:
    """Before the first migration the command names the one to run, and ends with 1."""
    done = run_cxidea("audit", DATABASE_URL=f"sqlite:///{tmp_path}/new.db")
    assert done.exit_code == 1
    assert "cxidea migrate" in done.stderr
