"""`cxidea demo`: the first thing that anybody starts."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bot import AGENT, GUARD, LEADER, wait_until, words

IDEAS = "C0CXIDEAS1"
IDEA = "Let customers reschedule deliveries online"


@pytest.fixture
def demo() -> Iterator["subprocess.Popen[str]"]:
    """Yield the demo's process, on a free port."""
    command = [sys.executable, "-m", "bot", "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        yield process
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


def command(user: str, text: str) -> dict[str, Any]:
    """Return what a person does who types `/cxidea <text>`."""
    return {"user": user, "do": "command", "text": text, "channel": "C0GENERAL1"}
