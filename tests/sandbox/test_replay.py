"""What a journal file recorded happens again in another workspace."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import ActError
from sandbox.journalfile import NoJournal, journal_written, read_journal
from sandbox.replay import Replay
from sandbox.server import Sandbox, running_sandbox
from tests.browser.double import running_double
from tests.sandbox.clients import AGENT, CLERK, ENGINEER, VP, eventually
from tests.sandbox.test_process import ROOT

GUARD = "U0OTIENO01"
IDEAS = "C0CXIDEAS1"
WEEK = 7 * 86_400
Json = dict[str, Any]
# What is another in every run: times, and the ids that the workspace draws.
OWN = {"ts", "thread_ts", "now", "edited", "hash", "id", "root_view_id", "previous_view_id", "block_id"}


def likeness(value: Any) -> Any:
    """What a person sees, apart from times and ids."""
    if isinstance(value, dict):
        return {key: likeness(inner) for key, inner in value.items() if key not in OWN}
    return [likeness(inner) for inner in value] if isinstance(value, list) else value


def seen(sandbox: Sandbox) -> list[Any]:
    """What several people see."""
    return [likeness(sandbox.state(user)) for user in (GUARD, AGENT, CLERK, ENGINEER, VP)]


def messages(sandbox: Sandbox, channel: str = IDEAS) -> list[Json]:
    """A channel's messages, oldest first."""
    (found,) = [each for each in sandbox.state(VP)["channels"] if each["id"] == channel]
    listed: list[Json] = found["messages"]
    return listed


def settle(sandbox: Sandbox) -> None:
    """Wait until nothing is under way."""
    eventually(lambda: sandbox.parts.delivery.active == 0)


@dataclass
class Session:
    """Somebody's afternoon with the stand-in for a bot, as a file and as what was to be seen at its end."""

    path: Path
    seen: list[Any] = field(default_factory=list)


@contextmanager
def recording(path: Path) -> Iterator[Sandbox]:
    """Yield a workspace with the stand-in in it, whose journal goes into a file."""
    with running_sandbox() as sandbox, running_double(sandbox), journal_written(path, sandbox.parts):
        yield sandbox


