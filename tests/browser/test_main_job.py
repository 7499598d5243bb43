"""What an evaluator does first, done in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.browser.conftest import BRIAN, IDEAS, MAJA, THANDI, Windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

IDEA = "Let customers reschedule deliveries online"


def send(page: Page, text: str) -> None:
    """Type into the composer and press Enter."""
    page.fill("#composer-text", text)
    page.press("#composer-text", "Enter")


def test_the_first_page_says_who_one_is_and_what_to_do(windows: Windows) -> None:
    """The way in leads to the ideas channel, as a contact-centre agent, with the command to type."""
    page = windows.open("/")
    expect(page.locator("#welcome")).to_contain_text("You are Maja Lindqvist, contact-centre agent.")
    page.click("#welcome-try")
    expect(page.locator("#composer-text")).to_have_value(f"/cxidea {IDEA}")
    page.press("#composer-text", "Enter")
    expect(page.locator("#log")).to_contain_text(IDEA)


def test_a_dismissed_hint_stays_away(window: Page) -> None:
    """The welcome is gone for good once dismissed."""
    window.click("#welcome-close")
    expect(window.locator("#welcome")).to_be_hidden()
    window.reload()
    expect(window.locator("#welcome")).to_be_hidden()


def test_a_line_is_filed_and_answered_privately(window: Page, windows: Windows) -> None:
    """A command's answer is seen by its author alone, the card by everyone."""
    other = windows.open(f"/c/{IDEAS}", BRIAN)
    send(window, f"/cxidea {IDEA}")
    expect(window.locator(".ephemeral")).to_contain_text("Only visible to you")
    expect(other.locator("#log")).to_contain_text(f"CX-1 · {IDEA}")
    expect(other.locator(".ephemeral")).to_have_count(0)
    window.locator(".ephemeral").get_by_role("button", name="Undo").click()
    expect(window.locator(".ephemeral")).to_have_count(0)


def test_commands_are_hinted_and_unknown_ones_refused(window: Page) -> None:
    """Typing a slash shows the app's command with its usage; another command gets Slack's words."""
    window.type("#composer-text", "/cx")
    expect(window.locator("#command-hints")).to_contain_text("/cxidea [your idea in a line]")
    window.press("#composer-text", "Tab")
    expect(window.locator("#composer-text")).to_have_value("/cxidea ")
    send(window, "/cxideas something")
    expect(window.locator("#log")).to_contain_text("/cxideas is not a valid command")


def test_a_click_shows_in_every_window(windows: Windows, write: Callable[..., str], sandbox: Sandbox) -> None:
    """A reaction given in one window is counted in all others' without a reload, and can be taken back."""
    ts = write("Half of my parcels go back.")
    pages = [windows.open(f"/c/{IDEAS}", user) for user in (MAJA, BRIAN, THANDI)]
    pages[0].locator(f"[id='m-{ts}']").hover()
    pages[0].click(f"[id='m-{ts}-quick-+1']")
    for page in pages:
        expect(page.locator(".reaction .count")).to_have_text("1")
    mine = pages[0].locator(".reaction.mine")
    expect(mine).to_have_attribute("aria-pressed", "true")
    mine.click()
    expect(pages[2].locator(".reaction")).to_have_count(0)
    assert sandbox.workspace.channels[IDEAS].messages[ts].reactions == {}


def test_any_emoji_can_be_picked(window: Page, write: Callable[..., str]) -> None:
    """The picker takes a name; the bar then says who reacted; an unknown name is refused in words."""
    ts = write("Hello")
    window.locator(f"[id='m-{ts}']").hover()
    window.click(f"[id='m-{ts}-react']")
    window.fill("#menu input", "no_such_emoji")
    window.press("#menu input", "Enter")
    expect(window.locator("#status")).to_have_text("There is no emoji with that name.")
    window.fill("#menu input", ":bulb:")
    window.press("#menu input", "Enter")
    expect(window.get_by_role("button", name=re.compile("bulb emoji, 1: You"))).to_be_visible()
    expect(window.locator("#menu")).to_be_hidden()


def test_threads_open_beside_the_channel(window: Page, windows: Windows, write: Callable[..., str]) -> None:
    """A reply goes into the thread, and the channel shows their number."""
    ts = write("Shall we?")
    other = windows.open(f"/c/{IDEAS}", BRIAN)
    window.locator(f"[id='m-{ts}']").hover()
    window.click(f"[id='m-{ts}-reply']")
    expect(window.locator("#thread-composer-text")).to_be_focused()
    window.keyboard.type("Yes, please.")
    window.keyboard.press("Enter")
    expect(window.locator("#thread-log")).to_contain_text("Yes, please.")
    expect(other.locator(".thread-summary")).to_contain_text("1 reply")
    expect(other.locator("#log")).not_to_contain_text("Yes, please.")
    window.fill("#thread-composer-text", "/cxidea in here")
    window.press("#thread-composer-text", "Enter")
    expect(window.locator("#status")).to_have_text("/cxidea is not supported in threads. Sorry!")


def test_the_app_home_is_published_for_its_viewer(window: Page) -> None:
    """Opening the app tells it, and what it publishes appears."""
    window.get_by_role("link", name="CX ideas").click()
    expect(window.locator("#home")).to_contain_text("Welcome, @Maja Lindqvist.")
    window.get_by_role("link", name="Messages").click()
    expect(window.locator("#main")).to_contain_text("very beginning of your direct messages")


def test_unread_channels_stand_out(window: Page, write: Callable[..., str]) -> None:
    """A message elsewhere makes its channel bold, and a direct message is counted, until they are read."""
    write("News", channel="C0GENERAL1")
    write("Psst", channel=MAJA)
    expect(window.locator("#side .unread")).to_have_count(2)
    expect(window.locator("#side [data-count='1']")).to_contain_text("Brian Otieno")
    window.locator("#side .unread", has_text="general").click()
    expect(window.locator("#log")).to_contain_text("News")
    expect(window.locator("#side .unread")).to_have_count(1)
