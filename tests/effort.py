"""How hard to try: tests that draw examples or run rounds ask here, so that one variable makes a run longer."""

import os

EFFORT = float(os.environ.get("CX_EFFORT", "1"))
"""1 in ordinary runs; CX_EFFORT=20 makes twenty times as many examples and rounds."""


def examples(count: int) -> int:
    """Return how many of something to try, where `count` is what an ordinary run has time for."""
    return max(1, round(count * EFFORT))
