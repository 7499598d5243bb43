import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from sandbox.server import Sandbox
from tests.sandbox.asking import ask
from tests.sandbox.clients import AGENT, CLERK, Seen, bolt_over_http, button, eventually, request_url
from tests.sandbox.test_socketmode import play_through


def test_bolt(sandbox: Sandbox, bolt: tuple[App, Seen], ideas: str) -> None:
    """Bolt accepts the signatures, and everything works over HTTP as over a socket."""
    with bolt_over_http(bolt[0]) as url:
        assert sandbox.control("events_url", url=url)["verified"]
        play_through(sandbox, bolt[1], ideas)


def test_shapes(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """Events are JSON, commands are form fields and interactions a payload in a form, all of them signed."""
    verifier = SignatureVerifier(sandbox.info["signing_secret"])
    bodies: list[tuple[str, str]] = []

    def answer(body: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        assert verifier.is_valid_request(body, headers)
        bodies.append((headers["Content-Type"], body))
        return 200, {}, ""

    row = {"type": "actions", "elements": [button()]}
    ts = web.chat_postMessage(channel=ideas, text="Card", blocks=[row])["ts"]
    with request_url(answer) as url:
        sandbox.deliver_to(url)
        assert sandbox.act(AGENT, "command", channel=ideas, text="hello")["ephemeral"] is None
        sandbox.act(AGENT, "press", channel=ideas, ts=ts, action_id="vote")
        sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
        eventually(lambda: len(bodies) == 3 and sandbox.parts.delivery.active == 0)
    (command_type, command), (_, interaction), (event_type, event) = bodies
    assert command_type == "application/x-www-form-urlencoded"
    assert parse_qs(command)["text"] == ["hello"]
    assert json.loads(parse_qs(interaction)["payload"][0])["type"] == "block_actions"
    assert event_type == "application/json"
    assert json.loads(event)["event"]["type"] == "reaction_added"


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ((200, {"Content-Type": "application/json"}, '{"text": "Hi <b>"}'), "Hi &lt;b&gt;"),
        ((200, {}, "Plain"), "Plain"),
        ((500, {}, "x"), '`/cxidea` failed with the error "http_service_error"'),
        ((404, {}, "x"), '`/cxidea` failed with the error "http_client_error"'),
    ],
)
def test_answers_to_commands(sandbox: Sandbox, ideas: str, answer: tuple[int, dict[str, str], str], shown: str) -> None:
    """What a command is answered with, its author sees; a failure is said in Slack's words."""
    with request_url(lambda _body, _headers: answer) as url:
        sandbox.deliver_to(url)
        assert sandbox.act(AGENT, "command", channel=ideas, text="hello")["ephemeral"]["text"] == shown


def test_answer_for_everyone(sandbox: Sandbox, ideas: str) -> None:
    """An answer with response_type in_channel stands in the channel."""
    answer = json.dumps({"response_type": "in_channel", "text": "Hi all"})
    with request_url(lambda _body, _headers: (200, {}, answer)) as url:
        sandbox.deliver_to(url)
        assert sandbox.act(AGENT, "command", channel=ideas, text="hello")["ephemeral"] is None
    assert sandbox.state(CLERK)["channels"][0]["messages"][0]["text"] == "Hi all"


