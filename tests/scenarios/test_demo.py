"""`cxidea demo`: the first thing that anybody starts."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bot import AGENT, CLERK, ENGINEER, GUARD, LEADER, wait_until, words

IDEAS = "C0CXIDEAS1"
IDEA = "Let customers reschedule deliveries online"


@pytest.fixture
def demo() -> Iterator["subprocess.Popen[str]"]:
    """Yield the demo's process, on a free port."""
    with running_demo() as process:
        yield process


@contextmanager
def running_demo(*options: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the demo on a free port; what it logs is in the file `log`."""
    command = [sys.executable, "-m", "bot", "demo", "--port", "0", *options]
    with (
        Path("log").open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def page_of(demo: "subprocess.Popen[str]") -> str:
    """Return the address that the demo tells people to open."""
    assert demo.stdout is not None
    return next(word for word in demo.stdout.readline().split() if word.startswith("http"))


def ask(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the JSON of an address."""
    request = urllib.request.Request(  # noqa: S310  # our own page
        url, json.dumps(body).encode() if body else None, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  # our own page
        found: dict[str, Any] = json.load(answer)
    return found


def messages(page: str, channel_name: str) -> list[dict[str, Any]]:
    """Return a channel's messages."""
    channels = ask(f"{page}/state?user={LEADER}")["channels"]
    return [message for each in channels if each["name"] == channel_name for message in each["messages"]]


def shown(page: str, channel_name: str) -> list[str]:
    """Return the words of a channel's messages."""
    return [words(message) for message in messages(page, channel_name)]


def test_main_job_in_the_demo(demo: "subprocess.Popen[str]") -> None:
    """Started, the demo shows an idea and its vote on a card, and posts the running week's digest to leadership."""
    page = page_of(demo)
    wait_until(lambda: ask(f"{page}/act", command(GUARD, IDEA)).get("acked"))
    wait_until(lambda: any(IDEA in text for text in shown(page, "cx-ideas")))
    (card,) = [message for message in messages(page, "cx-ideas") if IDEA in words(message)]
    ask(f"{page}/act", {"user": AGENT, "do": "react", "channel": IDEAS, "ts": card["ts"], "name": "+1"})
    wait_until(lambda: any("1 vote" in text for text in shown(page, "cx-ideas")))
    preview = ask(f"{page}/act", command(LEADER, "digest"))["ephemeral"]
    place = {"channel": preview["channel"], "ts": preview["ts"], "action_id": "digest.post"}
    ask(f"{page}/act", {"user": LEADER, "do": "press", **place})
    wait_until(lambda: any(IDEA in text for text in shown(page, "cx-leadership")))


def test_demo_ends_whole_and_at_once(demo: "subprocess.Popen[str]") -> None:
    """Interrupted, the demo ends with exit code 0 within ten seconds, and nothing answers on its port any more."""
    page = page_of(demo)
    demo.send_signal(signal.SIGINT)
    assert demo.wait(timeout=10) == 0
    with pytest.raises(OSError, match="refused"):
        ask(f"{page}/state?user={GUARD}")


@pytest.mark.timeout(240)
def test_a_recorded_demo_happens_again_with_a_new_bot() -> None:
    """An idea and three people's votes, recorded, make the same card with a bot that knows nothing of them."""
    with running_demo("--journal", "session.jsonl") as demo:
        page = page_of(demo)
        wait_until(lambda: ask(f"{page}/act", command(GUARD, IDEA)).get("acked"))
        wait_until(lambda: shown(page, "cx-ideas"))
        for user in (AGENT, CLERK, ENGINEER):
            ts = messages(page, "cx-ideas")[0]["ts"]
            ask(f"{page}/act", {"user": user, "do": "react", "channel": IDEAS, "ts": ts, "name": "+1"})
        wait_until(lambda: "3 votes" in shown(page, "cx-ideas")[0])
        before = shown(page, "cx-ideas")
    with running_demo("--replay", "session.jsonl") as demo:
        page = page_of(demo)
        wait_until(lambda: "Played" in Path("log").read_text("utf-8"), 120)
        assert re.search(r"Played (\d+) of \1 acts and controls", Path("log").read_text("utf-8"))
        wait_until(lambda: shown(page, "cx-ideas") == before, 60)


def test_a_demo_without_its_journal_ends_with_the_reason(tmp_path: Path) -> None:
    """A file that is no journal ends the demo with 1, and the reason stands in what it says."""
    wrong = tmp_path / "wrong"
    wrong.write_text("Dear diary,\n")
    with running_demo("--replay", str(wrong)) as demo:
        assert demo.wait(20) == 1
    assert f"{wrong} is no journal of a workspace." in Path("log").read_text("utf-8")


def command(user: str, text: str) -> dict[str, Any]:
    """Return what a person does who types `/cxidea <text>`."""
    return {"user": user, "do": "command", "text": text, "channel": "C0GENERAL1"}