@contextmanager
def replaying(path: Path, patience: float = 20) -> Iterator[tuple[Sandbox, Replay]]:
    """Yield a workspace in which a file was played again."""
    with running_sandbox() as sandbox:
        replay = sandbox.call(lambda: Replay(sandbox.parts, read_journal(path), patience, noticing=0))
        with running_double(sandbox):
            sandbox.wait_for(replay.run())
            settle(sandbox)
            yield sandbox, replay


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session of everything that people and evaluators do."""
    found = Session(tmp_path / "session.jsonl")
    with recording(found.path) as sandbox:
        spend_an_afternoon(sandbox)
        found.seen = seen(sandbox)
    return found


def spend_an_afternoon(sandbox: Sandbox) -> None:
    """File by line and by form, vote, take back, reply, press, break, and let a week pass."""
    answer = sandbox.act(GUARD, "command", text="Let customers choose a time", channel=IDEAS)
    first = eventually(lambda: messages(sandbox))[0]["ts"]
    form = sandbox.act(CLERK, "command", text="", channel=IDEAS)["view"]
    values = {"title": "Show the place in the queue", "stage": "use"}
    done = sandbox.act(CLERK, "submit", view_id=form["id"], values=values)["view"]
    second = eventually(lambda: messages(sandbox)[1:])[0]["ts"]
    sandbox.act(CLERK, "close", view_id=done["id"])
    for user in (AGENT, ENGINEER, VP):
        sandbox.act(user, "react", channel=IDEAS, ts=second, name="+1")
    sandbox.act(ENGINEER, "unreact", channel=IDEAS, ts=second, name="+1")
    with pytest.raises(ActError, match="no_reaction"):
        sandbox.act(ENGINEER, "unreact", channel=IDEAS, ts=second, name="+1")
    sandbox.control("fault", target="reaction_added", kind="repeat", times=2)
    sandbox.act(ENGINEER, "react", channel=IDEAS, ts=first, name="fire")
    reply = sandbox.act(AGENT, "say", channel=IDEAS, text="Callers ask for it.", thread_ts=second)["ts"]
    sandbox.act(VP, "react", channel=IDEAS, ts=reply, name="heart")
    sandbox.control("advance", seconds=WEEK)
    sandbox.act(AGENT, "press", channel=IDEAS, ts=second, action_id="vote", block_id="vote")
    eventually(lambda: messages(sandbox)[1]["edited"])
    shown = answer["ephemeral"]
    undo = {"action_id": "undo", "block_id": shown["blocks"][1]["block_id"]}
    sandbox.act(GUARD, "press", channel=IDEAS, ts=shown["ts"], **undo)
    eventually(lambda: not sandbox.workspace.ephemerals)
    sandbox.act(VP, "open_home")
    eventually(lambda: sandbox.state(VP)["home"])
    settle(sandbox)


def test_a_recorded_session_happens_again(session: Session) -> None:
    """Played against another stand-in, the same people see the same, a week later too, and a refusal is no failure."""
    with replaying(session.path) as (sandbox, replay):
        assert (replay.trouble, replay.differing) == ("", 0)
        assert replay.played == sum(line.request is not None for line in read_journal(session.path).lines) == 17
        eventually(lambda: seen(sandbox) == session.seen)
        first, second = [float(message["ts"]) for message in messages(sandbox)]
        assert second - first < 60
        assert sandbox.workspace.clock.now() - second > WEEK


def test_a_replay_can_be_recorded_and_replayed(session: Session, tmp_path: Path) -> None:
    """A second playing ends like the first, and the journal of a replay tells what the first one told."""
    again = tmp_path / "again.jsonl"
    with running_sandbox() as sandbox:
        replay = sandbox.call(lambda: Replay(sandbox.parts, read_journal(session.path), noticing=0))
        with running_double(sandbox), journal_written(again, sandbox.parts):
            sandbox.wait_for(replay.run())
            settle(sandbox)
            eventually(lambda: seen(sandbox) == session.seen)
    asked = [[line.request for line in read_journal(path).lines if line.request] for path in (session.path, again)]
    # The stand-in's button has no block_id of its own, so that Slack's is another each time.
    first, second = [re.sub(r'("[A-Z0-9]{5}")', '"block"', json.dumps(each)) for each in asked]
    assert first == second
    with replaying(again) as (sandbox, _):
        eventually(lambda: seen(sandbox) == session.seen)


def test_the_file_names_things_and_keeps_secrets(session: Session) -> None:
    """It has each exchange with its outcome, no ids that another run would not know, no token and no payload."""
    text = session.path.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[0].keys() == {"journal", "version", "seed", "began", "rates", "manifest"}
    assert {line["kind"] for line in lines[1:]} >= {
        "act",
        "control",
        "event",
        "command",
        "interaction",
        "api",
    }
    assert all({"at", "name", "outcome", "milliseconds", "attempt"} <= line.keys() for line in lines[1:])
    assert not [line for line in lines[1:] if ("request" in line) != (line["kind"] in {"act", "control"})]
    with running_sandbox() as sandbox:
        app = sandbox.workspace.app
    assert not [word for word in (app.bot_token, app.app_token, app.signing_secret, 'response_url":') if word in text]
    presses = [line["request"] for line in lines if line.get("name") == "press"]
    assert presses[0]["ts"] == {"message_of": app.bot_user_id, "channel": IDEAS, "number": 2}
    assert presses[1]["ts"] == {"private_of": GUARD, "number": 1}


def test_a_reaction_that_overtook_another_overtakes_it_again(tmp_path: Path) -> None:
    """An event that a fault held back until the next one is not waited for before the next one."""
    path = tmp_path / "journal"
    with recording(path) as sandbox:
        said = sandbox.act(GUARD, "say", channel=IDEAS, text="Hello")["ts"]
        sandbox.control("fault", target="reaction_added", kind="reorder")
        for user in (AGENT, CLERK):
            sandbox.act(user, "react", channel=IDEAS, ts=said, name="+1")
        settle(sandbox)
        assert voters(sandbox) == [CLERK, AGENT]
    with replaying(path) as (sandbox, _):
        assert voters(sandbox) == [CLERK, AGENT]


def voters(sandbox: Sandbox) -> list[str]:
    """Who reacted, in the order in which the app heard of it."""
    return [entry.request["event"]["user"] for entry in sandbox.parts.journal.entries if entry.kind == "event"]


def test_direct_messages_and_other_doors_are_found_again(tmp_path: Path) -> None:
    """A direct message is known by its two people, a form that lies on another's screen is refused again."""
    path = tmp_path / "journal"
    with recording(path) as sandbox:
        said = sandbox.act(GUARD, "say", channel=AGENT, text="Seen the new cards?")
        sandbox.act(AGENT, "react", channel=said["channel"], ts=said["ts"], name="eyes")
        view = sandbox.act(AGENT, "shortcut", callback_id="idea.from_message", channel=GUARD, ts=said["ts"])["view"]
        with pytest.raises(ActError):
            sandbox.act(CLERK, "submit", view_id=view["id"], values={})
        sandbox.control("events_url", url=None)
        sandbox.control("delete_message", channel=said["channel"], ts=said["ts"])
        before = seen(sandbox)
    with replaying(path) as (sandbox, replay):
        assert (replay.played, replay.differing, seen(sandbox)) == (5, 0, before)


