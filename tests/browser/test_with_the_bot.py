"""The issue that everything is for, in the page and with the real bot: file, vote, and read the digest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from sandbox.server import running_sandbox
from tests.bot import AGENT, CLERK, DRIVER, ENGINEER, GUARD, LEADER, MANAGER, QUICK, World, running_bot
from tests.browser.conftest import IDEAS, LEADERS, Windows

if TYPE_CHECKING:
    from collections.abc import Iterator


IDEA = "Let customers reschedule deliveries online"
DIGEST_SECONDS = 60_000
"""The bot looks at Slack's clock every ten seconds, and compares the votes before it posts."""


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    """Yield a workspace with its page and the bot in it, which looks at the clock by itself, as people see it do."""
    with (
        running_sandbox(page=True) as sandbox,
        running_bot(sandbox, sqlite_url, pace=replace(QUICK, tick=1), cx_timezone="Europe/Berlin") as world,
    ):
        yield world


def file_by_line(pages: Windows, width: int) -> None:
    """File an idea in a line and see its receipt and its card."""
    page = pages.open(f"/c/{IDEAS}", GUARD, width)
    page.fill("#composer-text", f"/cxidea {IDEA}")
    page.press("#composer-text", "Enter")
    expect(page.locator(".ephemeral")).to_contain_text("Filed as CX-1")
    expect(page.locator("#log")).to_contain_text("no votes yet")


def file_by_form(pages: Windows, width: int) -> None:
    """Fill in the form, with a stage, and see what it closes with."""
    page = pages.open(f"/c/{IDEAS}", AGENT, width)
    page.fill("#composer-text", "/cxidea")
    page.press("#composer-text", "Enter")
    page.get_by_label("Your idea in one line").fill("Tell callers their place in the queue")
    page.get_by_label("Where on the customer's journey?").select_option("get_help")
    page.click("#modal-submit")
    expect(page.locator("#dialog")).to_contain_text("Filed as CX-2")
    page.keyboard.press("Escape")
    expect(page.locator("#log")).to_contain_text("Get help")


def vote(pages: Windows, ts: str, user: str, width: int) -> None:
    """Put a thumb up on a card: as the first by its menu, then by its bar."""
    page = pages.open(f"/c/{IDEAS}", user, width)
    bar = page.locator(f"[id='m-{ts}'] .reaction")
    if bar.count():
        bar.first.click()
    else:
        page.locator(f"[id='m-{ts}']").hover()
        page.click(f"[id='m-{ts}-quick-+1']")
    expect(page.locator(f"[id='m-{ts}'] .reaction.mine")).to_have_count(1)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.timeout(180)
def test_filed_voted_on_and_read_on_monday(pages: Windows, world: World, width: int) -> None:
    """By line and by form, five votes, a jump to Monday: the digest tells leadership, in a window of either width."""
    file_by_line(pages, width)
    file_by_form(pages, width)
    (ts,) = [str(card["ts"]) for card in world.cards() if IDEA in str(card["blocks"])]
    for user in (AGENT, CLERK, ENGINEER, MANAGER, DRIVER):
        vote(pages, ts, user, width)
    page = pages.open(f"/c/{LEADERS}?panel=1", LEADER, width)
    page.get_by_role("button", name="Next Monday 09:00").click()
    digest = page.locator("#log")
    expect(digest).to_contain_text("Customer ideas · week", timeout=DIGEST_SECONDS)
    expect(digest).to_contain_text(f"CX-1 · {IDEA} – 5 votes, all this week")
