"""`cxidea export`: all ideas, as JSON or CSV, for whatever reads them."""

import csv
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.catalog import IdeaText
from bot.export import export_csv, export_json
from bot.services.ideas import Filing, FilingRules, submit_idea, undo_idea
from bot.services.votes import cast_vote
from db.session import open_database
from tests.bot import AGENT, GUARD

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOSTILE = [
    '=HYPERLINK("https://a","b")', "+1 to this", "-1 to that", "@SUM(A1)", "＝1+1", "－2", "＠x", "|calc", "%0a",
]  # fmt: skip
FAR_AWAY = "Émile's idée 🚚 \u05e9\u05dc\u05d5\u05dd"
PROMISED = (
    "key", "title", "description", "status", "stage", "touchpoint", "author", "votes", "created_at", "answer_due_at",
    "answered_at", "owner",
)  # fmt: skip


def export(database_url: str, format_: str) -> str:
    """Return what the command writes."""
    out = io.StringIO(newline="")
    sessions = open_database(database_url)
    (export_json if format_ == "json" else export_csv)(sessions, out)
    sessions.dispose()
    return out.getvalue()


def run_export(database_url: str, format_: str, **environment: str) -> str:
    """Run the command as a process in an otherwise bare environment; return its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "export", "--format", format_],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": database_url, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout.decode()


def file_ideas(database_url: str, *texts: IdeaText) -> None:
    """File ideas by GUARD; AGENT votes for the first, and the last is withdrawn."""
    sessions = open_database(database_url)
    with sessions.begin() as session:
        rules = FilingRules("C0CXIDEAS1", 5, UTC)
        numbers = [submit_idea(session, Filing(f"t{i}", GUARD, text, NOON), rules) for i, text in enumerate(texts)]
        cast_vote(session, numbers[0], AGENT, NOON)
        undo_idea(session, numbers[-1], GUARD, NOON)
    sessions.dispose()


FULL = IdeaText(
    "Open at eight", 'They wait, "outside"\n\nin rain', "buy", "branch_or_store", "csat", "improves_journey"
)


def test_json_has_every_idea_with_every_promised_name(database_url: str) -> None:
    """All ideas come by number, withdrawn ones too; what is not there is null, times are UTC with Z."""
    file_ideas(database_url, FULL, IdeaText(FAR_AWAY))
    first, second = json.loads(export(database_url, "json"))
    assert set(PROMISED) <= first.keys()
    expected: dict[str, Any] = {
        "key": "CX-1", "title": FULL.title, "description": FULL.description, "status": "new", "stage": "buy",
        "touchpoint": "branch_or_store", "author": GUARD, "votes": 1, "created_at": "2026-11-20T12:00:00Z",
        "answer_due_at": "2026-11-27T23:59:59Z", "answered_at": None, "owner": None, "edited_at": None,
    }  # fmt: skip
    assert {name: first[name] for name in expected} == expected
    assert second["status"] == "withdrawn"
    assert second["title"] == FAR_AWAY
    assert second["votes"] == 0
    assert [second[name] for name in ("description", "stage", "touchpoint")] == [None, None, None]


def test_csv_has_the_same_names_and_values(database_url: str) -> None:
    """CSV has JSON's names as its header, its values, and empty cells for null; line breaks stay in their cell."""
    file_ideas(database_url, FULL, IdeaText("Another idea for later"))
    as_json = json.loads(export(database_url, "json"))
    as_csv = list(csv.DictReader(io.StringIO(export(database_url, "csv"), newline="")))
    assert list(as_csv[0]) == list(as_json[0])
    assert as_csv == [{name: "" if value is None else str(value) for name, value in row.items()} for row in as_json]


def test_no_cell_runs_in_a_spreadsheet(sqlite_url: str) -> None:
    """Whatever a spreadsheet would take for a formula begins with an apostrophe, in title and description."""
    file_ideas(sqlite_url, *(IdeaText(text, text) for text in HOSTILE))
    for text, row in zip(HOSTILE, csv.DictReader(io.StringIO(export(sqlite_url, "csv"), newline="")), strict=True):
        runs = text[0] in "=+-@＝＋－＠"
        assert row["title"] == row["description"] == (f"'{text}" if runs else text)
    for text, row in zip(HOSTILE, json.loads(export(sqlite_url, "json")), strict=True):
        assert row["title"] == text


def test_an_empty_database_exports_an_empty_list(sqlite_url: str) -> None:
    """Without an idea JSON is an empty list and CSV its header."""
    assert json.loads(export(sqlite_url, "json")) == []
    (header,) = export(sqlite_url, "csv").splitlines()
    assert set(PROMISED) <= set(header.split(","))


def test_the_export_is_utf_8_wherever_it_runs(database_url: str) -> None:
    """The encoding of the terminal does not matter: what the process writes is UTF-8, with nothing lost."""
    file_ideas(database_url, IdeaText("Émile's idée 🚚", "Two\nlines"), IdeaText("Another idea for later"))
    assert json.loads(run_export(database_url, "json", PYTHONIOENCODING="ascii"))[0]["title"] == "Émile's idée 🚚"
    assert run_export(database_url, "csv", PYTHONIOENCODING="latin-1") == export(database_url, "csv")


def test_a_reader_that_leaves_early_is_no_error(sqlite_url: str) -> None:
    """`cxidea export | head -1` ends without a traceback."""
    file_ideas(sqlite_url, *(IdeaText(f"Idea {number}", "text " * 590) for number in range(300)))
    command = f"{sys.executable} -m bot export --format json | head -c 100"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": sqlite_url, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == b""
