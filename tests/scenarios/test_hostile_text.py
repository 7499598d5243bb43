"""What people write is shown whole and runs nowhere: not on cards, in lists, in digests or notifications."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bot import AGENT, CLERK, GUARD, LEADER, World, words

CONTROL = re.compile(r"<[^<>]*>")
OURS = re.compile(r"<(?:@U0[A-Z0-9]{8}|#C0[A-Z0-9]{8})>")
TITLES = {
    "control": "<!channel> <@U0> <#C0> <!subteam^S0LEADERS1> <https://a|b> https://evil.example/?b=1&c=2 <!date^1^|x>",
    "entities": "&lt;!channel&gt; &amp;amp; 1 < 2 > 0 & *bold* _it_ ~gone~ `code` :tada:",
    "names": "@channel @everyone #general @maja.lindqvist %s {0} $x \\n <%= 1 %> {{7*7}}",
    "emoji": "👩‍👩‍👧‍👦 🇩🇪 ❤️‍🔥 need parcels 🚚",
    "rtl": "\u05e9\u05dc\u05d5\u05dd \u05dc\u05db\u05d5\u05dc\u05dd <!channel> \u0645\u0631\u062d\u0628\u0627",
}
LONG = ("<!channel> & <https://a|b> " * 112)[:3000].strip()


def texts_of_slack(world: World) -> Iterator[tuple[str, str]]:
    """Yield every text that Slack received from the bot, with its kind: `mrkdwn`, or one that Slack does not parse."""
    for entry in world.sandbox.parts.journal.entries:
        if entry.kind in ("api", "response_url"):
            yield from _texts(entry.request)
        elif entry.kind in ("command", "interaction"):
            yield from _texts(entry.answer)


def _texts(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for each in node:
            yield from _texts(each)
    elif isinstance(node, dict):
        kind = str(node.get("type", "mrkdwn"))
        for name, value in node.items():
            if name == "text" and isinstance(value, str):
                yield "mrkdwn" if kind not in ("text", "plain_text", "link") else kind, value
            else:
                yield from _texts(value)


def run_everywhere(world: World) -> dict[str, str]:
    """Have the idea shown in every place; return each place's words."""
    world.react(CLERK, world.cards()[0]["ts"])
    world.settle()
    shown = {
        "top": world.command(AGENT, "top all")["ephemeral"],
        "mine": world.command(GUARD, "mine")["ephemeral"],
        "show": world.command(AGENT, "show 1")["ephemeral"],
        "search": world.command(AGENT, "search <!channel> & *x*")["ephemeral"],
        "digest": world.command(LEADER, "digest")["ephemeral"],
        "card": world.cards()[0],
    }
    world.press(AGENT, shown["top"], "vote.cast")
    shown["voted"] = world.shown(AGENT, shown["top"]["ts"])
    world.press(AGENT, shown["voted"], "vote.take_back")
    return {place: words(message) for place, message in shown.items()}


def assert_inert(world: World) -> None:
    """Assert that no control sequence but mentions of our own is in what Slack parses."""
    parsed = [text for kind, text in texts_of_slack(world) if kind == "mrkdwn"]
    assert len(parsed) > 5
    for text in parsed:
        assert all(map(OURS.fullmatch, CONTROL.findall(text))), text
        assert not re.search(r"&(?!(?:amp|lt|gt);)", text), text


def visible(text: str) -> str:
    """Return the text without the marks that only keep its direction to itself."""
    return text.replace("\u2068", "").replace("\u2069", "")


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_a_title_is_whole_and_inert_everywhere(sqlite_world: World, title: str) -> None:
    """A hostile title stands as written on receipt, card, lists and digest, and nothing in it is run by Slack."""
    receipt = sqlite_world.command(GUARD, title)
    receipt = receipt["ephemeral"] or sqlite_world.submit(GUARD, receipt["view"])["view"]
    sqlite_world.settle()
    shown = run_everywhere(sqlite_world) | {"receipt": words(receipt)}
    for place in ("top", "mine", "show", "digest", "card", "voted", "receipt"):
        assert title in visible(shown[place]), place
    assert "“<!channel> & *x*”" in shown["search"]
    assert_inert(sqlite_world)


def test_a_text_of_3000_characters_is_whole_and_inert(http_world: World) -> None:
    """A description of 3,000 hostile characters stands whole on the card and in `show`."""
    http_world.submit(GUARD, http_world.form(GUARD), title="Look at this one", description=LONG)
    shown = run_everywhere(http_world)
    assert LONG in shown["card"]
    assert LONG in shown["show"]
    assert_inert(http_world)


def test_what_is_given_back_is_whole_and_inert(sqlite_world: World) -> None:
    """A hostile line that is too long, searched for, or refused during a fault comes back as typed."""
    line = LONG + " <!everyone> " * 10
    assert line.strip() in words(sqlite_world.command(GUARD, line)["ephemeral"])
    with sqlite_world.without_tables("inbox"):
        assert TITLES["names"] in words(sqlite_world.command(GUARD, TITLES["names"])["ephemeral"])
    empty = sqlite_world.command(GUARD, f"search {TITLES['entities']}")["ephemeral"]
    view = sqlite_world.press(GUARD, empty, "idea.open_form")["view"]
    assert view["state"]["values"]["title"]["title"]["value"] == TITLES["entities"]
    for kind, text in texts_of_slack(sqlite_world):
        assert kind != "mrkdwn" or all(map(OURS.fullmatch, CONTROL.findall(text))), text


def test_a_right_to_left_title_does_not_reorder_its_surroundings(sqlite_world: World) -> None:
    """A title from right to left is isolated, and marks that turn text around are taken out of what is shown."""
    ts = sqlite_world.file(GUARD, f"{TITLES['rtl']} \u202egnirts")
    shown = words(sqlite_world.card(ts))
    assert "\u202e" not in shown
    assert shown.count("\u2068") == shown.count("\u2069") > 0