def test_what_never_comes_ends_the_replay_in_a_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Against an app that posts no card, the replay names the line and what it lacks, and the workspace stays."""
    path = tmp_path / "journal"
    with recording(path) as sandbox:
        sandbox.act(GUARD, "say", channel=IDEAS, text="Before")
        sandbox.act(GUARD, "command", text="Let customers choose a time", channel=IDEAS)
        card = eventually(lambda: messages(sandbox)[1:])[0]["ts"]
        sandbox.act(AGENT, "react", channel=IDEAS, ts=card, name="+1")
    entries = read_journal(path).lines
    lines = path.read_text("utf-8").splitlines()
    (filed,) = [line.line for line in entries if line.name == "command"]
    (vote,) = [line.line for line in entries if line.name == "react"]
    path.write_text("\n".join(lines[: filed - 1] + lines[filed:]), "utf-8")
    with replaying(path, patience=0.2) as (sandbox, replay):
        wanted = f"Line {vote - 1} (react) cannot be played: message 1 of CX ideas in #cx-ideas is not there."
        assert (replay.trouble, replay.played) == (wanted, 1)
        assert len(messages(sandbox)) == 1
    assert "chat.postMessage did not come" in caplog.text


def test_many_at_once_are_written_each(tmp_path: Path) -> None:
    """What is begun while something else is under way has its line, and is played in the order of beginning."""
    path = tmp_path / "journal"
    with recording(path) as sandbox:
        sandbox.workspace.ack_seconds = 0.3
        sandbox.control("fault", target="views.open", kind="delay", seconds=0.2)
        loop = asyncio.run_coroutine_threadsafe
        from sandbox.acting import Acting

        acting, own = Acting(sandbox.parts), sandbox._loop
        assert own
        slow = loop(acting.act({"user": GUARD, "do": "command", "text": "", "channel": IDEAS}), own)
        eventually(lambda: sandbox.parts.delivery.active)
        sandbox.act(AGENT, "say", channel=IDEAS, text="Meanwhile")
        slow.result(5)
    names = [line.name for line in read_journal(path).lines if line.kind == "act"]
    written = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert names == ["command", "say"]
    assert [line["name"] for line in written if line.get("kind") == "act"] == ["say", "command"]


def test_the_app_is_out_of_reach_as_long_as_it_was(tmp_path: Path) -> None:
    """What people did while no app was there meets nobody again; then it connects anew, and gets what follows."""
    path = tmp_path / "journal"
    with running_sandbox() as sandbox, journal_written(path, sandbox.parts):
        for number, name in enumerate(("Early", "Later"), start=1):
            sandbox.act(GUARD, "command", text=name, channel=IDEAS)
            with running_double(sandbox):
                sandbox.act(GUARD, "command", text=f"{name} enough", channel=IDEAS)
                wait_for_posts(sandbox, number)
        before = seen(sandbox)
    # How the stand-in is told to go is no part of the story; here it was as if its process had ended.
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if '"drop_sockets"' not in line), "utf-8")
    with replaying(path) as (sandbox, replay):
        assert (replay.trouble, seen(sandbox)) == ("", before)
        assert [message["text"] for message in messages(sandbox)] == ["Early enough", "Later enough"]
        outcomes = [entry.outcome for entry in sandbox.parts.journal.entries if entry.kind == "command"]
        assert outcomes == ["connection_failed", "ok", "connection_failed", "ok"]


def wait_for_posts(sandbox: Sandbox, count: int) -> None:
    """Wait until the app has posted so many messages."""
    eventually(lambda: len(messages(sandbox)) == count)


def test_a_filling_is_one_line_and_fills_again(tmp_path: Path) -> None:
    """The story's acts are not recorded one by one; the same story is told again, and what follows comes after it."""
    path = tmp_path / "journal"
    with recording(path) as sandbox:
        sandbox.control("seed", ideas=4, votes=20, wait=0)
        eventually(lambda: sandbox.parts.seeding.state == "done", 30)
        sandbox.control("seeding")
        sandbox.act(VP, "react", channel=IDEAS, ts=messages(sandbox)[-1]["ts"], name="tada")
        settle(sandbox)
        before = seen(sandbox)
    assert [line.name for line in read_journal(path).lines if line.request] == ["seed", "react"]
    with replaying(path) as (sandbox, replay):
        assert (replay.trouble, seen(sandbox)) == ("", before)


