"""The image and the compose file are what docs/operate.md says of them; no container engine is needed to tell."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.settings import Settings
from tests.dockerfile import USER, environment, step, steps
from tests.meta.sources import ROOT

PROGRAMS = Path(sys.executable).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Carry out one of the locked programs in the project's folder."""
    program, *arguments = command
    return subprocess.run(
        [PROGRAMS / program, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """Return the services as Compose understands the file."""
    done = run(
        "docker-compose", "config", "--format", "json", CX_IDEAS_CHANNEL="C0IDEAS01", CX_DIGEST_CHANNEL="C0LEADS01"
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)["services"]
    return found


def test_dockerfile_passes_the_linter() -> None:
    """The linter, hadolint, has nothing to say."""
    done = run("hadolint", "Dockerfile")
    assert (done.stdout, done.returncode) == ("", 0)


def test_image_runs_as_nobody_special() -> None:
    """It runs under a fixed number without rights, starts without a shell, and is ended by SIGTERM."""
    assert step("USER").words == f"{USER}:{USER}"
    assert [*step("ENTRYPOINT").command, *step("CMD").command] == ["cxidea", "run"]
    assert step("HEALTHCHECK").command[:2] == ["python", "-c"]
    assert step("STOPSIGNAL").words == "SIGTERM"
    assert step("VOLUME").command == [step("WORKDIR").words] == ["/data"]


def test_image_sets_no_secret_and_only_known_variables() -> None:
    """What the image sets leaves every secret, and where the database is, to whoever runs it."""
    names = set(environment()) - {"PATH", "HOME", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    assert names == {"HOST", "PORT"}
    assert names <= {name.upper() for name in Settings.model_fields}


def test_image_gets_what_the_wheel_needs_and_nothing_else() -> None:
    """.dockerignore lets in what the Dockerfile copies, which has each folder of the wheel."""
    copied = {name for each in steps() if each.name == "COPY" and each.stage == 0 for name in each.words.split()[:-1]}
    listed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == listed
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*wheel["packages"], *wheel["force-include"], "pyproject.toml", PROJECT["project"]["readme"]} <= copied


def test_compose_needs_the_two_channels() -> None:
    """Without a channel Compose says which variable to set."""
    done = run("docker-compose", "config", "--quiet", CX_IDEAS_CHANNEL="C0IDEAS01")
    assert done.returncode != 0
    assert "CX_DIGEST_CHANNEL" in done.stderr


def test_every_service_is_kept_small(services: dict[str, dict[str, Any]]) -> None:
    """No service writes to its image, keeps or gains rights, or runs as root."""
    assert set(services) == {"database", "migrate", "bot"}
    for service in services.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert any(place.split(":")[0] == "/tmp" for place in service["tmpfs"])  # noqa: S108  # in the container
    assert services["database"]["user"] == "postgres"
    assert {service["image"] for name, service in services.items() if name != "database"} == {"cxidea"}


def test_services_wait_for_each_other(services: dict[str, dict[str, Any]]) -> None:
    """The bot starts on a database that answers and has been migrated, and is not killed while it stops."""
    waits = {
        name: {on: each["condition"] for on, each in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }
    assert waits == {
        "database": {},
        "migrate": {"database": "service_healthy"},
        "bot": {"database": "service_healthy", "migrate": "service_completed_successfully"},
    }
    assert services["database"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert services["migrate"]["command"] == ["migrate"]
    assert (services["bot"]["stop_grace_period"], services["bot"]["restart"]) == ("15s", "unless-stopped")


def test_secrets_come_from_files(services: dict[str, dict[str, Any]]) -> None:
    """No variable holds a secret, each file named is one of the service's secrets, and no port is open to the world."""
    for service in services.values():
        given = service["environment"]
        named = {value.removeprefix("/run/secrets/") for name, value in given.items() if name.endswith("_FILE")}
        assert named == {secret["source"] for secret in service["secrets"]}
        assert not {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DATABASE_URL", "POSTGRES_PASSWORD"} & set(given)
        assert {port["host_ip"] for port in service.get("ports", [])} <= {"127.0.0.1"}
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_compose_passes_every_setting_on(services: dict[str, dict[str, Any]]) -> None:
    """All CX_ variables of the settings reach the bot, and nothing that it does not know."""
    fields = {name.upper() for name in Settings.model_fields}
    given = set(services["bot"]["environment"])
    assert given <= fields
    assert {name for name in fields if name.startswith("CX_")} <= given


def locked(name: str) -> dict[str, str]:
    """Return what a lock file pins, each package with its version, condition and hashes."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    return {line.split("==")[0]: " ".join(line.split()) for line in text.splitlines()}


@pytest.mark.parametrize("name", ["requirements-run.txt", "requirements-build.txt"])
def test_one_lock_says_which_versions(name: str) -> None:
    """What the image installs is part of requirements.txt: the same versions with the same hashes."""
    whole = {package: set(line.split()) for package, line in locked("requirements.txt").items()}
    for package, line in locked(name).items():
        pinned = {word for word in line.split() if "==" in word or word.startswith("--hash")}
        assert {word for word in pinned if not word.startswith("'")} <= whole[package], package


def test_image_installs_all_that_the_bot_requires() -> None:
    """Every requirement of the wheel, and of those in turn, is in requirements-run.txt; nothing of the tests is."""
    wanted = set(_closure(PROJECT["project"]["dependencies"]))
    assert wanted <= set(locked("requirements-run.txt"))
    assert not {"pytest", "mypy", "starlette", "uvicorn", "hatchling"} & set(locked("requirements-run.txt"))


def _closure(requirements: list[str]) -> Iterator[str]:
    for requirement in map(Requirement, requirements):
        extras = requirement.extras or {""}
        if not any(requirement.marker is None or requirement.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        yield canonicalize_name(requirement.name)
        for extra in extras:
            yield from _closure(
                [
                    line
                    for line in distribution(requirement.name).requires or []
                    if (marker := Requirement(line).marker) is None or marker.evaluate({"extra": extra})
                ]
            )
