"""Delivery tells Slack everything once, whatever becomes of a call."""

import itertools
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, select, text, update

from bot import clock
from db.models import OutboxMessage
from db.types import DeliveryState
from sandbox.people import DIGEST_CHANNEL, IDEAS_CHANNEL
from sandbox.server import running_sandbox
from tests.bot import ADMIN, AGENT, GUARD, LEADER, QUICK, World, running_bot, wait_until, words

LINE = "Let customers reschedule deliveries online"


def calls(world: World, method: str) -> list[Any]:
    """Return the calls of a method, oldest first."""
    return [entry for entry in world.sandbox.parts.journal.entries if entry.kind == "api" and entry.name == method]


def row(world: World, key: str = "card:1") -> OutboxMessage:
    """Return a row of the outbox."""
    with world.runtime.deps.sessions.reading() as session:
        found = session.scalar(select(OutboxMessage).where(OutboxMessage.key == key))
        assert found
        return found


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "apply_then_drop"},
        {"kind": "apply_then_error", "error": "fatal_error"},
        {"kind": "apply_then_error", "error": "internal_error"},
        {"kind": "cut_body"},
    ],
    ids=lambda fault: fault.get("error", fault["kind"]),
)
def test_a_post_whose_answer_is_lost_is_found_again(sqlite_world: World, fault: dict[str, Any]) -> None:
    """A card that Slack took, without saying so, is looked for and taken over; votes reach that one card."""
    world = sqlite_world
    world.sandbox.control("fault", target="chat.postMessage", **fault)
    ts = world.file(GUARD, LINE)
    world.react(AGENT, ts)
    world.settle()
    assert [words(card).count("1 vote") for card in world.cards()] == [1]
    assert len(calls(world, "chat.postMessage")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_before"},
        {"kind": "status", "status": 503},
        {"kind": "error", "error": "internal_error"},
    ],
    ids=lambda fault: fault["kind"],
)
def test_a_post_that_never_arrived_is_posted_once_after_two_looks(sqlite_world: World, fault: dict[str, Any]) -> None:
    """A card that Slack never took is posted again, after the history was asked for it twice."""
    world = sqlite_world
    world.sandbox.control("fault", target="chat.postMessage", **fault)
    world.file(GUARD, LINE)
    assert len(world.cards()) == 1
    posts = calls(world, "chat.postMessage")
    looks = [
        entry for entry in calls(world, "conversations.history") if posts[0].number < entry.number < posts[1].number
    ]
    assert len(posts) == 2
    assert len(looks) >= 2


@pytest.mark.parametrize("error", ["ratelimited", "not_in_channel", "missing_scope", "fatal_error"])
def test_nothing_is_posted_again_while_slack_cannot_be_asked(sqlite_world: World, error: str) -> None:
    """When the look itself is refused, a card that may stand in Slack is not posted a second time."""
    world = sqlite_world
    kind = {"kind": "ratelimited", "seconds": 0} if error == "ratelimited" else {"kind": "error", "error": error}
    world.sandbox.control("fault", target="chat.postMessage", kind="apply_then_drop")
    world.sandbox.control("fault", target="conversations.history", count=2, **kind)
    world.command(GUARD, LINE)
    wait_until(lambda: row(world).message_ts, seconds=20)
    world.settle()
    assert len(world.cards()) == 1
    assert [post.request["channel"] for post in calls(world, "chat.postMessage")].count(IDEAS_CHANNEL) == 1