HEAD = (
    '{"journal": "cxidea sandbox", "version": 1, "seed": 1, "began": 1764000000.5, "rates": false, "manifest": null}\n'
)
GOOD = '{"number": 1, "at": 1764000001, "kind": "act", "name": "say", "outcome": "ok", "request": {"do": "say"}}\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no journal of a workspace"),
        ("Dear diary,\n", "is no journal of a workspace"),
        ('{"ok": true}\n', "is no journal of a workspace"),
        (b"\xff\xfe\x00", "is no journal of a workspace: it is not text"),
        (HEAD.replace(": 1,", ": 2,", 1), "is a journal of version 2; this workspace reads version 1"),
        (HEAD.replace("1764000000.5", "NaN"), "Line 1 of .* is garbled"),
        (HEAD + GOOD + GOOD[:40], "Line 3 of .* is garbled"),
        (HEAD + "[]\n", "Line 2 of .* is garbled"),
        (HEAD + GOOD.replace("1764000001", '"now"'), "Line 2 of .* is garbled"),
        (HEAD + GOOD.replace(', "request": {"do": "say"}', ""), "Line 2 of .* is garbled"),
        (HEAD + "[" * 100_000, "Line 2 of .* is garbled"),
    ],
)
def test_what_is_no_journal_is_refused_in_a_line(tmp_path: Path, text: str | bytes, reason: str) -> None:
    """A file of another kind, version or end is refused by name and line."""
    path = tmp_path / "journal"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(NoJournal, match=reason) as refusal:
        read_journal(path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("--replay", r".* is no journal of a workspace\. `python -m sandbox --journal FILE` writes one\."),
        ("--journal", r".* cannot be written: it is there already\. Name another file with --journal\."),
    ],
)
def test_a_wrong_file_ends_the_start(tmp_path: Path, option: str, reason: str) -> None:
    """With a file that is no journal to replay, or one that is in use to write, the start ends with one line and 1."""
    path = tmp_path / "journal"
    path.write_text("Dear diary,\n")
    command = [sys.executable, "-m", "sandbox", "--port", "0", option, str(path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch(reason + r"\n", result.stderr)
    assert path.read_text() == "Dear diary,\n"
