"""Modals, menus and confirm dialogs in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect
from slack_sdk import WebClient

from sandbox.server import running_sandbox
from tests.browser.conftest import BRIAN, IDEAS, MAJA, Windows
from tests.browser.double import form as form_of
from tests.browser.double import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox


@pytest.fixture
def form(window: Page) -> Page:
    """Return a window in which the form is open."""
    window.fill("#composer-text", "/cxidea")
    window.press("#composer-text", "Enter")
    expect(window.locator("#dialog")).to_be_visible()
    return window


def test_a_form_opens_with_the_focus_in_its_first_field(form: Page) -> None:
    """One can type at once, and the counter counts against the limit."""
    expect(form.get_by_label("Your idea in a line")).to_be_focused()
    form.keyboard.type("Call back")
    expect(form.locator("#modal .counter").first).to_have_text("9/120")


def test_a_refused_form_shows_its_errors_and_keeps_what_was_typed(form: Page) -> None:
    """Field errors stand at their fields, and nothing that was typed is lost."""
    form.get_by_label("Description").fill("They phone.")
    form.get_by_label("Stage of the journey").select_option("use")
    form.click("#modal-submit")
    expect(form.locator(".field-error")).to_have_text("Please complete this required field.")
    form.get_by_label("Your idea in a line").fill("wrong")
    form.click("#modal-submit")
    expect(form.locator(".field-error")).to_have_text("Say what would be better.")
    expect(form.get_by_label("Your idea in a line")).to_have_value("wrong")
    expect(form.get_by_label("Description")).to_have_value("They phone.")
    expect(form.get_by_label("Stage of the journey")).to_have_value("use")


def test_a_submitted_form_shows_what_the_app_answers(form: Page) -> None:
    """A view update takes the form's place, and its Close button ends it."""
    form.get_by_label("Your idea in a line").fill("Call people back")
    form.press("#modal input", "Enter")
    expect(form.locator("#modal")).to_contain_text("Filed as CX-1.")
    form.get_by_role("button", name="Close").last.click()
    expect(form.locator("#dialog")).to_be_hidden()
    expect(form.locator("#log")).to_contain_text("Call people back")


def test_escape_closes_the_form_and_gives_the_focus_back(form: Page) -> None:
    """After Escape the app's view is closed and the composer has the focus again."""
    form.keyboard.press("Escape")
    expect(form.locator("#dialog")).to_be_hidden()
    expect(form.locator("#composer-text")).to_be_focused()


def test_what_is_typed_survives_changes(window: Page, write: Callable[..., str]) -> None:
    """A draft stays when messages come and when the channel is left for another, which has its own."""
    window.fill("#composer-text", "half a thought")
    write("A message comes.")
    expect(window.locator("#log")).to_contain_text("A message comes.")
    window.get_by_role("link", name="general").click()
    expect(window.locator("#head")).to_contain_text("general")
    expect(window.locator("#composer-text")).to_have_value("")
    window.get_by_role("link", name="cx-ideas").click()
    expect(window.locator("#composer-text")).to_have_value("half a thought")


def test_a_window_comes_back_after_a_lost_connection(browser: Browser) -> None:
    """When the sandbox is gone the window says so, keeps the draft, and shows the new state on its return."""
    with running_sandbox(page=True) as first:
        page = browser.new_context().new_page()
        page.goto(f"{first.page}/c/{IDEAS}?as={MAJA}")
        page.fill("#composer-text", "half a thought")
        port = int(first.page.rsplit(":", 1)[1])
    expect(page.locator("#status")).to_have_text("The connection is lost. Trying again.")
    with running_sandbox(port, page=True) as second:
        second.act(BRIAN, "say", channel=IDEAS, text="Back again.")
        expect(page.locator("#log")).to_contain_text("Back again.", timeout=10_000)
        expect(page.locator("#composer-text")).to_have_value("half a thought")
        page.context.close()


def test_shortcuts_open_the_form(window: Page, write: Callable[..., str]) -> None:
    """The lightning menu has the global shortcut, a message's menu the one that takes its text along."""
    ts = write("Parcels get wet.")
    window.click("#shortcuts")
    window.get_by_role("menuitem", name="Share a CX idea").click()
    expect(window.get_by_label("Your idea in a line")).to_have_value("")
    window.keyboard.press("Escape")
    expect(window.locator("#dialog")).to_be_hidden()
    window.locator(f"[id='m-{ts}']").hover()
    window.click(f"[id='m-{ts}-more']")
    window.get_by_role("menuitem", name="Turn into a CX idea").click()
    expect(window.get_by_label("Your idea in a line")).to_have_value("Parcels get wet.")


def test_buttons_overflows_and_confirmations_reach_the_app(window: Page) -> None:
    """A dangerous button asks first; No does nothing, Yes is sent; an overflow offers its choices."""
    window.fill("#composer-text", "/cxidea Call people back please")
    window.press("#composer-text", "Enter")
    card = window.locator(".message", has_text="CX-1 · Call")
    card.get_by_role("button", name="More actions").first.click()
    window.get_by_role("menuitem", name="Show the history").click()
    expect(window.locator("#log")).to_contain_text("You chose history.")
    card.get_by_role("button", name="Withdraw").click()
    expect(window.locator("#confirm")).to_contain_text("Withdraw it?")
    window.click("#confirm-no")
    expect(card).to_be_visible()
    card.get_by_role("button", name="Vote").click()
    expect(card).to_contain_text("1 vote")
    expect(card).to_contain_text("(edited)")


def test_a_confirmed_button_is_sent(window: Page) -> None:
    """After Yes the app does it."""
    window.fill("#composer-text", "/cxidea Call people back please")
    window.press("#composer-text", "Enter")
    card = window.locator(".message", has_text="CX-1 · Call")
    card.get_by_role("button", name="Withdraw").click()
    window.click("#confirm-yes")
    expect(card).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_long_word_stays_inside_the_form(windows: Windows, sandbox: Sandbox, width: int) -> None:
    """However long an address in a field is, the field ends where the form does, on wide screens and narrow ones."""
    page = windows.open(f"/c/{IDEAS}", width=width)
    words = f"From: http://127.0.0.1:8300/archives/{'C0CXIDEAS1' * 30}"
    field = {"type": "plain_text_input", "action_id": "text", "multiline": True, "initial_value": words}
    block = {"type": "input", "block_id": "text", "label": plain("Text"), "element": field}
    trigger = sandbox.call(lambda: sandbox.parts.triggers.issue(MAJA))
    web = WebClient(sandbox.info["bot_token"], sandbox.info["api_url"])
    web.views_open(trigger_id=trigger, view=form_of() | {"blocks": [block]})
    box = page.get_by_label("Text").bounding_box()
    dialog = page.locator("#dialog").bounding_box()
    assert box
    assert dialog
    assert dialog["x"] <= box["x"]
    assert box["x"] + box["width"] <= dialog["x"] + dialog["width"]
