"""Reacting with emoji, in a skin tone and in haste."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import IDEAS, MAJA, Windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from sandbox.server import Sandbox


def reactions(sandbox: Sandbox, ts: str) -> dict[str, list[str]]:
    """Return who reacted to a message, by name."""
    return sandbox.call(lambda: dict(sandbox.workspace.channels[IDEAS].messages[ts].reactions))


@pytest.mark.parametrize("typed", ["+1::skin-tone-3", ":+1::skin-tone-3:"])
def test_a_typed_skin_tone(window: Page, sandbox: Sandbox, write: Callable[..., str], typed: str) -> None:
    """The name of an emoji in a skin tone can be typed, with its outer colons or without."""
    ts = write("An idea.")
    window.locator(f"[id='m-{ts}-react']").press("Enter")
    window.get_by_label("Name of an emoji").fill(typed)
    window.keyboard.press("Enter")
    expect(window.locator(f"[id='m-{ts}'] .reaction.mine .count")).to_have_text("1")
    assert reactions(sandbox, ts) == {"+1::skin-tone-3": [MAJA]}


def test_a_chosen_skin_tone(windows: Windows, sandbox: Sandbox, write: Callable[..., str]) -> None:
    """The picker has a choice of skin tones, which counts for emoji that have any; a second press takes it back."""
    ts = write("An idea.")
    page = windows.open(f"/c/{IDEAS}", width=390)
    for name in ("raised hands", "fire", "raised hands"):
        page.locator(f"[id='m-{ts}-react']").press("Enter")
        page.get_by_label("Skin tone").select_option("4")
        page.locator("#menu").get_by_role("button", name=name, exact=True).press("Enter")
        expect(page.locator("#menu")).to_be_hidden()
        if name == "fire":
            expect(page.locator(f"[id='m-{ts}'] .reaction.mine")).to_have_count(2)
            assert reactions(sandbox, ts) == {"raised_hands::skin-tone-4": [MAJA], "fire": [MAJA]}
    expect(page.locator(f"[id='m-{ts}'] .reaction.mine")).to_have_count(1)
    assert reactions(sandbox, ts) == {"fire": [MAJA]}


def test_fast_clicks_say_nothing(window: Page, write: Callable[..., str]) -> None:
    """Whoever clicks a reaction nine times at once sees it counted once or taken back, and no error."""
    ts = write("An idea.")
    expect(window.locator(f"[id='m-{ts}']")).to_be_visible()
    window.evaluate(
        "id => { const heart = document.getElementById(id); for (let i = 0; i < 9; i++) heart.click(); }",
        f"m-{ts}-quick-heart",
    )
    expect(window.locator(f"[id='m-{ts}'] .reaction.mine .count")).to_have_text("1")
    window.wait_for_timeout(300)
    expect(window.locator("#status")).to_be_empty()


def test_the_welcome_says_what_comes_next_on_a_phone(windows: Windows) -> None:
    """On a narrow screen, too, newcomers read how to vote as somebody else."""
    page = windows.open(f"/c/{IDEAS}", width=390)
    expect(page.locator("#welcome")).to_contain_text("vote as somebody else: press your name, top right")
    expect(page.locator("#welcome .then")).to_be_visible()
