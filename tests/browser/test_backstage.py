"""What an evaluator does behind the scenes, and the manners that people know from Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from sandbox.server import running_sandbox
from tests.browser.conftest import BRIAN, IDEAS, MAJA, THANDI, Windows
from tests.browser.double import running_double

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from sandbox.server import Sandbox

GENERAL = "C0GENERAL1"


def test_the_panel_shows_each_exchange_with_its_acknowledgement(windows: Windows) -> None:
    """Behind the scenes one sees each call with its outcome, and how fast the app acknowledged."""
    page = windows.open(f"/c/{IDEAS}?panel=1")
    page.fill("#composer-text", "/cxidea Let customers choose")
    page.press("#composer-text", "Enter")
    expect(page.locator("#traffic")).to_contain_text("chat.postMessage")
    command = page.locator(".entry", has_text="/cxidea").first
    expect(page.locator(".entry.is-command .spent").first).to_contain_text("ack")
    command.locator("summary").click()
    expect(command.locator("pre").first).to_contain_text("Let customers choose")


def test_the_clock_jumps_to_monday_morning(windows: Windows) -> None:
    """One press and it is nine o'clock on a Monday; another, and a week has passed."""
    page = windows.open(f"/c/{IDEAS}?panel=1")
    page.get_by_role("button", name="Next Monday 09:00").click()
    expect(page.locator("#clock time")).to_contain_text("09:00Monday")
    first = page.locator("#clock time").inner_text()
    page.get_by_role("button", name="A week later").click()
    expect(page.locator("#clock time")).not_to_have_text(first)
    expect(page.locator("#clock time")).to_contain_text("09:00Monday")


def test_a_fault_is_a_switch_in_plain_words(windows: Windows, sandbox: Sandbox) -> None:
    """A switch sets its fault until it is switched off again, and what is on shows when all are folded away."""
    page = windows.open(f"/c/{IDEAS}?panel=1")
    page.click("#faults-summary")
    switch = page.get_by_role("switch", name="Every vote is delivered three times")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(page.locator("#faults-summary")).to_contain_text("1 on")
    assert [(fault.target, fault.kind, fault.times) for fault in sandbox.parts.faults.active] == [
        ("reaction_added", "repeat", 2)
    ]
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    assert sandbox.parts.faults.active == []


def test_all_faults_end_at_one_press(windows: Windows, sandbox: Sandbox) -> None:
    """Whatever is switched on, one button makes Slack well again."""
    page = windows.open(f"/c/{IDEAS}?panel=1")
    page.click("#faults-summary")
    for words in (
        "New connections are refused",
        "Votes come a minute late",
        "The bot's token is revoked",
        "The bot is not in #cx-ideas",
        "#cx-ideas is archived",
        "#cx-ideas is read-only",
        "#cx-ideas is called #customer-ideas",
        "Slack's own rate limits hold",
        "The workspace takes no charts yet",
    ):
        page.get_by_role("switch", name=words).click()
        expect(page.get_by_role("switch", name=words)).to_have_attribute("aria-checked", "true")
    page.get_by_role("button", name="End all faults").click()
    expect(page.locator("[role='switch'][aria-checked='true']")).to_have_count(0)
    expect(page.locator("#faults-summary .chip")).to_have_count(0)
    assert sandbox.parts.faults.active == []
    assert sandbox.parts.rates.on is False


def test_an_evaluator_deletes_a_message(windows: Windows, window: Page, write: Callable[..., str]) -> None:
    """With the panel open, a message's menu can delete it as an admin would; the keyboard goes on in the log."""
    ts = write("Delete me.")
    page = windows.open(f"/c/{IDEAS}?panel=1")
    page.locator(f"[id='m-{ts}-more']").press("Enter")
    page.get_by_role("menuitem", name="Delete this message as an admin").press("Enter")
    expect(page.locator(f"[id='m-{ts}']")).to_have_count(0)
    expect(page.locator("#main .scroller")).to_be_focused()
    other = write("Keep me.")
    window.locator(f"[id='m-{other}-more']").press("Enter")
    expect(window.get_by_role("menuitem", name="Reply in thread")).to_be_visible()
    expect(window.get_by_role("menuitem", name="Delete this message as an admin")).to_have_count(0)


def test_an_app_without_home_opens_its_messages(browser: Browser) -> None:
    """Where the manifest has no App Home, a click on the app leads to its messages, under its own name."""
    with running_sandbox(page=True) as other, browser.new_context() as context:
        app = {"display_information": {"name": "x"}, "features": {"bot_user": {"display_name": "idea box"}}}
        other.control("install", manifest=app)
        page = context.new_page()
        page.goto(f"{other.page}/c/{IDEAS}?as={MAJA}")
        page.locator("#side").get_by_role("link", name="idea box").click()
        expect(page.locator("#head h1")).to_contain_text("idea box")
        expect(page.locator("#composer-text")).to_be_visible()
        expect(page.locator(".tabs")).to_have_count(0)