def test_redelivery(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """An event that is not answered 200 comes again with its number and reason, unless the app forbids it."""
    seen: list[tuple[str | None, str | None]] = []
    no_retry: dict[str, str] = {}

    def answer(_body: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        seen.append((headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")))
        return 500, no_retry, ""

    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    with request_url(answer) as url:
        sandbox.deliver_to(url)
        sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
        eventually(lambda: len(seen) == 2 and sandbox.parts.delivery.active == 0)
        sandbox.control("advance", seconds=61)
        eventually(lambda: len(seen) == 3)
        no_retry["X-Slack-No-Retry"] = "1"
        eventually(lambda: sandbox.parts.delivery.active == 0)
        sandbox.control("advance", seconds=301)
        eventually(lambda: len(seen) == 4)
        assert seen == [(None, None), *[(str(n), "http_error") for n in (1, 2, 3)]]
        sandbox.act(AGENT, "unreact", channel=ideas, ts=ts, name="heart")
        eventually(lambda: len(seen) == 5)
        eventually(lambda: sandbox.parts.delivery.active == 0)
        sandbox.control("advance", seconds=1000)
    assert len(seen) == 5


def test_nobody_there(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """Where nothing listens a command fails, and an event waits for its next try."""
    sandbox.deliver_to("http://127.0.0.1:9/slack/events")
    assert "dispatch_failed" in sandbox.act(AGENT, "command", channel=ideas, text="x")["ephemeral"]["text"]
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    eventually(lambda: [entry.attempt for entry in sandbox.parts.journal.entries if entry.kind == "event"] == [0, 1])


def post(url: str, body: Any) -> tuple[int, str]:
    """Post JSON; gives the status and the body."""
    return ask(url, json.dumps(body).encode(), **{"Content-Type": "application/json"})


def test_response_url(sandbox: Sandbox, ideas: str) -> None:
    """A response URL answers five times: to one person, to everyone, or in place of the message."""
    ts = sandbox.call(lambda: sandbox.parts.response_urls.issue(AGENT, ideas, ""))
    assert post(ts, {"text": "One"}) == (200, "ok")
    assert post(ts, {"text": "Two", "response_type": "in_channel"}) == (200, "ok")
    assert post(ts, {"text": ""})[0] == 400
    assert post(ts, {"text": "x", "blocks": [{"type": "nothing"}]})[0] == 400
    assert post(ts, {"text": "Five"})[0] == 200
    status, body = post(ts, {"text": "Six"})
    assert (status, json.loads(body)["error"]) == (404, "used_url")
    assert [shown["text"] for shown in sandbox.state(AGENT)["ephemerals"]] == ["One", "Five"]
    assert [shown["text"] for shown in sandbox.state(AGENT)["channels"][0]["messages"]] == ["Two"]


def test_response_url_replaces(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """The response URL of a press replaces or deletes what was pressed, ephemeral or not."""
    ts = web.chat_postEphemeral(channel=ideas, user=AGENT, text="Receipt")["message_ts"]
    url = sandbox.call(lambda: sandbox.parts.response_urls.issue(AGENT, ideas, ts))
    post(url, {"text": "Undone", "replace_original": True})
    assert [(shown["ts"], shown["text"]) for shown in sandbox.state(AGENT)["ephemerals"]] == [(ts, "Undone")]
    post(url, {"delete_original": True})
    assert not sandbox.state(AGENT)["ephemerals"]
    card = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    url = sandbox.call(lambda: sandbox.parts.response_urls.issue(AGENT, ideas, card))
    post(url, {"text": "Other", "replace_original": "true"})
    assert web.conversations_history(channel=ideas)["messages"][0]["text"] == "Other"


def test_response_url_expires(sandbox: Sandbox, ideas: str) -> None:
    """A response URL works for thirty minutes."""
    url = sandbox.call(lambda: sandbox.parts.response_urls.issue(AGENT, ideas))
    sandbox.control("advance", seconds=1801)
    status, body = post(url, {"text": "Late"})
    assert (status, json.loads(body)["error"]) == (404, "expired_url")


def test_other_sites(sandbox: Sandbox) -> None:
    """Pages of other sites, and names that only point to this machine, get nothing."""
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        request = urllib.request.Request(f"{sandbox.page}/act", b"{}", headers)  # noqa: S310 - loopback
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=5)  # noqa: S310 - loopback
        assert caught.value.code == 403
        caught.value.close()


def test_act_and_state_over_http(sandbox: Sandbox, ideas: str) -> None:
    """POST /act and GET /state answer JSON; what cannot be done is a 400 with the reason."""
    status, body = post(f"{sandbox.page}/act", {"user": AGENT, "do": "say", "channel": ideas, "text": "Hello"})
    assert (status, json.loads(body)["ok"]) == (200, True)
    with urllib.request.urlopen(f"{sandbox.page}/state?user={CLERK}", timeout=5) as answer:  # noqa: S310 - loopback
        assert json.load(answer)["channels"][0]["messages"][0]["text"] == "Hello"
    refused: list[Any] = [{"user": AGENT, "do": "say", "channel": ideas}, {"do": "say"}, []]
    for wrong in refused:
        status, body = post(f"{sandbox.page}/act", wrong)
        assert (status, json.loads(body)["ok"]) == (400, False)
    with urllib.request.urlopen(f"{sandbox.page}/idle", timeout=5) as answer:  # noqa: S310 - loopback
        assert json.load(answer) == {"idle": True, "pending": 0}
    with urllib.request.urlopen(f"{sandbox.page}/traffic", timeout=5) as answer:  # noqa: S310 - loopback
        entries = json.load(answer)["entries"]
    assert [(entry["kind"], entry["name"], entry["outcome"] == "ok") for entry in entries] == [
        ("act", "say", True),
        ("act", "say", False),
        ("act", "say", False),
    ]
