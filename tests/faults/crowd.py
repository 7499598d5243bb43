"""People who go on sharing and voting, whatever becomes of the bot, and remember what it acknowledged."""

import json
import random
import re
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from sqlalchemy import select

from bot import clock
from bot.deeds import Deed
from bot.ids import LIST_BLOCK_SEPARATOR, Action
from bot.services import answers
from bot.services.answers import Decision
from bot.services.ideas import FilingRules
from db.digest_models import DigestRun
from db.models import Idea, Vote
from db.queries import idea_key
from db.session import open_database
from db.types import Status
from sandbox.errors import ActError
from sandbox.models import Json, Message
from sandbox.server import Sandbox
from tests.bot import AGENT, BILLING, CLERK, DRIVER, ENGINEER, GUARD, LEADER, MANAGER
from tests.oracle import told_key

PEOPLE = (GUARD, AGENT, CLERK, ENGINEER, MANAGER, DRIVER, BILLING)
REACTIONS = ("+1", "heart", "fire", "raised_hands", "tada")
_WHERE = "C0GENERAL1"
_FILED = re.compile(r"Filed as\W*(CX-\d+)")


@dataclass
class Crowd:
    """Does things by chance; `acknowledged`, `pressed`, `undone` and `posted` are what people were told."""

    sandbox: Sandbox
    chance: random.Random
    acknowledged: dict[str, str] = field(default_factory=dict)
    pressed: dict[tuple[str, str], bool | None] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    posted: set[str] = field(default_factory=set)
    story: list[str] = field(default_factory=list)
    reactions: int = 0
    _typed: int = 0
    _open_forms: list[tuple[str, Json, str]] = field(default_factory=list)
    _receipts: list[tuple[str, str, Json]] = field(default_factory=list)

    def do_something(self) -> None:
        """Do one thing, chosen by chance."""
        deeds = (self.file, self.fill_form, self.press_vote, self.undo, self.send_again, self.react)
        deed = self.chance.choices(deeds, (4, 3, 3, 1, 2, 9))[0]
        deed()

    def file(self) -> None:
        """Share an idea in a line."""
        user, title = self.chance.choice(PEOPLE), self._new_title()
        answer = self._act(user, "command", text=title, channel=_WHERE)
        if key := told_key(answer):
            self.acknowledged[key] = title
            self._receipts.append((user, key, answer["ephemeral"]))
        self._tell(f"{user} files {title!r}: {key}")

    def fill_form(self) -> None:
        """Share an idea by the form; who gets no answer keeps the form open."""
        user, title = self.chance.choice(PEOPLE), self._new_title()
        view = self._act(user, "command", text="", channel=_WHERE)["view"]
        if view:
            self._send(user, view, title)

    def send_again(self) -> None:
        """Send a form off once more that got no answer."""
        if self._open_forms:
            self._send(*self._open_forms.pop())

    def _send(self, user: str, view: Json, title: str) -> None:
        answer = self._act(user, "submit", view_id=view["id"], values={"title": title})
        filed = _FILED.search(json.dumps(answer["view"]))
        if filed:
            self.acknowledged[filed[1]] = title
        else:
            self._open_forms.append((user, view, title))
        self._tell(f"{user} sends form {view['id']} {title!r}: {filed and filed[1]}")

    def react(self) -> None:
        """Put a reaction on a card, or take one off."""
        card = self._some_card()
        if card is None:
            return
        user, name = self.chance.choice(PEOPLE), self.chance.choice(REACTIONS)
        is_on = user not in card.reactions.get(name, ())
        try:
            self._act(user, "react" if is_on else "unreact", channel=card.channel_id, ts=card.ts, name=name)
        except ActError:
            return  # Its author has just taken it back.
        self.reactions += 1
        self._tell(f"{user} {'puts' if is_on else 'takes'} {name} {'on' if is_on else 'off'} {card.text[:60]!r}")

    def press_vote(self) -> None:
        """Vote, or take a vote back, by a button of a list."""
        user = self.chance.choice(PEOPLE)
        shown = self._act(user, "command", text="top all", channel=_WHERE)["ephemeral"]
        buttons = [button for button in _buttons(shown) if button[1] in {Action.CAST_VOTE, Action.TAKE_VOTE_BACK}]
        if not buttons:
            return
        block_id, action_id = self.chance.choice(buttons)
        key = f"CX-{block_id.rpartition(LIST_BLOCK_SEPARATOR)[2]}"
        place = {"channel": shown["channel"], "ts": shown["ts"]}
        answer = self._act(user, "press", **place, action_id=action_id, block_id=block_id)
        self.pressed[key, user] = action_id == Action.CAST_VOTE if answer["acked"] else None
        self._tell(f"{user} presses {action_id} on {key}: {answer['acked']}")

    def undo(self) -> None:
        """Take an idea back that was just shared."""
        if not self._receipts:
            return
        user, key, receipt = self._receipts.pop()
        place = {"channel": receipt["channel"], "ts": receipt["ts"]}
        if self._act(user, "press", **place, action_id=Action.UNDO)["acked"]:
            self.undone.add(key)
        self._tell(f"{user} takes {key} back: {key in self.undone}")

    def post_digest(self) -> None:
        """Have the running week's digest posted in every leadership channel."""
        shown = self._act(LEADER, "command", text="digest", channel=_WHERE)["ephemeral"]
        buttons = [button for button in _buttons(shown) if button[1] == Action.POST_DIGEST]
        if not buttons:
            return
        place = {"channel": shown["channel"], "ts": shown["ts"]}
        is_acked = self._act(LEADER, "press", **place, action_id=Action.POST_DIGEST, block_id=buttons[0][0])["acked"]
        if is_acked:
            self.posted.add("so_far")
        self._tell(f"a leader posts the digest: {is_acked}")

    def answer(self, database_url: str) -> None:
        """Have a leader answer an idea that waits for an answer, if there is one."""
        sessions = open_database(database_url, is_patient=True)
        with sessions.begin() as session:
            waits = (Idea.status == Status.NEW, Idea.settled_at.is_(None))
            idea_id = session.scalar(select(Idea.id).where(*waits).order_by(Idea.votes.desc(), Idea.id).limit(1))
            if idea_id:
                decision = Decision(Deed.ANSWER, idea_id, LEADER, clock.now(), "In spring.", Status.PLANNED)
                answers.decide(session, decision, FilingRules("", 5, UTC))
        sessions.dispose()
        self._tell(f"a leader answers {idea_id}")

    def check(self, database_url: str) -> None:
        """See that what people were told is so."""
        sessions = open_database(database_url, is_patient=True)
        with sessions.reading() as session:
            ideas = {idea_key(idea.id): idea for idea in session.scalars(select(Idea))}
            votes = {(idea_key(vote.idea_id), vote.user_id): vote.by_button for vote in session.scalars(select(Vote))}
            editions = set(session.scalars(select(DigestRun.edition)))
        sessions.dispose()
        titles = [idea.title for idea in ideas.values()]
        assert len(titles) == len(set(titles)), f"an idea exists twice: {sorted(titles)}"
        for (key, user), is_on in self.pressed.items():
            if is_on is not None and ideas[key].status != "withdrawn":
                assert votes.get((key, user), False) == is_on, f"the press of {user} on {key} ({is_on}) is lost"
        for key in self.undone:
            is_back = ideas[key].status == Status.WITHDRAWN or ideas[key].answer_id is not None  # Then it is too late.
            assert is_back, f"taking {key} back was acknowledged, and it is not"
        assert self.posted <= editions, "a digest was acknowledged, and is not wanted"

    def _some_card(self) -> Message | None:
        workspace = self.sandbox.workspace
        found = workspace.channels[str(self.sandbox.info["ideas_channel"])].messages
        cards = self.sandbox.call(
            lambda: [each for each in found.values() if each.user_id == workspace.app.bot_user_id]
        )
        return self.chance.choice(cards) if cards else None

    def _new_title(self) -> str:
        self._typed += 1
        return f"Idea number {self._typed} for shorter waits"

    def _act(self, user: str, do: str, **keys: Any) -> Json:
        return self.sandbox.act(user, do, **keys)

    def _tell(self, line: str) -> None:
        self.story.append(line)


def _buttons(shown: Json | None) -> list[tuple[str, str]]:
    """Return block and action id of each button that a message shows."""
    blocks = (shown or {}).get("blocks") or []
    return [
        (block["block_id"], element["action_id"])
        for block in blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]