def test_the_panel_says_whether_the_bot_is_connected(browser: Browser) -> None:
    """Whether the bot is there shows at once, when it comes and when it goes."""
    with running_sandbox(page=True) as lonely, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{lonely.page}/c/{IDEAS}?as={MAJA}&panel=1")
        expect(page.locator("#link")).to_contain_text("Not connected")
        with running_double(lonely):
            expect(page.locator("#link")).to_contain_text("Connected by Socket Mode")
        expect(page.locator("#link")).to_contain_text("Not connected")


def test_a_private_message_can_be_dismissed(window: Page) -> None:
    """Whoever has read it takes it off the screen, and it stays away."""
    window.fill("#composer-text", "/nothing at all")
    window.press("#composer-text", "Enter")
    window.get_by_role("button", name="Dismiss message").click()
    expect(window.locator(".ephemeral")).to_have_count(0)
    window.reload()
    expect(window.locator(".ephemeral")).to_have_count(0)


def test_the_keyboard_goes_on_after_a_dismissal(window: Page) -> None:
    """After a private message is dismissed by the keyboard, the focus stands in the log and not nowhere."""
    window.fill("#composer-text", "/nothing at all")
    window.press("#composer-text", "Enter")
    window.get_by_role("button", name="Dismiss message").press("Enter")
    expect(window.locator(".ephemeral")).to_have_count(0)
    expect(window.locator("#main .scroller")).to_be_focused()


def test_a_line_says_where_unread_messages_begin(window: Page, write: Callable[..., str]) -> None:
    """On coming back to a channel, what is new stands below a line; on the next visit the line is gone."""
    write("Read before.")
    expect(window.locator("#log")).to_contain_text("Read before.")
    window.get_by_role("link", name="general").click()
    expect(window.locator("#head")).to_contain_text("general")
    ts = write("Not read yet.")
    write("Nor this.")
    window.get_by_role("link", name="cx-ideas").click()
    expect(window.locator(".day.new")).to_have_count(1)
    expect(window.locator(".day.new + .message")).to_have_id(f"m-{ts}")
    window.get_by_role("link", name="general").click()
    expect(window.locator("#head")).to_contain_text("general")
    window.get_by_role("link", name="cx-ideas").click()
    expect(window.locator("#log")).to_contain_text("Nor this.")
    expect(window.locator(".day.new")).to_have_count(0)


def test_a_name_is_completed_and_calls_its_person(windows: Windows, sandbox: Sandbox) -> None:
    """Typing @tha offers Thandi; she sees the message as hers, with a badge at the channel until she reads it."""
    reader = windows.open(f"/c/{IDEAS}", THANDI)
    page = windows.open(f"/c/{GENERAL}", MAJA)
    page.locator("#composer-text").press_sequentially("Look, @tha")
    expect(page.locator("#composer-mentions [data-mention]:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#composer-text")).to_have_value("Look, @thandi.mbeki ")
    page.keyboard.press("Enter")
    expect(reader.locator("#side [data-count='1']")).to_contain_text("general")
    reader.get_by_role("link", name="general").click()
    expect(reader.locator("#log .mention.me")).to_have_text("@Thandi Mbeki")
    expect(reader.locator("#side [data-count]")).to_have_count(0)
    assert "<@U0MBEKI010>" in next(iter(sandbox.workspace.channels[GENERAL].messages.values())).text


def test_what_is_not_for_one_is_bold_without_a_badge(windows: Windows, write: Callable[..., str]) -> None:
    """A message that names somebody else makes the channel bold, and no more."""
    page = windows.open(f"/c/{IDEAS}", MAJA)
    write("Thank you, @thandi.mbeki", user=BRIAN, channel=GENERAL)
    expect(page.locator("#side .unread")).to_contain_text("general")
    expect(page.locator("#side [data-count]")).to_have_count(0)


def test_the_workspace_fills_at_one_press(windows: Windows, sandbox: Sandbox) -> None:
    """The button begins the story, the panel tells how far it is, and the page goes on working meanwhile."""
    page = windows.open(f"/c/{IDEAS}?panel=1")
    expect(page.get_by_role("button", name="Fill the workspace")).to_be_visible()
    sandbox.control("seed", ideas=4, votes=20, wait=0.1)
    expect(page.locator("#filling progress")).to_be_visible()
    expect(page.locator("#filling")).to_contain_text("Filled: 4 ideas, 20 votes.", timeout=30_000)
    expect(page.get_by_role("button", name="Fill the workspace")).to_have_count(0)
    expect(page.locator("#log .message")).to_have_count(4)
