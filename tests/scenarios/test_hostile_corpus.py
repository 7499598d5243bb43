"""Texts made to break things, by every way in: kept within the limits or refused in words, and inert all the same."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot import clock
from db.models import Idea, OutboxMessage
from db.types import DeliveryState
from sandbox.answers import show_answer
from tests.bot import GUARD, LEADER, World, words
from tests.door import Visitor
from tests.effort import examples
from tests.recordings import Path, Request, record
from tests.scenarios.test_hostile_text import CONTROL, OURS, texts_of_slack

CORPUS = {
    "40,000 characters": "parcel " * 5714,
    "one long word": "x" * 40_000,
    "exactly a title": "word " * 23 + "12345",
    "exactly a text": "y " * 1499 + "zz",
    "emoji of four bytes": "\U0001f525 " * 1000,
    "families": "\U0001f469\u200d\U0001f469\u200d\U0001f467 need parcels " * 60,
    "shortcodes": ":fire: :tada::skin-tone-3: " * 100,
    "combining stacks": "Z" + "\u0301\u0489" * 200 + " needs more parcels",
    "only combining": "\u0301" * 50,
    "nul": "parcels\x00 come\x00 late",
    "half a character": "parcels \ud83d come \udd25 late",
    "10,000 lines": "a b c\n" * 10_000,
    "only white space": " \t\n\u3000\u2003",
    "only invisible": "\u200b\u2060\ufeff\u00ad",
    "invisible letters": "p\u200ba\u200br\u200bcels come late",
    "reordered": "\u202eparcels \u2066come\u202d late\u202c",
    "right to left": "\u05d7\u05d1\u05d9\u05dc\u05d5\u05ea <!channel> \u202e\u0645\u062a\u0623\u062e\u0631",
    "look-alikes": "\uff20channel <!ch\u0430nnel> \u2039!here\u203a @U0OTIENO01",
    "control sequences": "<!channel> <!here|x> <!subteam^S0LEADERS1> <@U0OTIENO01> <#C0GENERAL1> <https://a.example|bank>",
    "broken sequences": "<<!channel>> <!channel <@U0> >| &lt;!channel&gt; <!date^1^{date}^https://a.example|now>",
    "angles": "< " * 1500,
    "ampersands": "& " * 1500,
    "fences": "```\n*bold* _it_ ~gone~ `code`\n> quote\n``` and ```",
    "terminal": "\x1b[31mred\x1b[0m alert\x07 now\r\nINFO forged line",
    "sql": "'; DROP TABLE ideas; -- and % _ \\ more",
    "templates": "{{7*7}} ${x} %s {0} <%= 1 %>",
    "tags": "flag \U000e0067\U000e0062\U000e007f in it",
    "noncharacters": "\ufffe \uffff \U0010ffff end",
}
REORDERING = re.compile("[\u202a-\u202e\u2066\u2067]")


class Pen:
    """Writes a text by every way in, and sees what comes of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._requests = {request.name: request for request in record(world)}
        self._visitor = Visitor(world)
        world.write(update(Idea).values(status="new", created_at=clock.now()))  # So that changes to it are taken.
        self._count = 0

    def write(self, text: str) -> None:
        """Write this in a line, in both fields of a form, into a search and on a message that becomes an idea."""
        value = ("view", "state", "values")
        form: dict[Path, Any] = {
            (*value, "title", "title", "value"): text,
            (*value, "description", "description", "value"): text,
        }
        self._send(self._requests["/cxidea a line"], {("text",): text})
        self._send(self._requests["/cxidea search"], {("text",): f"search {text}"})
        self._send(self._requests["idea.submit"], form)
        self._send(self._requests["idea.submit"], form | {(*value, "title", "title", "value"): "A plain title"})
        self._send(self._requests["idea.edit"], form)
        self._send(self._requests["idea.from_message"], {("message", "text"): text})

    def leave(self) -> None:
        """Close the connection."""
        self._visitor.leave()

    def _send(self, request: Request, changes: dict[Path, Any]) -> None:
        self._count += 1
        parts = self.world.sandbox.parts
        trigger = self.world.sandbox.call(lambda: parts.triggers.issue(GUARD))
        status = self._visitor.deliver(request.altered(f"c{self._count}", changes | {("trigger_id",): trigger}))
        assert status == 200, (request.name, changes)
        if request.kind == "slash_commands" and self._visitor.answer:
            answer = json.loads(self._visitor.answer)
            self.world.sandbox.call(lambda: show_answer(parts, "C0GENERAL1", GUARD, answer))
            assert_inert([text for kind, text in _mrkdwn(answer) if kind])


def _mrkdwn(answer: dict[str, Any]) -> list[tuple[bool, str]]:
    texts = [(True, str(answer.get("text", "")))]
    for block in answer.get("blocks") or []:
        part = block.get("text")
        if isinstance(part, dict):
            texts.append((part.get("type") == "mrkdwn", str(part.get("text"))))
    return texts


def assert_inert(texts: list[str]) -> None:
    """Assert that Slack, parsing these, finds no control sequence but mentions that the bot made."""
    for text in texts:
        assert all(map(OURS.fullmatch, CONTROL.findall(text))), text[:300]
        assert not re.search(r"&(?!(?:amp|lt|gt);)", text), text[:300]


def assert_all_arrived(world: World) -> None:
    """Assert that Slack took all that the bot sent, that nothing is dead, and that no text turns others around."""
    world.settle()
    calls = [entry for entry in world.sandbox.parts.journal.entries if entry.kind in ("api", "response_url")]
    assert {entry.outcome for entry in calls} == {"ok"}, [(e.name, e.outcome) for e in calls if e.outcome != "ok"]
    with world.runtime.deps.sessions.reading() as session:
        assert not session.scalars(select(OutboxMessage.key).where(OutboxMessage.state == DeliveryState.DEAD)).all()
        for title, description in session.execute(select(Idea.title, Idea.description)):
            assert 0 < len(title) <= 120
            assert len(description) <= 3000
    texts = list(texts_of_slack(world))
    assert_inert([text for kind, text in texts if kind == "mrkdwn"])
    for card in [*world.cards(), world.command(LEADER, "digest")["ephemeral"]]:
        shown = words(card)
        assert not REORDERING.search(shown)
        assert shown.count("\u2068") == shown.count("\u2069")


def test_hostile_texts_by_every_way_in(sqlite_world: World) -> None:
    """Each is filed within the limits, put into the form, or refused in it; Slack takes all that comes of it."""
    pen = Pen(sqlite_world)
    for text in CORPUS.values():
        pen.write(text)
    assert_all_arrived(sqlite_world)
    pen.leave()


@pytest.mark.parametrize("many", [examples(12)])
def test_any_text_by_every_way_in(sqlite_world: World, many: int) -> None:
    """Pieces of hostile texts in any order are taken and inert like each of them."""
    pen = Pen(sqlite_world)
    pieces = st.lists(st.sampled_from([text[:200] for text in CORPUS.values()]) | st.text(max_size=40), max_size=5)

    @settings(deadline=None, max_examples=many, database=None)
    @given(pieces)
    def write(parts: list[str]) -> None:
        pen.write("".join(parts))

    write()
    assert_all_arrived(sqlite_world)
    pen.leave()
