"""`python -m tests.browser.crowd`: fifty windows on one busy channel; prints how fast a click reaches them all.

Five windows in Chromium and forty-five plain WebSocket clients look at a channel of 2,000 messages.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from playwright.sync_api import sync_playwright
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.browser.conftest import ARGUMENTS, BRIAN, IDEAS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

MESSAGES, CLIENTS, WINDOWS, CLICKS = 2000, 45, 5, 30
Json = dict[str, Any]
# Notes the moment at which the given text stands in the first reaction's count.
WATCH = """(wanted) => new Promise((done) => {
  const look = () => [...document.querySelectorAll('#log .reaction .count')].at(-1)?.textContent === wanted;
  if (look()) return done(Date.now());
  new MutationObserver((_, watcher) => { if (look()) { watcher.disconnect(); done(Date.now()); } })
    .observe(document.body, { subtree: true, childList: true });
})"""


@contextmanager
def running_workspace() -> Iterator[tuple[Json, int]]:
    """Run `python -m sandbox` as a process of its own; yields what it says and its id."""
    command = [sys.executable, "-m", "sandbox", "--port", "0"]
    workspace = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield json.loads(workspace.stdout.readline() if workspace.stdout else ""), workspace.pid
    finally:
        workspace.terminate()
        workspace.wait(20)


def act(page: str, user: str, do: str, **keys: Any) -> Json:
    """Let somebody do something."""
    body = json.dumps({"user": user, "do": do, **keys}).encode()
    with urlopen(Request(f"{page}/act", body, {"Content-Type": "application/json"}), timeout=20) as answer:  # noqa: S310
        found: Json = json.load(answer)
    return found


class Client:
    """A window without a browser: reads what it is sent, and notes when a text comes by."""

    def __init__(self, socket: ClientConnection, user: str) -> None:
        self.socket = socket
        wish = {"path": f"/c/{IDEAS}", "query": {"as": user}, "known": {}}
        self.socket.send(json.dumps(wish))
        self.socket.recv()
        self.wanted = ""
        self.seen_at = 0.0
        self.seen = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def expect(self, text: str) -> None:
        """Look out for a text from now on."""
        self.seen.clear()
        self.wanted = text

    def _listen(self) -> None:
        with suppress(ConnectionClosed):  # at the end
            for message in self.socket:
                if self.wanted and self.wanted in str(message):
                    self.seen_at = time.time()
                    self.wanted = ""
                    self.seen.set()


def open_windows(browser: Browser, page: str, users: list[str]) -> list[Page]:
    """Open the real windows, and wait until they are live."""
    windows = []
    for user in users:
        window = browser.new_page()
        with window.expect_websocket() as socket:
            window.goto(f"{page}/c/{IDEAS}?as={user}")
        socket.value.wait_for_event("framereceived")
        windows.append(window)
    return windows


def measure(page: str, clients: list[Client], windows: list[Page], ts: str, users: list[str]) -> list[float]:
    """Let people react one after the other; return each click's milliseconds until the last of all has it."""
    spans = []
    for number in range(CLICKS):
        user, do = users[number // 2 % len(users)], "react" if number % 2 == 0 else "unreact"
        count = "2" if do == "react" else "1"
        for client in clients:
            client.expect(f"m-{ts}")
        for window in windows:
            window.evaluate(f"(wanted) => {{ window.arrived = ({WATCH})(wanted); }}", count)
        began = time.time()
        act(page, user, do, channel=IDEAS, ts=ts, name="+1")
        arrived = [float(window.evaluate("() => window.arrived")) / 1000 for window in windows]
        if not all(client.seen.wait(10) for client in clients):
            raise TimeoutError("A client was not told.")
        spans.append((max([*arrived, *(client.seen_at for client in clients)]) - began) * 1000)
        time.sleep(0.1)
    return spans


def resident_megabytes(process_id: int) -> float:
    """The memory that a process holds."""
    status = Path(f"/proc/{process_id}/status").read_text("utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    """Print how long a click takes to the last of fifty windows, and what the server holds."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with running_workspace() as (info, process_id), sync_playwright() as playwright, ExitStack() as stack:
        page = info["page"]
        staff = [user["id"] for user in info["users"] if user["role"] in {"employee", "leader", "admin"}]
        for number in range(MESSAGES):
            ts = act(page, staff[number % len(staff)], "say", channel=IDEAS, text=f"Message *{number}* of many.")["ts"]
        act(page, BRIAN, "react", channel=IDEAS, ts=ts, name="+1")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        windows = open_windows(browser, page, staff[:WINDOWS])
        address = f"{page.replace('http', 'ws')}/live"
        sockets = [stack.enter_context(connect(address, max_size=None, compression=None)) for _ in range(CLIENTS)]
        clients = [Client(socket, user) for socket, user in zip(sockets, cycle(staff), strict=False)]
        others = [user for user in staff if user != BRIAN]
        spans = measure(page, clients, windows, ts, others)
        sys.stdout.write(
            f"{len(windows)} windows and {len(clients)} clients, {MESSAGES} messages, {len(spans)} clicks: "
            f"median {statistics.median(spans):.0f} ms, longest {max(spans):.0f} ms; "
            f"the server holds {resident_megabytes(process_id):.0f} MB\n"
        )
        browser.close()


if __name__ == "__main__":
    main()
