"""The page for everyone: keyboards, screen readers, small screens, the dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from sandbox.models import Message
from sandbox.stateful import with_block_ids
from tests.browser.conftest import BRIAN, IDEAS, MAJA, THANDI, Windows
from tests.sandbox.samples import ALL_BLOCKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox


def findings(page: Page) -> list[Any]:
    """What axe-core finds serious or critical: all of it as the page is, and its contrast in the other scheme too."""
    found = serious(Axe().run(page).response)
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(color_scheme="light" if is_dark else "dark")
    contrast = page.evaluate("axe.run({ runOnly: ['color-contrast'], resultTypes: ['violations'] })")
    page.emulate_media(color_scheme="dark" if is_dark else "light")
    return found + serious(contrast)


def serious(response: dict[str, Any]) -> list[Any]:
    """The rules that are broken, each with the first element that breaks it."""
    return [(v["id"], v["nodes"][0]["html"]) for v in response["violations"] if v["impact"] in {"serious", "critical"}]


@pytest.fixture
def lively(sandbox: Sandbox, write: Callable[..., str]) -> str:
    """Fill the ideas channel with every kind of block, a thread and reactions; return the thread's ts."""
    ts = write("Half of my parcels go back.")
    write("Mine too.", thread_ts=ts)
    for user in (BRIAN, MAJA):
        sandbox.act(user, "react", channel=IDEAS, ts=ts, name="+1")

    def post() -> None:
        space = sandbox.workspace
        blocks = with_block_ids(space, ALL_BLOCKS)
        space.post(Message(IDEAS, "", space.app.bot_user_id, "All", blocks, space.app.bot_id, space.app.id))

    sandbox.call(post)
    return ts


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_serious(windows: Windows, lively: str, width: int, scheme: str) -> None:
    """Channel, thread, panel, menu, form and Home are free of serious accessibility faults, light and dark."""
    page = windows.open(f"/c/{IDEAS}", width=width, scheme=scheme)
    page.fill("#composer-text", "/nothing")
    page.press("#composer-text", "Enter")
    expect(page.locator(".ephemeral")).to_be_visible()
    page.click("#acting")
    expect(page.locator("#menu")).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.fill("#composer-text", "/cxidea")
    page.press("#composer-text", "Enter")
    page.click("#modal-submit")
    expect(page.locator(".field-error")).to_be_visible()
    page.wait_for_timeout(300)  # until the form has faded in
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    page = windows.open(f"/c/{IDEAS}?thread={lively}", width=width, scheme=scheme)
    assert findings(page) == []
    page = windows.open("/home?panel=1", width=width, scheme=scheme)
    page.click("#faults-summary")
    assert findings(page) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_sticks_out_sideways(windows: Windows, lively: str, width: int) -> None:
    """No view scrolls sideways, at either width."""
    page = windows.open(f"/c/{IDEAS}", width=width)
    for path in (f"/c/{IDEAS}", f"/c/{IDEAS}?thread={lively}", f"/c/{IDEAS}?panel=1", "/home"):
        page.goto(f"{windows.sandbox.page}{path}{'&' if '?' in path else '?'}as={MAJA}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        scrollers = "[...document.querySelectorAll('.scroller')].map((one) => one.scrollWidth - one.clientWidth)"
        assert set(page.evaluate(scrollers)) <= {0}


def test_everything_can_be_done_by_keyboard(window: Page, write: Callable[..., str]) -> None:
    """React, open a menu, choose from it and leave it without a mouse; the focus never gets lost."""
    ts = write("Parcels get wet.")
    window.locator(f"[id='m-{ts}-quick-heart']").focus()
    window.keyboard.press("Enter")
    expect(window.locator(".reaction.mine")).to_be_visible()
    expect(window.locator(f"[id='m-{ts}-quick-heart']")).to_be_focused()
    window.locator(f"[id='m-{ts}-more']").focus()
    window.keyboard.press("Enter")
    expect(window.get_by_role("menuitem", name="Turn into a CX idea")).to_be_focused()
    window.keyboard.press("ArrowDown")
    expect(window.get_by_role("menuitem", name="Reply in thread")).to_be_focused()
    window.keyboard.press("Escape")
    expect(window.locator(f"[id='m-{ts}-more']")).to_be_focused()


def test_the_sidebar_is_a_drawer_on_a_phone(windows: Windows) -> None:
    """At 390 pixels the channels open over the messages and close when one is chosen."""
    page = windows.open(f"/c/{IDEAS}", width=390)
    expect(page.locator("#side")).not_to_be_in_viewport()
    page.click("#drawer")
    expect(page.locator("#side")).to_be_in_viewport()
    page.get_by_role("link", name="general").click()
    expect(page.locator("#head")).to_contain_text("general")
    expect(page.locator("#side")).not_to_be_in_viewport()


def test_one_can_act_as_anybody(window: Page) -> None:
    """The switcher names everyone with their job, and leads to the same channel as that person."""
    window.click("#acting")
    window.get_by_role("link", name="Thandi Mbeki Leader VP of customer experience", exact=True).click()
    expect(window.locator("#acting")).to_contain_text("Thandi Mbeki")
    assert window.url.endswith(f"/c/{IDEAS}?as={THANDI}")


def test_permalinks_lead_to_their_message(windows: Windows, lively: str) -> None:
    """A Slack permalink opens the channel at the message."""
    page = windows.open(f"/archives/{IDEAS}/p{lively.replace('.', '')}")
    expect(page.locator(f"[id='m-{lively}']")).to_be_in_viewport()
    assert f"/c/{IDEAS}?as={MAJA}&at={lively}" in page.url


def test_older_messages_come_on_scrolling(windows: Windows, write: Callable[..., str]) -> None:
    """A hundred messages are drawn, and the older ones come when one scrolls up."""
    for number in range(130):
        write(f"Message {number}.")
    page = windows.open(f"/c/{IDEAS}")
    expect(page.locator("#log .message")).to_have_count(100)
    expect(page.locator("#log")).to_contain_text("Message 129.")
    page.evaluate("document.querySelector('#main .scroller').scrollTop = 50")
    expect(page.locator("#log .message")).to_have_count(130)
    assert page.evaluate("document.querySelector('#main .scroller').scrollTop") > 100
