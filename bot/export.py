"""All that there is as JSON or CSV: ideas, votes, histories and people, a sheet each."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

from sqlalchemy.orm import Session

from db.export_queries import all_changes, all_people, all_votes
from db.idea_queries import all_ideas
from db.queries import IdeaDetails, idea_key
from db.session import Sessions

IDEAS = "ideas"
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
    "settled_at",
)
_RUNS_IN_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # they run too


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows with their columns; what is not there is None."""

    columns: tuple[str, ...]
    rows: Callable[[Session], Iterator[dict[str, Any]]]


def export_json(sessions: Sessions, out: TextIO, sheet: str = IDEAS) -> None:
    """Write a JSON list of a sheet's rows, one a line."""
    with sessions.reading() as session:
        separator = "["
        for row in SHEETS[sheet].rows(session):
            out.write(f"{separator}\n  {json.dumps(row, ensure_ascii=False)}")
            separator = ","
        out.write("[]\n" if separator == "[" else "\n]\n")


def export_csv(sessions: Sessions, out: TextIO, sheet: str = IDEAS) -> None:
    """Write a sheet's rows as CSV; cells that a spreadsheet would run begin with an apostrophe."""
    with sessions.reading() as session:
        writer = csv.DictWriter(out, SHEETS[sheet].columns)
        writer.writeheader()
        for row in SHEETS[sheet].rows(session):
            writer.writerow({name: _inert(value) for name, value in row.items()})


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
        "settled_at": _iso(idea.settled_at),
    }


def _ideas(session: Session) -> Iterator[dict[str, Any]]:
    return map(row_of, all_ideas(session))


def _votes(session: Session) -> Iterator[dict[str, Any]]:
    for vote in all_votes(session):
        yield {"key": idea_key(vote.idea_id), "voter": vote.user_id, "voted_at": _iso(vote.voted_at)}


def _history(session: Session) -> Iterator[dict[str, Any]]:
    for change in all_changes(session):
        yield {
            "key": idea_key(change.idea_id),
            "at": _iso(change.at),
            "by": change.actor_id,
            "what": change.step,
            "before": change.before,
            "after": change.after,
            "text": change.text or None,
        }


def _people(session: Session) -> Iterator[dict[str, Any]]:
    for person in all_people(session):
        yield {"id": person.user_id, "standing": person.standing, "team": person.team}


def _inert(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    if isinstance(value, str) and value.startswith(_RUNS_IN_A_SPREADSHEET):
        return f"'{value}"
    return value


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


SHEETS: Mapping[str, Sheet] = {
    IDEAS: Sheet(COLUMNS, _ideas),
    "votes": Sheet(("key", "voter", "voted_at"), _votes),
    "history": Sheet(("key", "at", "by", "what", "before", "after", "text"), _history),
    "people": Sheet(("id", "standing", "team"), _people),
}
