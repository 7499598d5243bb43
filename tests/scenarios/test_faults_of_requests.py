"""When the database fails or Slack is away: events come again, people are told at once, nothing typed is lost."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import make_url

from sandbox.models import Json
from tests.bot import AGENT, CLERK, GUARD, LEADER, World, wait_until, words
from tests.scenarios.test_submitting import LINE, rows

AWAY = "The ideas are out of reach for a moment."


@pytest.fixture
def receipt(http_world: World) -> Json:
    """Return the receipt of GUARD's idea."""
    shown: Json = http_world.command(GUARD, LINE)["ephemeral"]
    http_world.settle()
    return shown


def test_a_line_comes_back_whole_while_the_database_is_away(http_world: World) -> None:
    """A command that cannot be filed says so with the text typed; a moment later the same line is filed."""
    with http_world.without_tables("inbox"):
        answer = http_world.command(GUARD, LINE)
    assert answer["acked"]
    assert AWAY in words(answer["ephemeral"])
    assert "not filed yet; please send it again in a minute" in words(answer["ephemeral"])
    assert LINE in words(answer["ephemeral"])
    assert "CX-1" in words(http_world.command(GUARD, LINE)["ephemeral"])


def test_lists_and_help_while_the_database_is_away(sqlite_world: World) -> None:
    """A list says that it cannot be shown now; help needs no database."""
    with sqlite_world.without_tables("ideas"):
        for typed in ("top", "mine", "search parcel", "show 1"):
            assert f"{AWAY} Nothing has changed" in words(sqlite_world.command(AGENT, typed)["ephemeral"])
        with sqlite_world.without_tables("role_members"):
            assert AWAY in words(sqlite_world.command(LEADER, "digest")["ephemeral"])
        assert "What you can type" in words(sqlite_world.command(AGENT, "help")["ephemeral"])
        assert sqlite_world.form(AGENT)


def test_forms_keep_their_text_while_the_database_is_away(http_world: World, receipt: Json) -> None:
    """A form stays open with what was typed and a text at its first field; sent again later, it is filed."""
    new = http_world.form(AGENT)
    change = http_world.press(GUARD, receipt, "idea.add_details")["view"]
    with http_world.without_tables("inbox"):
        for user, view in ((AGENT, new), (GUARD, change)):
            answer = http_world.submit(user, view, title="Open at eight", description="People wait")
            assert AWAY in answer["errors"]["title"]
            assert "Your text is still here" in answer["errors"]["title"]
            assert answer["view"]["state"]["values"]["title"]["title"]["value"] == "Open at eight"
    assert http_world.submit(AGENT, new)["view"]["title"]["text"] == "Filed as CX-2"
    assert http_world.submit(GUARD, change)["view"]["title"]["text"] == "CX-1 is saved"
    assert [row["title"] for row in rows(http_world)] == ["Open at eight"] * 2


def presses(world: World, receipt: Json) -> list[tuple[str, Json, str, str]]:
    """Return one press on each kind of button: who, where, which, and its value."""
    top = world.command(AGENT, "top")["ephemeral"]
    digest = world.command(LEADER, "digest")["ephemeral"]
    return [
        (GUARD, receipt, "idea.add_details", "1"),
        (GUARD, receipt, "idea.choose_stage", "use"),
        (GUARD, receipt, "idea.undo", "1"),
        (AGENT, top, "vote.cast", "1"),
        (LEADER, digest, "digest.post", next(_values(digest, "digest.post"))),
        (LEADER, digest, "digest.preview", next(_values(digest, "digest.preview"))),
    ]


def _values(message: Json, action_id: str) -> Any:
    blocks = (block for block in message["blocks"] if block["type"] == "actions")
    return (each["value"] for block in blocks for each in block["elements"] if each["action_id"] == action_id)


def test_presses_are_answered_while_the_database_is_away(http_world: World, receipt: Json) -> None:
    """Each button and menu says at once that nothing has changed, even when not a word can be written down."""
    before = rows(http_world)
    for user, where, action_id, value in presses(http_world, receipt):
        with http_world.without_tables("inbox", "ideas", "people"):
            pressed = http_world.sandbox.act(
                user, "press", channel=where["channel"], ts=where["ts"], action_id=action_id, value=value
            )
        assert pressed["acked"], action_id
        assert f"{AWAY} Nothing has changed" in words(http_world.last_ephemeral(user)), action_id
    assert rows(http_world) == before


def test_a_database_that_is_busy_is_answered_for_in_time(sqlite_world: World) -> None:
    """While another program holds the database, command, form and button wait once, and then get their text."""
    receipt = sqlite_world.command(GUARD, LINE)["ephemeral"]
    sqlite_world.settle()
    view = sqlite_world.form(AGENT)
    where = {"channel": receipt["channel"], "ts": receipt["ts"]}
    act = sqlite_world.sandbox.act
    sqlite_world.sandbox.workspace.ack_seconds = 4.0  # Two waits of two seconds each, one after the other, miss it.
    with (
        closing(
            sqlite3.connect(make_url(sqlite_world.settings.database_url.get_secret_value()).database or "")
        ) as other,
        ThreadPoolExecutor() as hands,
    ):
        other.execute("BEGIN IMMEDIATE")
        typed = hands.submit(act, CLERK, "command", text=LINE, channel="C0GENERAL1")
        sent = hands.submit(act, AGENT, "submit", view_id=view["id"], values={"title": "Open at eight"})
        pressed = hands.submit(act, GUARD, "press", **where, action_id="idea.undo")
        assert AWAY in words(typed.result()["ephemeral"])
        assert AWAY in sent.result()["errors"]["title"]
        assert pressed.result()["acked"]
    sqlite_world.settle()
    assert AWAY in words(sqlite_world.last_ephemeral(GUARD))
    assert [row["status"] for row in rows(sqlite_world)] == ["new"]


