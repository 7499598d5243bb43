"""What is installed from a wheel is whole, without the checkout beside it."""

import ast
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.meta.sources import ROOT, python_files, tree_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel that this checkout builds to."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """Return a folder into which the wheel was unpacked, as pip does."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    return tmp_path / "site"


def _cxidea(installed: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command with the unpacked wheel first on the path, away from the checkout."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "bot", *arguments],
        cwd=installed.parent,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    """Code, migrations, and the files of the sandbox's page are in it; tests and caches are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    places = {"bot": "bot", "db": "db", "sandbox": "sandbox", "alembic": "db/migrations"}
    files = {
        f"{place}/{path.relative_to(ROOT / folder)}"
        for folder, place in places.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == files


@pytest.mark.parametrize(
    ("folders", "extra"), [(("bot", "db", "alembic"), None), (("sandbox",), "demo")], ids=["bot", "sandbox"]
)
def test_wheel_declares_what_it_imports(folders: tuple[str, ...], extra: str | None) -> None:
    """A plain wheel brings all that the bot imports; what only the sandbox imports comes with the extra `demo`."""
    requirements = PROJECT["dependencies"] + (PROJECT["optional-dependencies"][extra] if extra else [])
    declared = {canonicalize_name(Requirement(line).name) for line in requirements}
    modules = {name.partition(".")[0] for path in python_files(*folders) for name in _imported(path)}
    theirs = modules - sys.stdlib_module_names - {"bot", "db", "sandbox"}
    providers = {module: {canonicalize_name(name) for name in packages_distributions()[module]} for module in theirs}
    assert [module for module, names in providers.items() if not names & declared] == []


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_installed_wheel_migrates_and_exports(installed: Path, tmp_path: Path) -> None:
    """A database is made and read with nothing but the wheel."""
    address = f"sqlite:///{tmp_path}/wheel.db"
    for _ in range(2):
        migrated = _cxidea(installed, "migrate", DATABASE_URL=address)
        assert migrated.returncode == 0, migrated.stderr
    exported = _cxidea(installed, "export", "--format", "json", DATABASE_URL=address)
    assert exported.returncode == 0, exported.stderr
    assert json.loads(exported.stdout) == []


def test_installed_wheel_is_what_runs(installed: Path) -> None:
    """The command comes from the wheel, not from the checkout that tests import."""
    place = subprocess.run(
        [sys.executable, "-P", "-c", "import bot, bot.migrations; print(bot.__file__, bot.migrations.scripts())"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert place.stdout.split() == [str(installed / "bot" / "__init__.py"), str(installed / "db" / "migrations")]
