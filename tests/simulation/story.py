"""What happens in a simulation: people, deliveries and mishaps in an order that a seed decides; then all is mended."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from bot import directory
from bot.reconciliation import reconcile
from sandbox.errors import ActError
from sandbox.models import Json
from sandbox.people import DIGEST_CHANNEL, EXTERNAL_ID, GUEST_ID, IDEAS_CHANNEL
from tests import oracle
from tests.bot import AGENT, CLERK, DRIVER, ENGINEER, GUARD, LEADER
from tests.simulation.hours import FRIDAY
from tests.simulation.mishaps import draw_mishap, draw_trap
from tests.simulation.replicas import Replica
from tests.simulation.town import Town

AUTHORS = (GUARD, AGENT, CLERK)
VOTERS = (GUARD, AGENT, DRIVER, ENGINEER, LEADER, GUEST_ID, EXTERNAL_ID)
EMOJI = ("+1", "+1", "heart", "+1::skin-tone-3", "eyes")
MONDAY = datetime(2026, 11, 23, 9, 0, 30, tzinfo=UTC)
WEEK = "2026-W47"
_VOTE_BUTTONS = ("vote.cast", "vote.take_back")
_MOST_ROUNDS = 120


class Story:
    """One seed's story: `play`, then `mend` and `judge`."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.chance = town.chance
        self.acknowledged: dict[str, str] = {}
        self.receipts: list[tuple[str, Json]] = []
        self.carried: list[Json] = []
        self.is_monday = False
        self._filed = 0

    def play(self, steps: int) -> None:
        """Let so many things happen; raises AssertionError at what must never be."""
        deeds, weights = zip(*_DEEDS, strict=True)
        for deed in self.chance.choices(deeds, weights, k=steps):
            self._prepare(deed.__name__)
            deed(self)
            self.town.calm()
            self.town.look_around()

    def mend(self) -> None:
        """Put everything right in Slack, and let the bot come to rest."""
        town = self.town
        town.calm()
        town.tell("all is mended")
        town.sandbox.control("restore_token")
        town.sandbox.control("unarchive", channel=IDEAS_CHANNEL)
        for channel in (IDEAS_CHANNEL, DIGEST_CHANNEL):
            town.sandbox.control("invite", channel=channel)
        town.wait(60)
        self._rest()
        if self.is_monday:
            self._tick(town.replicas[0])
        town.replicas[0].jobs.learn()
        directory.look_up_all(town.replicas[0].deps, 60)
        self._rest()
        town.has_died = False

    def judge(self) -> None:
        """See that everything promised is so."""
        town = self.town
        town.look_around()
        assert not town.ground.waiting(), f"still waiting: {town.ground.waiting()}"
        weeks = {DIGEST_CHANNEL: [WEEK] if self.is_monday else []}
        oracle.check(town.sandbox, town.ground.url, self.acknowledged, weeks)

    def _rest(self) -> None:
        town = self.town
        for _ in range(_MOST_ROUNDS):
            for replica in town.replicas:
                replica.delivery.drain()
            if not town.ground.waiting():
                return
            town.wait(5)

    def _prepare(self, name: str) -> None:
        town = self.town
        town.wait(self.chance.choice((0.01, 0.2, 1, 2, 5)))
        town.tell(name.strip("_"))
        town.mishap = draw_mishap(self.chance)
        town.trap = draw_trap(self.chance, self.chance.choice(town.replicas).name)

    def file_by_line(self) -> None:
        """Somebody files an idea by typing it."""
        self._filed += 1
        author, title = self.chance.choice(AUTHORS), f"Let customers choose the hour, variant {self._filed}"
        answer = self.town.sandbox.act(author, "command", text=title, channel="C0GENERAL1")
        key = oracle.told_key(answer)
        if key:
            self.acknowledged[key] = title
            self.receipts.append((author, answer["ephemeral"]))

    def file_by_form(self) -> None:
        """Somebody files an idea by the form, and sends it again when it did not work."""
        self._filed += 1
        author, title = self.chance.choice(AUTHORS), f"Let customers choose the place, variant {self._filed}"
        view = self.town.sandbox.act(author, "command", text="", channel="C0GENERAL1")["view"]
        for _ in range(2 if view else 0):
            answer = self.town.sandbox.act(author, "submit", view_id=view["id"], values={"title": title})
            told = re.search(r"CX-\d+", answer["view"]["title"]["text"]) if answer["view"] else None
            if told:
                self.acknowledged[told[0]] = title
                return

    def react(self) -> None:
        """Somebody puts a reaction on a card."""
        self._change_reaction("react")

    def unreact(self) -> None:
        """Somebody takes a reaction off a card."""
        self._change_reaction("unreact")

    def event_arrives(self) -> None:
        """Slack delivers an event: one under way, or one that was delivered before."""
        mail = self.town.sandbox.mail
        waiting = mail.events if mail.events and self.chance.random() < 0.8 else self.carried
        if waiting:
            event = self.chance.choice(waiting)
            if waiting is mail.events:
                mail.events.remove(event)
                self.carried.append(event)
            if not mail.carry("events_api", event).ok:
                mail.events.append(event)

    def event_is_lost(self) -> None:
        """Slack gives up on an event."""
        events = self.town.sandbox.mail.events
        if events:
            events.remove(self.chance.choice(events))

    def press_vote(self) -> None:
        """Somebody votes, or takes their vote back, in a list."""
        user = self.chance.choice(VOTERS[:5])
        answer = self.town.sandbox.act(user, "command", text="top all", channel="C0GENERAL1")
        self._press(user, answer.get("ephemeral"), _VOTE_BUTTONS)

    def undo(self) -> None:
        """An author takes an idea back."""
        if self.receipts:
            self._press(*self.chance.choice(self.receipts), ("idea.undo",))

    def deliver(self) -> None:
        """A replica sends what is due, one row."""
        self._on_any(lambda replica: replica.delivery.deliver_next())

    def compare(self) -> None:
        """A replica compares the cards with Slack."""

        def compare_all(replica: Replica) -> None:
            is_undisturbed = self.town.mishap is None and self.town.trap is None
            result = reconcile(replica.deps)
            self.town.has_died &= not (is_undisturbed and result.is_whole and self.town.is_open)

        self._on_any(_guarded(compare_all))

    def look_up(self) -> None:
        """A replica learns what people are who voted."""
        self._on_any(_guarded(lambda replica: directory.look_up_unknown(replica.deps)))

    def pass_time(self) -> None:
        """Nothing happens for a while."""
        self.town.wait(self.chance.choice((4, 16, 31, 62)))

    def die(self) -> None:
        """A replica dies while it does nothing."""
        index = self.chance.randrange(len(self.town.replicas))
        self.town.kill(index)

    def trouble_in_slack(self) -> None:
        """Somebody archives the channel, removes the bot or revokes its token, or puts that right."""
        do: tuple[str, dict[str, Any]] = self.chance.choice(
            (
                ("archive", {"channel": IDEAS_CHANNEL}),
                ("unarchive", {"channel": IDEAS_CHANNEL}),
                ("unarchive", {"channel": IDEAS_CHANNEL}),
                ("kick", {"channel": IDEAS_CHANNEL}),
                ("invite", {"channel": IDEAS_CHANNEL}),
                ("invite", {"channel": IDEAS_CHANNEL}),
                ("revoke_token", {}),
                ("restore_token", {}),
                ("restore_token", {}),
            )
        )
        self.town.tell(f"  {do[0]}")
        self.town.sandbox.control(do[0], **do[1])

    def digest_hour(self) -> None:
        """It becomes Monday, and the replicas notice."""
        if not self.is_monday:
            self.town.wait((MONDAY - FRIDAY).total_seconds() - self.town.hours.passed)
            self.is_monday = True
        self._on_any(_guarded(self._tick))

    def _tick(self, replica: Replica) -> None:
        replica.jobs.ask_for_due_digests()
        replica.jobs.prepare_digests()

    def _change_reaction(self, do: str) -> None:
        cards = self.town.cards()
        if not cards:
            return
        card, user = self.chance.choice(cards), self.chance.choice(VOTERS)
        try:
            self.town.sandbox.act(user, do, channel=IDEAS_CHANNEL, ts=card.ts, name=self.chance.choice(EMOJI))
        except ActError as error:
            self.town.tell(f"  {error}")

    def _press(self, user: str, where: Json | None, actions: tuple[str, ...]) -> None:
        buttons = [each for each in _buttons(where) if each["action_id"] in actions]
        if not where or not buttons:
            return
        button = self.chance.choice(buttons)
        keys = {"channel": where["channel"], "ts": where["ts"], "action_id": button["action_id"]}
        try:
            self.town.sandbox.act(user, "press", **keys, value=button["value"])
        except ActError as error:
            self.town.tell(f"  {error}")

    def _on_any(self, work: Callable[[Replica], Any]) -> None:
        index = self.chance.randrange(len(self.town.replicas))
        self.town.tell(f"  {self.town.replicas[index].name}")
        self.town.alive(index, work)


def _guarded(work: Callable[[Replica], Any]) -> Callable[[Replica], None]:
    """Return a job as the scheduler runs it: what it raises does not end the process."""

    def guarded(replica: Replica) -> None:
        with suppress(Exception):
            work(replica)

    return guarded


def _buttons(where: Json | None) -> list[Json]:
    blocks = where.get("blocks", []) if where else []
    elements = [each for block in blocks for each in [*block.get("elements", []), block.get("accessory", {})]]
    return [each for each in elements if isinstance(each, dict) and "action_id" in each]


_DEEDS = (
    (Story.file_by_line, 4),
    (Story.file_by_form, 2),
    (Story.react, 8),
    (Story.unreact, 3),
    (Story.event_arrives, 10),
    (Story.event_is_lost, 1),
    (Story.press_vote, 3),
    (Story.undo, 2),
    (Story.deliver, 24),
    (Story.compare, 2),
    (Story.look_up, 1),
    (Story.pass_time, 6),
    (Story.die, 1),
    (Story.trouble_in_slack, 3),
    (Story.digest_hour, 1),
)
