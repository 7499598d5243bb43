"""A workspace and two replicas of the bot on one database, in one thread and in still time, with what goes wrong."""

import random
import re
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import select

from db.models import Idea, OutboxMessage
from sandbox.models import Json, Message
from sandbox.packets import Reply
from sandbox.people import DIGEST_CHANNEL, IDEAS_CHANNEL
from tests.bot import settings_for
from tests.simulation.ground import Ground
from tests.simulation.hours import Hours
from tests.simulation.mishaps import DIES_AFTER, DIES_BEFORE, FAULTS, HELD, SLEEPS_AFTER, SLEEPS_BEFORE, Mishap, Trap
from tests.simulation.replicas import Berth, Killed, Replica
from tests.simulation.still import Answer, StillSandbox
from tests.votes import tally

Result = TypeVar("Result")
_KEY = re.compile(r"\bCX-(\d+)\b")
_CALL_SECONDS = 0.05
_LOST_ACKNOWLEDGEMENTS, _REPLAYS = 0.08, 0.05
_TIMEOUT_SECONDS = 10
_ROWS = select(
    OutboxMessage.key,
    OutboxMessage.post_key,
    OutboxMessage.state,
    OutboxMessage.message_ts,
    OutboxMessage.shown_revision,
    OutboxMessage.wanted_revision,
)
_TALLIES = select(Idea.id, Idea.votes)
_SEEKING = {"sending", "unknown"}


