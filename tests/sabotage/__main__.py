"""`python -m tests.sabotage`: put each known bug back into a copy of the code, and show which test goes red.

Exit code 1 when a bug stays unnoticed. Name some to try only those: `python -m tests.sabotage no-fence`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.sabotage.bug import Bug
from tests.sabotage.bugs import BUGS

ROOT = Path(__file__).parents[2]
_NODE_PACKAGES = "tests/clients/node/node_modules"
_WORKERS = 2
_SECONDS = 180
_TRIALS = 3
"""A bug that is a race shows itself mostly; one that three trials do not show is not noticed."""

GREEN = "GREEN"


def main() -> int:
    """Try the bugs that were named, or all; return how many were not noticed, at most 1."""
    wanted = _parser().parse_args().bugs
    bugs = [bug for bug in BUGS if not wanted or bug.name in wanted]
    with tempfile.TemporaryDirectory(prefix="cxidea-sabotage-") as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(_WORKERS):
            copies.put(_copy(Path(folder) / str(number)))
        with ThreadPoolExecutor(_WORKERS) as workers:
            noticed = list(workers.map(lambda bug: _try(bug, copies), bugs))
    sys.stdout.write(f"{sum(noticed)} of {len(bugs)} bugs turn their test red\n")
    return int(not all(noticed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.sabotage", description=__doc__)
    parser.add_argument("bugs", nargs="*", help="names; alone: all of them")
    return parser


def _try(bug: Bug, copies: SimpleQueue[Path]) -> bool:
    copy = copies.get()
    path = copy / bug.path
    whole = path.read_text("utf-8")
    began = time.monotonic()
    try:
        path.write_text(bug.put_into(whole), "utf-8")
        outcomes = (_run(copy, bug) for _ in range(_TRIALS))
        outcome = next((each for each in outcomes if each != GREEN), GREEN)
    finally:
        path.write_text(whole, "utf-8")
        copies.put(copy)
    sys.stdout.write(f"{outcome:9} {bug.name:32} {bug.test}  ({time.monotonic() - began:.0f} s)\n")
    sys.stdout.flush()
    return outcome == "red"


def _run(copy: Path, bug: Bug) -> str:
    """Return red when the test fails; a test that cannot even be found or begun proves nothing."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", *bug.arguments]
    try:
        done = subprocess.run(
            command,
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy)},
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "red"
    return {0: GREEN, 1: "red"}.get(done.returncode, f"broken {done.returncode}")


def _copy(target: Path) -> Path:
    """Copy what git knows of, and what is new; installed packages stay where they are, Node's behind a link."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607  # the git on the PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(lambda each: (ROOT / each).is_file(), listed.stdout.splitlines()):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    (target / _NODE_PACKAGES).symlink_to(ROOT / _NODE_PACKAGES)
    return target


if __name__ == "__main__":
    sys.exit(main())
