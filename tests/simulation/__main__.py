"""Many seeds of the simulation, on all processors: `python -m tests.simulation --seeds 10000`.

Ends with 1 at the first seed that breaks a promise, with its story and the command that repeats exactly it.
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests import postgres
from tests.simulation.seeds import Outcome
from tests.simulation.workers import prepare, run

_SAY_SECONDS = 10


def main() -> int:
    """Run the seeds that the command line asks for; return the exit code."""
    options = _options()
    print(f"seeds {options.seed} to {options.seed + options.seeds - 1}", flush=True)
    began = said = time.monotonic()
    with _outcomes(range(options.seed, options.seed + options.seeds), options.workers) as outcomes:
        for done, outcome in enumerate(outcomes, start=1):
            if outcome.complaint:
                return _report(outcome)
            if time.monotonic() > said + _SAY_SECONDS:
                said = time.monotonic()
                print(f"{done} of {options.seeds}, {done / (said - began):.1f} a second", flush=True)
    print(f"{options.seeds} seeds, none broken, {time.monotonic() - began:.0f} s")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000, help="how many")
    parser.add_argument("--seed", type=int, default=None, help="the first; alone: any, which is printed")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**9)
    return options


def _report(outcome: Outcome) -> int:
    print(*outcome.told, sep="\n")
    print(f"Seed {outcome.seed} is broken: {outcome.complaint}")
    print(f"To repeat it: python -m tests.simulation --seeds 1 --seed {outcome.seed}", flush=True)
    return 1


@contextmanager
def _outcomes(seeds: range, workers: int) -> Iterator[Iterator[Outcome]]:
    os.environ["PYTHONHASHSEED"] = "0"  # Sets in one order, in every worker and every run.
    spawning = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        url = stack.enter_context(postgres.running_server()).url("postgres") if postgres.is_available() else None
        pool = stack.enter_context(spawning.Pool(min(workers, len(seeds)), prepare, (url,)))
        yield pool.imap(run, seeds)


if __name__ == "__main__":
    sys.exit(main())
