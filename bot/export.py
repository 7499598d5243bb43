"""All ideas as JSON or CSV."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

from db.idea_queries import all_ideas
from db.queries import IdeaDetails
from db.session import Sessions

COLUMNS = (
    "key",
    "title",
    "description",
    "status",
    "stage",
    "touchpoint",
    "measure",
    "kind",
    "author",
    "owner",
    "votes",
    "created_at",
    "edited_at",
    "answer_due_at",
    "answered_at",
)
_RUNS_IN_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # they run too


def export_json(sessions: Sessions, out: TextIO) -> None:
    """Write a JSON list of all ideas by number, one a line."""
    with sessions.reading() as session:
        separator = "["
        for idea in all_ideas(session):
            out.write(f"{separator}\n  {json.dumps(row_of(idea), ensure_ascii=False)}")
            separator = ","
        out.write("[]\n" if separator == "[" else "\n]\n")


def export_csv(sessions: Sessions, out: TextIO) -> None:
    """Write all ideas by number as CSV; cells that a spreadsheet would run begin with an apostrophe."""
    with sessions.reading() as session:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(_inert_rows(all_ideas(session)))


def row_of(idea: IdeaDetails) -> dict[str, Any]:
    """Return an idea as it is exported; what is not there is null."""
    return {
        "key": idea.key,
        "title": idea.title,
        "description": idea.description or None,
        "status": idea.status.value,
        "stage": idea.stage,
        "touchpoint": idea.touchpoint,
        "measure": idea.measure,
        "kind": idea.kind,
        "author": idea.author_id,
        "owner": idea.owner_id,
        "votes": idea.votes,
        "created_at": _iso(idea.created_at),
        "edited_at": _iso(idea.edited_at),
        "answer_due_at": _iso(idea.answer_due_at),
        "answered_at": _iso(idea.answered_at),
    }


def _inert_rows(ideas: Iterator[IdeaDetails]) -> Iterator[dict[str, Any]]:
    for idea in ideas:
        yield {name: _inert(value) for name, value in row_of(idea).items()}


def _inert(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    if isinstance(value, str) and value.startswith(_RUNS_IN_A_SPREADSHEET):
        return f"'{value}"
    return value


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