def test_a_refusal_needs_no_database(http_world: World, receipt: Json) -> None:
    """A press that is refused anyway gets its reason also while the answer cannot be written down."""
    http_world.press(GUARD, receipt, "idea.choose_stage", "use")
    trigger = http_world.sandbox.call(lambda: http_world.sandbox.parts.triggers.issue(GUARD))
    entries = http_world.sandbox.parts.journal.entries
    (*_, press) = (entry.request for entry in entries if entry.name == "block_actions")
    forged = press | {"trigger_id": trigger, "actions": [{"type": "button", "action_id": "idea.unheard_of"}]}
    with http_world.without_tables("outbox"):
        reply = http_world.sandbox.wait_for(http_world.sandbox.parts.delivery.ask("interactive", forged))
    assert reply.ok
    assert "not one that I know" in words(http_world.last_ephemeral(GUARD))


def test_a_reaction_comes_again_after_the_database_failed(http_world: World) -> None:
    """An event that could not be stored is not acknowledged; delivered again, the vote counts, once."""
    ts = http_world.file(GUARD, LINE)
    with http_world.without_tables("reactions"):
        http_world.react(AGENT, ts)
        wait_until(lambda: [outcome for outcome, attempt in events(http_world) if attempt == 1])
        assert all(outcome != "ok" for outcome, _ in events(http_world))
    http_world.sandbox.control("advance", seconds=61)
    wait_until(lambda: ("ok", 2) in events(http_world))
    http_world.settle()
    assert "1 vote" in words(http_world.card(ts))
    assert http_world.deliver("event", "reaction_added").ok
    assert "1 vote" in words(http_world.card(ts))


def events(world: World) -> list[tuple[str, int]]:
    """Return outcome and attempt of each event delivered."""
    return [(entry.outcome, entry.attempt) for entry in world.sandbox.parts.journal.entries if entry.kind == "event"]


def test_a_card_arrives_when_slack_is_back(http_world: World) -> None:
    """An idea is filed while Slack posts nothing; its card comes when Slack is back, with what changed meanwhile."""
    http_world.sandbox.control("fault", target="chat.postMessage", kind="status", status=503, count=2)
    shown = http_world.command(GUARD, LINE)["ephemeral"]
    assert "Filed as CX-1" in words(shown)
    where = {"channel": shown["channel"], "ts": shown["ts"]}
    http_world.sandbox.act(GUARD, "press", **where, action_id="idea.choose_stage", value="use")
    http_world.settle()
    (card,) = http_world.cards()
    assert "Use" in words(card)


def test_what_was_typed_is_kept_when_slack_opens_no_form(http_world: World) -> None:
    """A form that Slack does not open leaves the text and a button that opens it later, for short and long texts."""
    for typed in ("parcel boxes", "", "long " * 500):
        http_world.sandbox.control("fault", target="views.open", kind="error", error="expired_trigger_id")
        answer = http_world.command(GUARD, typed)
        assert answer["view"] is None
        said = words(answer["ephemeral"])
        assert "Slack did not open the form in time." in said
        assert typed.strip() in said
        if len(typed) > 2000:
            assert "Copy it, and open the form with /cxidea" in said
            continue
        view = http_world.press(GUARD, answer["ephemeral"], "idea.open_form")["view"]
        assert (view["state"]["values"]["title"]["title"]["value"] or "") == typed


def test_a_button_whose_form_slack_does_not_open_says_so(http_world: World, receipt: Json) -> None:
    """*Add details* that Slack was too late for asks to press it again, and offers no other form."""
    for kind in ({"kind": "error", "error": "expired_trigger_id"}, {"kind": "status", "status": 503}):
        http_world.sandbox.control("fault", target="views.open", **kind)
        assert http_world.press(GUARD, receipt, "idea.add_details")["acked"]
        said = http_world.last_ephemeral(GUARD)
        assert words(said) == "Slack did not open the form in time. Please try again."
    assert http_world.press(GUARD, receipt, "idea.add_details")["view"]["title"]["text"] == "Add to CX-1"


def test_shortcuts_whose_form_slack_does_not_open_are_told(http_world: World) -> None:
    """The message shortcut gets a text; the global one, which has nowhere to get one, is reported as failed."""
    ts = http_world.sandbox.act(GUARD, "say", channel="C0GENERAL1", text="They wait outside")["ts"]
    http_world.sandbox.control("fault", target="views.open", kind="error", error="expired_trigger_id", count=2)
    on_message = {"callback_id": "idea.from_message", "channel": "C0GENERAL1", "ts": ts}
    assert http_world.sandbox.act(GUARD, "shortcut", **on_message)["acked"]
    http_world.settle()
    assert "Slack did not open the form in time" in words(http_world.last_ephemeral(GUARD))
    assert not http_world.sandbox.act(GUARD, "shortcut", callback_id="idea.share")["acked"]
    assert http_world.sandbox.act(GUARD, "shortcut", callback_id="idea.share")["view"]
