"""What goes wrong in a story: at which call of a replica, and how."""

import random
from dataclasses import dataclass

FAULTS: dict[str, dict[str, object]] = {
    "the line is cut before": {"kind": "drop_before"},
    "the line is cut after": {"kind": "apply_then_drop"},
    "status 500": {"kind": "status", "status": 500},
    "internal_error before": {"kind": "error", "error": "internal_error"},
    "internal_error after": {"kind": "apply_then_error", "error": "internal_error"},
    "fatal_error after": {"kind": "apply_then_error", "error": "fatal_error"},
    "the body is cut": {"kind": "cut_body"},
    "429": {"kind": "ratelimited", "seconds": 7},
}
DIES_BEFORE, DIES_AFTER = "it dies before the call", "it dies after the call"
SLEEPS_BEFORE, SLEEPS_AFTER = "it sleeps before the call", "it sleeps after the call"
HELD = "Slack holds the call"
AT_SLACK = (*FAULTS, *(DIES_BEFORE, DIES_AFTER) * 2, *(SLEEPS_BEFORE, SLEEPS_AFTER, HELD) * 3)


@dataclass(frozen=True, slots=True)
class Mishap:
    """`what` befalls the call number `at`, counted from 0, of whoever acts; sleepers sleep for `seconds`."""

    what: str
    at: int
    seconds: float = 0


@dataclass(slots=True)
class Trap:
    """Ends a replica at its database call number `left`, or right after it has gone through."""

    owner: str
    left: int
    is_after: bool
    is_sprung: bool = False

    def kills(self, owner: str) -> bool:
        """Count one of the owner's calls; tell whether it dies here."""
        if owner != self.owner:
            return False
        if self.is_sprung:
            return True
        self.left -= 1
        if self.left < 0:
            self.is_sprung = True
            return not self.is_after
        return False


def draw_mishap(chance: random.Random) -> Mishap | None:
    """Return what goes wrong at Slack in a step; mostly nothing."""
    if chance.random() < 0.4:
        return None
    what = chance.choice(AT_SLACK)
    seconds = chance.uniform(1, 14) if what == HELD else chance.choice((16, 48, 90))
    return Mishap(what, chance.choice((0, 0, 0, 1, 2)), seconds)


def draw_trap(chance: random.Random, owner: str) -> Trap | None:
    """Return where in the database a replica dies in a step; mostly nowhere."""
    if chance.random() < 0.88:
        return None
    return Trap(owner, chance.randrange(24), chance.random() < 0.4)
