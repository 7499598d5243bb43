"""App Home in the page and with the real bot: what people see there, and that a press shows itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from bot import clock
from db.models import Idea
from sandbox.server import running_sandbox
from tests.bot import AGENT, CLERK, DRIVER, GUARD, LEADER, World, running_bot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Windows

LINES = (
    "Let customers reschedule deliveries online",
    "Tell callers their place in the queue",
    "Open at eight on Saturdays, when working people come",
    "Send a picture of the parcel before it leaves the depot",
)


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    """Yield a workspace with its page, the bot in it, and some ideas, one of them overdue."""
    with running_sandbox(page=True) as sandbox, running_bot(sandbox, sqlite_url, cx_timezone="Europe/Berlin") as world:
        cards = [world.file(user, line) for user, line in zip((GUARD, AGENT, GUARD, CLERK), LINES, strict=True)]
        for user in (AGENT, CLERK, DRIVER):
            world.react(user, cards[0])
        world.write(update(Idea).where(Idea.id == 2).values(answer_due_at=clock.now() - timedelta(days=3)))
        world.settle()
        yield world


def assert_fits(page: Page) -> None:
    """Assert that nothing of Home stands out of the window at its side."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} pixels too wide"
    outside = page.eval_on_selector_all(
        "#home *", "all => all.filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.className)"
    )
    assert outside == []


@pytest.mark.parametrize("width", [1280, 390])
def test_home_is_read_and_pressed(pages: Windows, width: int) -> None:
    """In a window of either width Home has its parts, fits, and a vote in it shows itself at once."""
    page = pages.open("/home", DRIVER, width)
    home = page.locator("#home")
    for title in ("Better for our customers", "My ideas", "Most wanted this week", "Waiting for my vote"):
        expect(home.get_by_text(title, exact=True)).to_be_visible()
    expect(home).not_to_contain_text("Waiting for an answer")
    assert_fits(page)
    home.get_by_role("button", name="Vote: CX-4").click()
    expect(home).to_contain_text("Your vote for CX-4 counts.")
    expect(home.get_by_role("button", name="Take vote back: CX-4")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_leader_s_desk_is_filtered(pages: Windows, width: int) -> None:
    """A leader reads what is overdue, and a filter chosen in the page shows other ideas."""
    page = pages.open("/home", LEADER, width)
    home = page.locator("#home")
    expect(home).to_contain_text("4 ideas, 1 overdue, oldest date first.")
    expect(home).to_contain_text("Overdue since")
    assert_fits(page)
    home.locator("select").first.select_option("planned")
    expect(home).to_contain_text("Nothing here: try the other filters.")
    expect(home.locator("select").first).to_have_value("planned")


def test_home_follows_who_one_acts_as(pages: Windows) -> None:
    """Acting as somebody else while Home is open opens theirs."""
    page = pages.open("/home", DRIVER)
    expect(page.locator("#home")).to_contain_text("Waiting for my vote")
    page.goto(page.url.replace(DRIVER, LEADER))
    expect(page.locator("#home")).to_contain_text("4 ideas, 1 overdue")
