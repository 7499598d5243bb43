"""What somebody filled into a form about an idea: an answer, a term, another owner, another idea."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.deeds import Deed
from bot.ids import Field
from bot.payloads import clean_text, idea_number, named_idea, one_line, opaque_id, slack_id, strict, typed
from db.queries import IdeaDetails
from db.types import Status

_DIGEST_LENGTH = 16


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """What a form about an idea says; each deed's form has some of these fields."""

    text: str = ""
    status: Status | None = None
    until: date | None = None
    condition: str = ""
    person_id: str | None = None
    stage: str | None = None
    into: str = ""

    @property
    def into_number(self) -> int | None:
        """The number of the idea into which another one is to be merged; None when it is not one."""
        return named_idea(self.into)

    @property
    def digest(self) -> str:
        """What tells whether a draft is still the one that was previewed."""
        shown = f"{self.into_number or ''}\n{self.text}"
        return hashlib.sha256(shown.encode(errors="replace")).hexdigest()[:_DIGEST_LENGTH]


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """A form about an idea as somebody sent it off.

    `seen` is the number of the answer that the idea had when they opened it, 0 for none, None where the form does not
    say; `previewed` is the digest of what they were shown, if anything.
    """

    user_id: str
    view_id: str
    idea_id: int
    seen: int | None
    previewed: str
    draft: AnswerDraft

    @classmethod
    @strict
    def parse(cls, body: dict[str, Any]) -> "AnswerForm":
        """Return the form of a view_submission request."""
        view = body["view"]
        numbers, _, previewed = clean_text(view.get("private_metadata")).partition("/")
        number, _, seen = numbers.partition(":")
        return cls(
            slack_id(body["user"]["id"]),
            opaque_id(view["id"]),
            idea_number(number),
            int(seen) if seen else None,
            previewed,
            _draft(view["state"]["values"]),
        )


def metadata(idea: IdeaDetails, previewed: AnswerDraft | None = None) -> str:
    """Return what a form carries: the numbers of the idea and of its answer, and what of the draft was previewed."""
    numbers = f"{idea.id}:{idea.answer_id or 0}"
    return numbers if previewed is None else f"{numbers}/{previewed.digest}"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to do with an idea, before anybody has looked whether they may."""

    deed: Deed
    idea_id: int

    @classmethod
    @strict
    def decode(cls, value: str) -> "Wish":
        """Return the wish of an option like `merge/12`; raises MalformedPayload."""
        deed, _, number = value.partition("/")
        return cls(Deed(deed), idea_number(number))


def _draft(values: dict[str, Any]) -> AnswerDraft:
    status = _option(values, Field.OUTCOME)
    until = _state(values, Field.UNTIL).get("selected_date")
    person_id = _state(values, Field.PERSON).get("selected_user")
    return AnswerDraft(
        clean_text(typed(values, Field.TEXT)),
        Status(status) if status else None,
        date.fromisoformat(until) if until else None,
        one_line(typed(values, Field.CONDITION)),
        slack_id(person_id) if person_id else None,
        clean_text(_option(values, Field.STAGE)) or None,
        one_line(typed(values, Field.INTO)),
    )


def _option(values: dict[str, Any], field: Field) -> Any:
    option = _state(values, field).get("selected_option")
    return option["value"] if option else None


def _state(values: dict[str, Any], field: Field) -> dict[str, Any]:
    state: dict[str, Any] = values.get(field, {}).get(field, {})
    return state
