"""A sandbox with the tests' own app, and windows onto it whose consoles must stay silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from sandbox.server import Sandbox, running_sandbox
from tests.browser.double import running_double

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.workspace import Workspace
    from tests.bot import World

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MAJA, BRIAN, THANDI = "U0LINDQV02", "U0OTIENO01", "U0MBEKI010"
IDEAS, LEADERS = "C0CXIDEAS1", "C0CXLEADS1"


class Windows:
    """Opens pages and gathers what they complain about."""

    def __init__(self, browser: Browser, sandbox: Sandbox) -> None:
        self.browser = browser
        self.sandbox = sandbox
        self.complaints: list[str] = []
        self._contexts: dict[tuple[int, str], BrowserContext] = {}

    def open(self, path: str, user: str = MAJA, width: int = 1280, scheme: str = "light") -> Page:
        """Open a window of somebody's, and wait until it is live."""
        page = self._context(width, scheme).new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._note_outside(request.url))
        with page.expect_websocket() as socket:
            page.goto(f"{self.sandbox.page}{path}{'&' if '?' in path else '?'}as={user}")
        socket.value.wait_for_event("framereceived")
        return page

    def _context(self, width: int, scheme: str) -> BrowserContext:
        """The test's one context of that look; another would only cost time."""
        if (width, scheme) not in self._contexts:
            size = {"width": width, "height": 844 if width < 500 else 800}
            look: Any = {"viewport": size, "color_scheme": scheme}
            self._contexts[width, scheme] = self.browser.new_context(**look)
        return self._contexts[width, scheme]

    def _note_outside(self, url: str) -> None:
        if not url.startswith(self.sandbox.page):
            self.complaints.append(f"outside: {url}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Yield Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def pages(browser: Browser, world: World) -> Iterator[Windows]:
    """Yield what opens windows onto the workspace of `world`; afterwards nothing may stand in their consoles."""
    windows = Windows(browser, world.sandbox)
    yield windows
    for context in browser.contexts:
        context.close()
    assert windows.complaints == []


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    """Yield a workspace with its page and the tests' own app, connected."""
    with running_sandbox(page=True) as sandbox, running_double(sandbox):
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    """Return the running workspace, with nothing in it that an earlier test left."""
    running.control("end_all")
    running.call(lambda: wipe(running.workspace))
    return running


def wipe(workspace: Workspace) -> None:
    """Take away all that people and the app have said and shown."""
    for channel in list(workspace.channels.values()):
        channel.messages.clear()
        channel.threads.clear()
        if channel.is_im:
            del workspace.channels[channel.id]
    for left in (workspace.ephemerals, workspace.views, workspace.homes):
        left.clear()


@pytest.fixture
def windows(browser: Browser, sandbox: Sandbox) -> Iterator[Windows]:
    """Yield what opens windows; afterwards nothing may stand in their consoles or have gone outside."""
    windows = Windows(browser, sandbox)
    yield windows
    for context in browser.contexts:
        context.close()
    assert windows.complaints == []


@pytest.fixture
def window(windows: Windows) -> Page:
    """Return one window of Maja's on the ideas channel."""
    return windows.open(f"/c/{IDEAS}")


@pytest.fixture
def write(sandbox: Sandbox) -> Callable[..., str]:
    """Return a function that lets somebody write a message and tells its ts."""

    def write(text: str, user: str = BRIAN, channel: str = IDEAS, **more: str) -> str:
        return str(sandbox.act(user, "say", channel=channel, text=text, **more)["ts"])

    return write
