"""The Dockerfile, read; and its steps carried out without a container engine: `python -m tests.dockerfile`."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.people import IDEAS_CHANNEL
from sandbox.server import running_sandbox
from tests.bot import GUARD, wait_until
from tests.faults.processes import BotProcess, messages
from tests.meta.sources import ROOT

TEXT = (ROOT / "Dockerfile").read_text()
USER = 10001
SYSTEM_PYTHON = "/usr/bin/python3"


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction, and in which stage it stands."""

    stage: int
    name: str
    words: str

    @property
    def command(self) -> list[str]:
        """Its exec form; raises ValueError when it has none."""
        command: list[str] = json.loads(self.words[self.words.index("[") :])
        return command


def steps() -> Iterator[Step]:
    """Yield the instructions of the Dockerfile in their order."""
    stage = -1
    lines = "\n".join(line for line in TEXT.splitlines() if not line.startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        name, _, words = line.strip().partition(" ")
        if name:
            stage += name == "FROM"
            yield Step(stage, name, " ".join(words.split()))


def step(name: str) -> Step:
    """Return the last instruction of this name."""
    return [each for each in steps() if each.name == name][-1]


def environment() -> dict[str, str]:
    """Return the variables that the image sets."""
    return dict(word.split("=", 1) for each in steps() if each.name == "ENV" for word in each.words.split())


def build(root: Path) -> None:
    """Carry out the first stage below this folder."""
    source = root / "src"
    source.mkdir()
    for each in (each for each in steps() if each.stage == 0):
        if each.name == "COPY":
            _copy(each, source)
        elif each.name == "RUN":
            command = each.words.replace("/opt/", f"{root}/opt/")
            path = f"{_folder_of_python(root)}:{os.environ['PATH']}"
            subprocess.run(["/bin/sh", "-ec", command], cwd=source, env=os.environ | {"PATH": path}, check=True)


def _folder_of_python(root: Path) -> Path:
    """Return a folder with a `python` in it: the system's own, which every user can run, or else ours."""
    folder = root / "python"
    if not folder.exists():
        folder.mkdir()
        check = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))"
        is_usable = subprocess.run([SYSTEM_PYTHON, "-c", check], check=False, capture_output=True).returncode == 0
        (folder / "python").symlink_to(SYSTEM_PYTHON if is_usable else sys.executable)
    return folder


def _copy(copied: Step, source: Path) -> None:
    *names, target = copied.words.split()
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / target)


@dataclass
class Installed(BotProcess):
    """The bot as the image runs it: its user, its variables, its working folder, nothing else to write to."""

    root: Path = ROOT

    @property
    def environment(self) -> dict[str, str]:
        """The image's variables under those of the workspace, on this machine's own address."""
        image = environment() | {"PATH": f"{self.root}/opt/cxidea/bin:/usr/bin:/bin"}
        own = {name: value for name, value in super().environment.items() if name not in {"PATH", "PYTHONPATH"}}
        return image | own | {"TMPDIR": str(self.folder / "tmp")}

    @property
    def program(self) -> list[str]:
        """The image's entry point."""
        return step("ENTRYPOINT").command

    @property
    def rights(self) -> dict[str, Any]:
        """The image's user, where we may become it."""
        is_possible = os.geteuid() == 0 and Path(self.root, "python", "python").readlink() == Path(SYSTEM_PYTHON)
        return {"user": USER, "group": USER, "extra_groups": []} if is_possible else {}

    def is_healthy(self) -> bool:
        """Return what the image's health check says."""
        command = step("HEALTHCHECK").command
        done = subprocess.run(command, env=self.environment, check=False, capture_output=True, **self.rights)
        return done.returncode == 0


def serve(root: Path) -> None:
    """Migrate, run, file an idea, look at the health check and stop, as the image's user."""
    data = root / "data"
    (data / "tmp").mkdir(parents=True)
    if os.geteuid() == 0:
        for folder in (data, data / "tmp"):
            os.chown(folder, USER, USER)
    with running_sandbox() as sandbox:
        bot = Installed(sandbox, "sqlite:///cxidea.db", data, root=root)
        try:
            code, _, errors = bot.result("migrate")
            assert code == 0, errors
            assert (data / "cxidea.db").stat().st_uid == bot.rights.get("user", os.geteuid())
            assert not bot.is_healthy()
            bot.start(is_ready=False)
            wait_until(lambda: bot.status("/readyz") == 200, seconds=60)
            assert bot.is_healthy()
            sandbox.act(GUARD, "command", text="Tell callers their place in the queue", channel="C0GENERAL1")
            wait_until(lambda: messages(sandbox, IDEAS_CHANNEL))
            assert bot.stop(signal.SIGTERM) == 0
            print(f"Migrated, served, healthy, stopped, as {bot.rights.get('user', 'yourself')}.")  # noqa: T201
        finally:
            bot.close()


def main() -> None:
    """Build and serve in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="cxidea-image-") as folder:
        Path(folder).chmod(0o755)
        build(Path(folder))
        serve(Path(folder))


if __name__ == "__main__":
    main()
