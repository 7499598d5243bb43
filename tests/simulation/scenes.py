"""What people do with the bot every day, each as a scene that one failing call may disturb anywhere."""

import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from bot.reconciliation import reconcile
from sandbox.models import Json
from sandbox.people import IDEAS_CHANNEL
from tests import oracle
from tests.bot import AGENT, CLERK, ENGINEER, GUARD, LEADER, words
from tests.simulation.ground import Ground
from tests.simulation.replicas import Replica
from tests.simulation.still import StillSandbox

LINE = "Let customers reschedule deliveries online"
_OFFICE = "C0GENERAL1"
_AWAY = "Nothing has changed"
_MOST_ROUNDS = 30


class Stage:
    """One replica in a still workspace. `arm` begins the part of a scene in which a call fails."""

    def __init__(self, ground: Ground, sandbox: StillSandbox, replica: Replica, arm: Callable[[], None]) -> None:
        self.ground, self.sandbox, self.replica, self.arm = ground, sandbox, replica, arm
        self.acknowledged: dict[str, str] = {}
        sandbox.mail.carry = replica.answer

    def type_line(self) -> Json:
        """File the idea in a line, again where the first try was refused; return the receipt."""
        for _ in range(2):
            answer = self.sandbox.act(GUARD, "command", text=LINE, channel=_OFFICE)["ephemeral"]
            key = oracle.told_key({"ephemeral": answer})
            if key:
                self.acknowledged[key] = LINE
                receipt: Json = answer
                return receipt
            assert LINE in words(answer), f"refused without giving back what was typed: {words(answer)!r}"
        raise AssertionError("refused twice")

    def insist(self, do: Callable[[], Any]) -> Any:
        """Do something until it is taken: as Slack repeats events, and people what was refused."""
        for _ in range(3):
            taken = do()
            if taken:
                return taken
            time.sleep(1)
        raise AssertionError("never taken")

    def carry_events(self) -> None:
        """Deliver all events, each until it is acknowledged."""
        mail = self.sandbox.mail
        while mail.events:
            event = mail.events.pop(0)
            self.insist(partial(self._carry, event))

    def _carry(self, event: Json) -> bool:
        return self.replica.answer("events_api", event).ok

    def rest(self) -> None:
        """Let delivery and jobs run as their loops do, until nothing is left to do."""
        for _ in range(_MOST_ROUNDS):
            was_busy = [
                _unharmed(job) for job in (self.replica.delivery.deliver_next, self.replica.jobs.prepare_digests)
            ]
            if was_busy == [False, None]:
                if not self.ground.waiting():
                    return
                time.sleep(10)
        raise AssertionError("it does not come to rest")

    def card_ts(self) -> str:
        """Return where the idea's card stands."""
        return next(iter(oracle.cards_of(self.sandbox).values())).ts

    def press(self, user: str, where: Json, action_id: str) -> None:
        """Press a button until the press is acknowledged, and nothing says that it did not work."""
        keys = {"channel": where["channel"], "ts": where["ts"], "action_id": action_id}

        def press() -> bool:
            refusals = self._refusals(user)
            return self.sandbox.act(user, "press", **keys)["acked"] and self._refusals(user) == refusals

        self.insist(press)

    def _refusals(self, user: str) -> int:
        shown = self.sandbox.state(user)["ephemerals"]
        return sum(_AWAY in words(each) for each in shown)

    def list_ideas(self, user: str) -> Json:
        """Ask for the list of ideas; return it."""

        def ask() -> Any:
            shown = self.sandbox.act(user, "command", text="top all", channel=_OFFICE)["ephemeral"]
            return shown if LINE in words(shown) else None

        found: Json = self.insist(ask)
        return found


def file_by_line(stage: Stage) -> None:
    """An idea in a line becomes a card."""
    stage.arm()
    stage.type_line()
    stage.rest()


def file_by_form(stage: Stage) -> None:
    """The form becomes an idea and a card; what did not work is sent again from the same form."""
    stage.arm()
    view = stage.insist(lambda: stage.sandbox.act(GUARD, "command", text="", channel=_OFFICE)["view"])

    def submit() -> str | None:
        answer = stage.sandbox.act(GUARD, "submit", view_id=view["id"], values={"title": LINE})
        told = re.search(r"CX-\d+", answer["view"]["title"]["text"])
        assert told or answer["errors"] or answer["trouble"], "neither filed nor refused"
        return told[0] if told else None

    stage.acknowledged[stage.insist(submit)] = LINE
    stage.rest()


def vote_by_reaction(stage: Stage) -> None:
    """Two people react, and one of them takes it off again."""
    _with_card(stage)
    for user, do in ((AGENT, "react"), (CLERK, "react"), (AGENT, "unreact")):
        stage.sandbox.act(user, do, channel=IDEAS_CHANNEL, ts=stage.card_ts(), name="+1")
        stage.carry_events()
        stage.rest()


def vote_by_button(stage: Stage) -> None:
    """A vote by button, and another that is taken back."""
    _with_card(stage)
    for user, actions in ((AGENT, ["vote.cast"]), (ENGINEER, ["vote.cast", "vote.take_back"])):
        for action in actions:
            stage.press(user, stage.list_ideas(user), action)
            stage.rest()
        shown = "vote.take_back" if actions[-1] == "vote.cast" else "vote.cast"
        assert shown in str(stage.list_ideas(user)["blocks"]), f"{user} pressed {actions[-1]} and reads otherwise"


def undo(stage: Stage) -> None:
    """The author takes an idea back before anybody took it up."""
    receipt = stage.type_line()
    stage.rest()
    stage.arm()
    stage.press(GUARD, receipt, "idea.undo")
    stage.rest()
    assert not oracle.cards_of(stage.sandbox), "a card stands for an idea that was taken back"


def post_digest(stage: Stage) -> None:
    """A leader has the running week's digest posted."""
    _with_card(stage)

    def preview() -> Any:
        shown = stage.sandbox.act(LEADER, "command", text="digest", channel=_OFFICE)["ephemeral"]
        return shown if "digest.post" in str(shown["blocks"]) else None

    stage.press(LEADER, stage.insist(preview), "digest.post")
    stage.rest()


def compare(stage: Stage) -> None:
    """A reaction that nobody told of is found by comparing."""
    _with_card(stage)
    stage.sandbox.act(AGENT, "react", channel=IDEAS_CHANNEL, ts=stage.card_ts(), name="heart")
    stage.sandbox.mail.events.clear()
    time.sleep(5)
    stage.insist(lambda: _unharmed(lambda: reconcile(stage.replica.deps)))
    stage.rest()


SCENES = (file_by_line, vote_by_reaction, file_by_form, vote_by_button, undo, post_digest, compare)
MAIN_SCENES = SCENES[:2]


def _with_card(stage: Stage) -> None:
    stage.type_line()
    stage.rest()
    stage.arm()


def _unharmed(job: Callable[[], Any]) -> Any:
    """Run a job as its loop does: what it raises is logged there, and it is run again."""
    try:
        return job()
    except Exception as error:  # noqa: BLE001  # any, as the loop
        return str(error)[:0]