def test_a_post_that_the_database_did_not_note_is_found_again(http_world: World) -> None:
    """The database fails between Slack's answer and the record of it: the next look finds the card."""
    world = http_world
    failures = [True]

    def fail(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if failures and statement.startswith("UPDATE outbox") and "message_ts=" in statement:
            failures.pop()
            raise world.runtime.deps.sessions.engine.dialect.loaded_dbapi.OperationalError("no room left")

    event.listen(world.runtime.deps.sessions.engine, "before_cursor_execute", fail)
    world.file(GUARD, LINE)
    event.remove(world.runtime.deps.sessions.engine, "before_cursor_execute", fail)
    assert not failures
    assert len(calls(world, "chat.postMessage")) == 1
    assert row(world).message_ts == world.cards()[0]["ts"]


def test_a_look_follows_each_attempt_that_died(sqlite_world: World) -> None:
    """After two looks and a second post that was killed, two looks come again before a third."""
    world = sqlite_world
    world.sandbox.control("fault", target="chat.postMessage", kind="drop_before", count=2)
    world.file(GUARD, LINE)
    posts = calls(world, "chat.postMessage")
    assert len(posts) == 3
    for before, after in itertools.pairwise(posts):
        looks = [one for one in calls(world, "conversations.history") if before.number < one.number < after.number]
        assert len(looks) == 2


def test_slack_is_obeyed_when_it_asks_to_wait(sqlite_world: World) -> None:
    """After a 429 nothing is posted in the channel within Retry-After, then everything goes out, once."""
    world = sqlite_world
    world.sandbox.control("fault", target="chat.postMessage", kind="ratelimited", seconds=1)
    world.command(GUARD, LINE)
    world.command(AGENT, "Show the queue time before I call you")
    world.settle()
    first, *later = calls(world, "chat.postMessage")
    assert first.outcome.startswith("ratelimited")
    assert len(later) == len(world.cards()) == 2
    assert min(entry.at for entry in later) - first.at >= 1.0


def test_a_limit_on_changes_holds_for_all_cards(sqlite_world: World) -> None:
    """After a 429 on one card's change no card is changed within Retry-After: the limit is the method's."""
    world = sqlite_world
    cards = [world.file(GUARD, LINE), world.file(GUARD, "Show the queue time before I call you")]
    world.sandbox.control("fault", target="chat.update", kind="ratelimited", seconds=1)
    before = len(calls(world, "chat.update"))
    for ts in cards:
        world.react(AGENT, ts)
    world.settle()
    first, *later = calls(world, "chat.update")[before:]
    assert min(entry.at for entry in later) - first.at >= 1.0
    assert all("1 vote" in words(world.card(ts)) for ts in cards)


@pytest.mark.parametrize(
    ("harm", "cure"),
    [
        ("archive", "unarchive"),
        ("kick", "invite"),
        ("make_read_only", "make_writable"),
        ("delete_channel", "restore_channel"),
    ],
)
def test_a_closed_channel_holds_up_nobody_else(sqlite_world: World, harm: str, cure: str) -> None:
    """Cards wait while their channel takes nothing, the digest goes out; once mended, the cards follow, once each."""
    world = sqlite_world
    world.sandbox.control(harm, channel=IDEAS_CHANNEL)
    world.command(GUARD, LINE)
    world.command(AGENT, "Show the queue time before I call you")
    wait_until(lambda: row(world).state == row(world, "card:2").state == "blocked")
    shown = world.command(LEADER, "digest")["ephemeral"]
    world.press(LEADER, shown, "digest.post")
    wait_until(lambda: world.cards(DIGEST_CHANNEL))
    world.sandbox.control(cure, channel=IDEAS_CHANNEL)
    wait_until(lambda: len(world.cards()) == 2)
    world.settle()
    assert len(world.cards()) == 2


@pytest.mark.parametrize(
    "change", [{"do": "rename_channel", "name": "customer-ideas"}, {"do": "make_private"}], ids=lambda each: each["do"]
)
def test_another_name_or_privacy_changes_nothing(sqlite_world: World, change: dict[str, str]) -> None:
    """A channel that is renamed or made private keeps its cards, and votes and new ideas reach it as before."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.sandbox.control(**change, channel=IDEAS_CHANNEL)
    world.react(AGENT, ts)
    world.command(AGENT, "Show the queue time before I call you")
    wait_until(lambda: len(world.sandbox.workspace.channels[IDEAS_CHANNEL].messages) == 2)
    world.settle()
    first = world.sandbox.workspace.channels[IDEAS_CHANNEL].messages[ts]
    assert "1 vote" in words({"blocks": first.blocks})


def test_a_closed_channel_is_told_of_once(sqlite_world: World, caplog: pytest.LogCaptureFixture) -> None:
    """However often a closed channel is tried, the log has one line on it, and one more when it is mended."""
    world = sqlite_world
    caplog.set_level("INFO")
    world.sandbox.control("archive", channel=IDEAS_CHANNEL)
    world.command(GUARD, LINE)
    world.command(AGENT, "Show the queue time before I call you")
    wait_until(lambda: len(calls(world, "chat.postMessage")) >= 4)
    world.sandbox.control("unarchive", channel=IDEAS_CHANNEL)
    wait_until(lambda: len(world.cards()) == 2)
    world.settle()
    told = [record.getMessage() for record in caplog.records if "channel." in record.getMessage()]
    assert [re.findall(r"channel\.\w+", line)[0] for line in told] == ["channel.blocked", "channel.mended"]


def test_admins_hear_once_of_a_closed_channel(sqlite_world: World) -> None:
    """Each admin gets one direct message about a closed channel, with what mends it, however often it is tried."""
    world = sqlite_world
    world.sandbox.control("archive", channel=IDEAS_CHANNEL)
    world.command(GUARD, LINE)
    world.command(AGENT, "Show the queue time before I call you")
    wait_until(lambda: len(calls(world, "chat.postMessage")) >= 5)
    told = [im["messages"] for im in world.sandbox.state(ADMIN)["ims"] if im["messages"]]
    (message,) = (message for messages in told for message in messages)
    assert words(message).startswith(f"I cannot write in <#{IDEAS_CHANNEL}>: it is archived.")
    assert words(message).endswith("as soon as somebody unarchives it.")


def test_a_restart_tells_admins_nothing_twice(sqlite_url: str) -> None:
    """A bot that finds the same channel closed at its next start does not tell the admins again that day."""
    with running_sandbox() as sandbox:
        sandbox.control("archive", channel=IDEAS_CHANNEL)
        for number in (1, 2):
            with running_bot(sandbox, sqlite_url, "http") as world:
                world.command(GUARD, f"Let customers choose their hour, part {number}")
                wait_until(lambda world=world, key=f"card:{number}": row(world, key).state == "blocked")
                wait_until(lambda: any(im["messages"] for im in sandbox.state(ADMIN)["ims"]))
        assert [len(im["messages"]) for im in sandbox.state(ADMIN)["ims"] if im["messages"]] == [1]


def test_a_notice_whose_answer_is_lost_is_found_again(sqlite_world: World) -> None:
    """A direct message that Slack took without saying so is looked for in its conversation, and not sent twice."""
    world = sqlite_world
    world.settle()
    world.sandbox.control("fault", target="chat.postMessage", kind="apply_then_drop")
    world.runtime.deps.notices.blocked(IDEAS_CHANNEL, "is_archived")
    wait_until(lambda: row(world, f"notice:{IDEAS_CHANNEL}:{clock.now().date()}:{ADMIN}").message_ts)
    world.settle()
    assert [len(im["messages"]) for im in world.sandbox.state(ADMIN)["ims"] if im["messages"]] == [1]


@pytest.mark.parametrize("harm", ["revoke_token", "inactivate_account"])
def test_a_refused_app_sends_nothing_and_goes_on_when_mended(sqlite_world: World, harm: str) -> None:
    """While Slack refuses the app as a whole, it is asked now and then only; mended, all that waited goes out."""
    world = sqlite_world
    cure = {"revoke_token": "restore_token", "inactivate_account": "activate_account"}[harm]
    world.settle()
    world.sandbox.control(harm)
    for user in (GUARD, AGENT):
        world.command(user, LINE)
    shown = world.command(LEADER, "digest")["ephemeral"]
    world.sandbox.act(LEADER, "press", channel=shown["channel"], ts=shown["ts"], action_id="digest.post")
    wait_until(lambda: len(calls(world, "chat.postMessage")) >= 3)
    world.sandbox.control(cure)
    wait_until(lambda: len(world.cards()) == 2 and len(world.cards(DIGEST_CHANNEL)) == 1)
    world.settle()
    assert len(world.cards()) == 2


def test_a_refused_app_is_asked_now_and_then_only(sqlite_url: str) -> None:
    """However many messages wait while the token is revoked, one of them in each interval asks whether it is mended."""
    with running_sandbox() as sandbox, running_bot(sandbox, sqlite_url, "http", replace(QUICK, blocked=1)) as world:
        world.settle()
        sandbox.control("revoke_token")
        for number in range(6):
            world.command(GUARD, f"Let customers choose their hour, part {number}")
        wait_until(lambda: len(calls(world, "chat.postMessage")) >= 3)
        posts = calls(world, "chat.postMessage")
        assert posts[2].at - posts[0].at >= 1.8


def test_a_missing_scope_stops_its_own_calls_only(sqlite_world: World) -> None:
    """Without chat:write nothing is posted, and a press is still answered; granted again, the card follows."""
    world = sqlite_world
    receipt = world.command(GUARD, LINE)["ephemeral"]
    world.settle()
    scopes = set(world.sandbox.workspace.app.scopes)
    world.sandbox.control("set_scopes", scopes=sorted(scopes - {"chat:write"}))
    world.command(AGENT, "Show the queue time before I call you")
    where = {"channel": receipt["channel"], "ts": receipt["ts"]}
    world.sandbox.act(GUARD, "press", **where, action_id="idea.choose_stage", value="use")
    wait_until(lambda: "The stage of CX-1 is set" in words(world.last_ephemeral(GUARD)))
    assert len(world.cards()) == 1
    world.sandbox.control("set_scopes", scopes=sorted(scopes))
    wait_until(lambda: len(world.cards()) == 2)


def test_a_post_that_comes_too_late_is_taken_back(sqlite_world: World) -> None:
    """A post that Slack makes after another replica took the row over, and posted, is removed at once."""
    world = sqlite_world
    world.settle()
    world.sandbox.control("fault", target="chat.postMessage", kind="delay", seconds=2)
    world.command(GUARD, LINE)
    wait_until(lambda: row(world).state == DeliveryState.SENDING)
    taken_over = {"fence": OutboxMessage.fence + 1, "state": DeliveryState.DUE, "message_ts": "1.000001"}
    world.write(update(OutboxMessage).values(shown_revision=OutboxMessage.wanted_revision, **taken_over))
    wait_until(lambda: calls(world, "chat.postMessage"))
    world.settle()
    wait_until(lambda: not world.cards())
    assert row(world).message_ts == "1.000001"
    assert len(calls(world, "chat.delete")) == 1


def test_a_call_that_hangs_holds_up_its_channel_only(sqlite_world: World) -> None:
    """While Slack answers a post in one channel late, a digest in another goes out: it is answered first."""
    world = sqlite_world
    world.settle()
    world.sandbox.control("fault", target="chat.postMessage", kind="delay", seconds=6)
    world.command(GUARD, LINE)
    wait_until(lambda: not world.sandbox.parts.faults.active)
    shown = world.command(LEADER, "digest")["ephemeral"]
    world.sandbox.act(LEADER, "press", channel=shown["channel"], ts=shown["ts"], action_id="digest.post")
    wait_until(lambda: world.cards(DIGEST_CHANNEL) and world.cards())
    answered = [post.request["channel"] for post in calls(world, "chat.postMessage")]
    assert answered == [DIGEST_CHANNEL, IDEAS_CHANNEL]


def test_a_message_that_slack_will_never_take_stops_no_other(sqlite_world: World) -> None:
    """A card refused for its blocks is given up at once; the next one goes out."""
    world = sqlite_world
    world.sandbox.control("fault", target="chat.postMessage", kind="error", error="invalid_blocks")
    world.command(GUARD, LINE)
    world.file(AGENT, "Show the queue time before I call you")
    assert row(world).state == "dead"
    assert row(world).last_error == "invalid_blocks"
    assert [words(card).count("Show the queue time") for card in world.cards()] == [1]


def test_slack_may_be_away_for_any_time(sqlite_world: World) -> None:
    """However many attempts find nobody, a card is not given up; it goes out when Slack is back."""
    world = sqlite_world
    world.settle()
    world.runtime.deps.writes.base_url = "http://127.0.0.1:9/api/"
    world.command(GUARD, LINE)
    wait_until(lambda: row(world).attempts)
    world.write(text("UPDATE outbox SET attempts = 50, not_before = created_at WHERE state = 'due'"))
    wait_until(lambda: row(world).state == "due" and row(world).not_before > row(world).created_at)
    world.runtime.deps.writes.base_url = str(world.settings.slack_api_url)
    world.write(text("UPDATE outbox SET not_before = created_at"))
    wait_until(world.cards)
    world.settle()
    assert len(world.cards()) == 1


def test_a_card_that_an_admin_deleted_stays_deleted(sqlite_world: World) -> None:
    """When a card is gone from Slack, its idea stays, and nothing is posted in its place."""
    world = sqlite_world
    ts = world.file(GUARD, LINE)
    world.react(AGENT, ts)
    world.sandbox.control("delete_message", channel=IDEAS_CHANNEL, ts=ts)
    world.settle()
    assert not world.cards()
    assert "CX-1" in words(world.command(AGENT, "show CX-1")["ephemeral"])