class Town:
    """Everything that there is in a simulation. `told` is what happened, in words; `chance` decides all."""

    def __init__(self, seed: int, ground: Ground, hours: Hours) -> None:
        self.chance = random.Random(seed)  # noqa: S311  # a seed repeats it
        self.hours = hours
        self.sandbox = StillSandbox()
        self.ground = ground
        self.settings = settings_for(self.sandbox, ground.url, "socket")
        self.told: list[str] = []
        self.mishap: Mishap | None = None
        self.trap: Trap | None = None
        self.has_died = False
        self._calls = 0
        self._held: list[tuple[float, Callable[[], Answer]]] = []
        self._born = 0
        self.replicas = [self._start(berth) for berth in ground.berths]
        self._tallies: dict[int, set[int]] = {}
        self.sandbox.mail.carry = self._carry

    def tell(self, text: str) -> None:
        """Write down what happens."""
        self.told.append(f"{self.hours.passed:9.2f} {text}")

    def wait(self, seconds: float) -> None:
        """Let time pass; what Slack held for long enough is done."""
        self.hours.pass_by(seconds)
        for due, go in tuple(self._held):
            if due <= self.hours.passed:
                self._held.remove((due, go))
                self.tell("Slack does what it held")
                go()

    def alive(self, index: int, work: Callable[[Replica], Result]) -> Result | None:
        """Have a replica do something; None when it dies of it, and another takes its place."""
        replica = self.replicas[index]
        try:
            result = work(replica)
        except Killed:
            self.kill(index)
            return None
        if self.trap and self.trap.is_sprung and self.trap.owner == replica.name:
            self.kill(index)  # Its last commit has gone through, and nobody hears of it.
            return None
        return result

    def kill(self, index: int) -> None:
        """End a replica, and start another in its place."""
        self.tell(f"{self.replicas[index].name} dies")
        self.trap = None
        self.has_died = True
        self.replicas[index].sessions.dispose()
        self.replicas[index] = self._start(self.ground.berths[index])

    def calm(self) -> None:
        """Let nothing go wrong any more."""
        self.mishap = self.trap = None
        self._calls = 0
        self.sandbox.parts.faults.clear()

    def passing(self, method: str, go: Callable[[], Answer]) -> Answer:
        """Carry a replica's call to Slack, if nothing comes in between."""
        self.wait(_CALL_SECONDS)
        mishap, number = self.mishap, self._calls
        self._calls += 1
        if mishap is None or mishap.at != number:
            return go()
        self.mishap = None
        is_api = "." in method  # Else it is an answer's own address, which another run has not.
        self.tell(f"{method if is_api else 'an answer'}: {mishap.what} ({mishap.seconds:.0f} s)")
        if mishap.what in FAULTS:
            if is_api:
                self.sandbox.parts.faults.add({"target": method} | FAULTS[mishap.what])
            return go()
        return self._disturb(mishap, method, go)

    def _disturb(self, mishap: Mishap, method: str, go: Callable[[], Answer]) -> Answer:
        if mishap.what == DIES_BEFORE:
            raise Killed
        if mishap.what == HELD and method == "chat.postMessage":
            self._held.append((self.hours.passed + _TIMEOUT_SECONDS + mishap.seconds, go))
            self.wait(_TIMEOUT_SECONDS)
            raise TimeoutError("timed out")
        if mishap.what == SLEEPS_BEFORE:
            self._sleep(mishap.seconds)
        answer = go()
        if mishap.what == DIES_AFTER:
            raise Killed
        if mishap.what == SLEEPS_AFTER:
            self._sleep(mishap.seconds)
        return answer

    def _sleep(self, seconds: float) -> None:
        """Let the others work while a replica sleeps beyond its lease in the midst of a call."""
        for _ in range(3):
            self.wait(seconds / 3)
            for index in range(len(self.replicas)):
                if self.chance.random() < 0.7:
                    # A new process in the sleeper's own place is one more replica for a while.
                    self.tell(f"meanwhile {self.replicas[index].name} delivers")
                    self.alive(index, lambda replica: replica.delivery.drain())

    def _carry(self, kind: str, payload: Json) -> Reply:
        """Deliver to any replica; now and then its acknowledgement is lost, or the same comes twice, as by a replay."""
        index = self.chance.randrange(len(self.replicas))
        reply = self.alive(index, lambda replica: replica.answer(kind, payload))
        luck = self.chance.random()
        if luck < _LOST_ACKNOWLEDGEMENTS:
            self.tell("the acknowledgement is lost")
            return Reply(failure="http_timeout")
        if luck > 1 - _REPLAYS:
            self.tell("it comes again")
            return self._carry(kind, payload)
        return reply or Reply(failure="connection_failed")

    def _start(self, berth: Berth) -> Replica:
        self._born += 1
        name = f"replica {self._born}"
        berth.at_call = lambda: self._at_database(name)
        return Replica(name, self.settings, berth.sessions)

    def _at_database(self, name: str) -> None:
        if self.trap and self.trap.kills(name):
            raise Killed

    def look_around(self) -> None:
        """See what must hold at any moment between two calls.

        Two messages of one row may stand only while its row is uncertain, so that whoever takes it looks and removes
        one; or from a death on, which may come before a late poster has taken its copy back, until the comparison
        that follows each start. No card shows a tally that was not true yet, and no row is ahead of what is wanted.
        """
        standing = Counter(map(_key_of, self._own_messages()))
        with self.ground.observer.reading() as session:
            rows = session.execute(_ROWS).all()
            for number, votes in session.execute(_TALLIES):
                self._tallies.setdefault(number, {0}).add(votes)
        for row in rows:
            assert row.shown_revision <= row.wanted_revision, f"{row.key} shows what nobody wanted yet"
            is_sought = row.state in _SEEKING and row.message_ts is None
            copies = standing[row.post_key]
            is_found = is_sought or self.has_died
            assert copies <= 1 or is_found, f"{row.key} ({row.state}) stands there {copies} times, and nobody looks"
        for card in self.cards():
            shown, key = tally({"text": card.text, "blocks": card.blocks}), _KEY.search(card.text)
            known = self._tallies[int(key[1])] if key else set()
            assert shown in known, f"the card {card.text!r} shows {shown} votes, of {sorted(known)} so far"

    @property
    def is_open(self) -> bool:
        """Whether Slack lets the bot into its channels."""
        workspace = self.sandbox.workspace
        channels = [workspace.channels[channel_id] for channel_id in (IDEAS_CHANNEL, DIGEST_CHANNEL)]
        is_inside = all(workspace.app.bot_user_id in each.members and not each.is_archived for each in channels)
        return is_inside and not workspace.app.is_token_revoked

    def cards(self) -> list[Message]:
        """Return the cards in the ideas channel."""
        return [each for each in self._own_messages() if each.channel_id == IDEAS_CHANNEL and _KEY.search(each.text)]

    def _own_messages(self) -> list[Message]:
        workspace = self.sandbox.workspace
        messages = [each for channel in workspace.channels.values() for each in channel.messages.values()]
        return [each for each in messages if each.user_id == workspace.app.bot_user_id]


def _key_of(message: Message) -> str | None:
    key: str | None = ((message.metadata or {}).get("event_payload") or {}).get("key")
    return key
