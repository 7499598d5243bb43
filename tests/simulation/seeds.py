"""One seed, from an empty workspace to the verdict."""

import random
from dataclasses import dataclass

from tests.simulation.ground import Ground
from tests.simulation.hours import still_hours
from tests.simulation.still import connected
from tests.simulation.story import Story
from tests.simulation.town import Town

STEPS = 45


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a seed came to: `complaint` is empty when every promise held; `told` is its story."""

    seed: int
    complaint: str
    told: tuple[str, ...]


def run_seed(seed: int, ground: Ground, steps: int = STEPS) -> Outcome:
    """Play a seed's story; it repeats exactly."""
    random.seed(seed)  # Delivery's jitter.
    ground.clear()
    with still_hours() as hours:
        town = Town(seed, ground, hours)
        with connected(town.sandbox) as line:
            line.passing = town.passing
            complaint = _complaint(Story(town), steps)
    return Outcome(seed, complaint, tuple(town.told))


def _complaint(story: Story, steps: int) -> str:
    try:
        story.play(steps)
        story.mend()
        story.judge()
    except AssertionError as error:
        return str(error)
    return ""
