"""The two shortcuts: an empty form from anywhere, and one that a message fills."""

from typing import Any

from sandbox.people import PRIVATE_CHANNEL
from tests.bot import CLERK, GUARD, LEADER, World, words

GENERAL = "C0GENERAL1"
NOTICE = "This is from a private conversation. Read it once more before you share it"


def turn_into_idea(world: World, user: str, channel: str, text: str) -> dict[str, Any]:
    """Let somebody write a message, and turn it into an idea; return the form."""
    ts = world.sandbox.act(user, "say", channel=channel, text=text)["ts"]
    view: dict[str, Any] = world.sandbox.act(user, "shortcut", callback_id="idea.from_message", channel=channel, ts=ts)[
        "view"
    ]
    return view


def field(view: dict[str, Any], name: str) -> str:
    """Return what stands in a field of the form."""
    return str(view["state"]["values"][name][name]["value"] or "")


def test_the_global_shortcut_opens_an_empty_form(sqlite_world: World) -> None:
    """The form opens from anywhere, and what is sent off in it is filed."""
    answer = sqlite_world.sandbox.act(GUARD, "shortcut", callback_id="idea.share")
    assert answer["acked"]
    closing = sqlite_world.submit(GUARD, answer["view"], title="Open at eight")["view"]
    assert closing["title"]["text"] == "Filed as CX-1"


def test_a_message_becomes_a_form_with_a_link_to_it(sqlite_world: World) -> None:
    """The message stands in the form as people read it, with a link; its first words are the title."""
    text = "Q&A <today>: half of the callers ask when their parcel comes. " * 4
    view = turn_into_idea(sqlite_world, GUARD, GENERAL, text.strip())
    assert field(view, "title").startswith("Q&A <today>: half of the callers")
    assert len(field(view, "title")) <= 120
    assert field(view, "description").startswith(text.strip())
    (message,) = sqlite_world.cards(GENERAL)
    assert f"From: {sqlite_world.sandbox.page}/archives/{GENERAL}/p" in field(view, "description")
    assert field(view, "description").endswith(message["ts"].replace(".", ""))
    assert NOTICE not in words(view)
    sqlite_world.submit(GUARD, view)
    assert "Q&A <today>" in words(sqlite_world.cards()[0])


def test_a_private_message_brings_a_warning_and_no_link(sqlite_world: World) -> None:
    """From a private channel, the form says so and links to nothing."""
    view = turn_into_idea(sqlite_world, CLERK, PRIVATE_CHANNEL, "The big client wants a named contact")
    assert NOTICE in words(view)
    assert field(view, "title") == field(view, "description") == "The big client wants a named contact"
    assert sqlite_world.submit(CLERK, view)["view"]["title"]["text"] == "Filed as CX-1"


def test_a_direct_message_brings_a_warning_and_no_link(sqlite_world: World) -> None:
    """From direct messages, of two or of a group, the form says so and links to nothing."""
    turn_into_idea(sqlite_world, GUARD, GENERAL, "A customer told me something")
    for name in ("directmessage", "privategroup", "mpdm-a--b--c-1"):
        trigger = sqlite_world.sandbox.call(lambda: sqlite_world.sandbox.parts.triggers.issue(GUARD))
        channel = {"id": "D0ABCDEF12", "name": name}
        assert sqlite_world.deliver("interaction", "message_action", trigger_id=trigger, channel=channel).ok
        view = sqlite_world.sandbox.state(GUARD)["views"][-1]
        assert NOTICE in words(view)
        assert "From:" not in field(view, "description")


def test_a_message_without_text_opens_a_form_with_its_link(sqlite_world: World) -> None:
    """A message that is only a file has no words to take over."""
    turn_into_idea(sqlite_world, GUARD, GENERAL, "A picture follows here")
    trigger = sqlite_world.sandbox.call(lambda: sqlite_world.sandbox.parts.triggers.issue(GUARD))
    message = {"type": "message", "ts": "1764000000.000100", "text": ""}
    assert sqlite_world.deliver("interaction", "message_action", trigger_id=trigger, message=message).ok
    view = sqlite_world.sandbox.state(GUARD)["views"][-1]
    assert not field(view, "title")
    assert field(view, "description").startswith("From: http")


def test_an_idea_from_a_long_message_keeps_its_link(sqlite_world: World) -> None:
    """A message longer than the field is cut, with its link whole."""
    view = turn_into_idea(sqlite_world, LEADER, GENERAL, "word " * 700)
    description = field(view, "description")
    assert len(description) <= 3000
    assert "…\n\nFrom: http" in description
