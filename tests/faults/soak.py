"""Many runs with kills by chance, each from a seed of its own: `make soak`, or `python -m tests.faults.soak --help`.

Ends at the first run that breaks a promise, with the command that repeats it.
"""

import argparse
import multiprocessing
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bot.migrations import migrate
from tests import postgres
from tests.faults.lives import Report, run

_EVERY = 10


@dataclass(frozen=True, slots=True)
class Templates:
    """Migrated databases, of which each run gets a copy; without PostgreSQL all runs are on SQLite."""

    folder: Path
    server_url: str | None
    database: str | None

    @contextmanager
    def copy_for(self, seed: int) -> Iterator[tuple[str, Path]]:
        """Yield the address of a fresh database and a folder, for the run with this seed."""
        folder = Path(tempfile.mkdtemp(prefix=f"run-{seed}-", dir=self.folder))
        if self.server_url is None or seed % 2:
            yield f"sqlite:///{shutil.copy(self.folder / 'template.db', folder / 'cxidea.db')}", folder
        else:
            server = postgres.Server(self.server_url)
            name = server.create_database(self.database)
            yield server.url(name), folder
            server.drop_database(name)
        shutil.rmtree(folder)


def run_one(seed: int, templates: Templates) -> tuple[Report, str]:
    """Return what the run with this seed did, and what went wrong, if anything did."""
    report = Report()
    folder = templates.folder
    try:
        with templates.copy_for(seed) as (url, folder):
            run(seed, url, folder, report)
    except Exception:  # noqa: BLE001  # whatever it is, it is what a soak looks for
        log = "".join(path.read_text()[-6000:] for path in folder.glob("log-*")) if folder != templates.folder else ""
        return report, "\n".join([*report.story, log, traceback.format_exc()])
    return report, ""


def main() -> int:
    """Do the runs; return 1 when one broke a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=time.time_ns() // 1000 % 1_000_000, help="of the first run")
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    _say(f"seed {wanted.seed}, {wanted.runs} runs")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # Whoever ends it ends PostgreSQL with it.
    with _templates() as templates:
        return _soak(range(wanted.seed, wanted.seed + wanted.runs), templates, wanted.workers)


def _soak(seeds: range, templates: Templates, workers: int) -> int:
    total, done = Report(), 0
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        waiting = iter(seeds)
        under_way: dict[Future[tuple[Report, str]], int] = {
            pool.submit(run_one, seed, templates): seed for seed in islice(waiting, workers)
        }
        while under_way:
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                seed, (report, trouble) = under_way.pop(future), future.result()
                if trouble:
                    _say(f"{trouble}\nbroken: python -m tests.faults.soak --runs 1 --seed {seed}")
                    return 1
                total.add(report)
                done += 1
                if done % _EVERY == 0:
                    _say(f"{done} of {len(seeds)} runs, {total.kills.total()} kills")
                under_way |= {pool.submit(run_one, seed, templates): seed for seed in islice(waiting, 1)}
    _tell(done, total)
    return 0


def _tell(runs: int, total: Report) -> None:
    _say(f"{runs} runs, {total.kills.total()} kills:")
    for step, times in sorted(total.kills.items()):
        _say(f"  {times:5} {step}")
    _say(f"{total.ideas} ideas, {total.votes} votes, {total.digests} digests: 0 lost, 0 doubled")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def _templates() -> Iterator[Templates]:
    folder = Path(tempfile.mkdtemp(prefix="cxidea-soak-"))
    try:
        migrate(f"sqlite:///{folder / 'template.db'}")
        if not postgres.is_available():
            yield Templates(folder, None, None)
            return
        with postgres.running_server() as server:
            name = server.create_database()
            migrate(server.url(name))
            yield Templates(folder, server.url("postgres"), name)
            server.drop_database(name)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
