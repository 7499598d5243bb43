import asyncio
import time
from http.client import HTTPException
from typing import Any

import aiohttp
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.errors import ActError
from sandbox.server import Sandbox, running_sandbox
from tests.sandbox.clients import AGENT, CLERK, VP, Seen, eventually


def history(web: WebClient, channel: str) -> list[str]:
    """The texts in a channel."""
    return [message["text"] for message in web.conversations_history(channel=channel)["messages"]]


@pytest.mark.parametrize(("kind", "posted"), [("drop_before", []), ("apply_then_drop", ["Card"])])
def test_dropped_line(sandbox: Sandbox, web: WebClient, ideas: str, kind: str, posted: list[str]) -> None:
    """The line can be cut before a post is done, and after; the caller cannot tell which."""
    sandbox.control("fault", target="chat.postMessage", kind=kind)
    with pytest.raises((OSError, HTTPException)):
        web.chat_postMessage(channel=ideas, text="Card")
    assert history(web, ideas) == posted


def test_default_client_doubles(sandbox: Sandbox, ideas: str) -> None:
    """The official client with its default handlers repeats a post whose answer was lost: two messages."""
    web = WebClient(token=sandbox.info["bot_token"], base_url=sandbox.info["api_url"])
    sandbox.control("fault", target="chat.postMessage", kind="apply_then_drop")
    web.chat_postMessage(channel=ideas, text="Card")
    assert history(web, ideas) == ["Card", "Card"]


@pytest.mark.parametrize(
    ("fault", "error", "posted"),
    [
        ({"kind": "error", "error": "fatal_error"}, "fatal_error", []),
        ({"kind": "apply_then_error", "error": "fatal_error"}, "fatal_error", ["Card"]),
        ({"kind": "ratelimited", "seconds": 7}, "ratelimited", []),
        ({"kind": "status", "status": 503}, "Received a response in a non-JSON format", []),
        ({"kind": "cut_body"}, "Received a response in a non-JSON format", ["Card"]),
    ],
)
def test_bad_answers(sandbox: Sandbox, ideas: str, fault: dict[str, Any], error: str, posted: list[str]) -> None:
    """An answer can be an error, done or not, an HTTP status with HTML, or cut in the middle; once."""
    web = WebClient(base_url=sandbox.info["api_url"], token=sandbox.info["bot_token"], retry_handlers=[])
    sandbox.control("fault", target="chat.postMessage", **fault)
    with pytest.raises(SlackApiError, match=error) as caught:
        web.chat_postMessage(channel=ideas, text="Card")
    assert history(web, ideas) == posted
    assert web.chat_postMessage(channel=ideas, text="Again")["ok"]
    if error == "ratelimited":
        assert (caught.value.response.status_code, caught.value.response.headers["retry-after"]) == (429, "7")


def test_delay(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """An answer can be late."""
    sandbox.control("fault", target="chat.postMessage", kind="delay", seconds=0.3)
    started = time.monotonic()
    web.chat_postMessage(channel=ideas, text="Card")
    assert time.monotonic() - started > 0.3


def test_count_and_clear(sandbox: Sandbox, web: WebClient) -> None:
    """A fault strikes as often as its count says, with 0 until it is cleared, and only its target."""
    sandbox.control("fault", target="auth.test", kind="error", error="internal_error", count=2)
    for _ in range(2):
        with pytest.raises(SlackApiError):
            web.auth_test()
    assert web.auth_test()["ok"]
    sandbox.control("fault", target="*", kind="error", count=0)
    for _ in range(3):
        with pytest.raises(SlackApiError):
            web.users_list()
    sandbox.control("clear_faults")
    assert web.users_list()["ok"]


def test_unknown_fault(sandbox: Sandbox) -> None:
    """A fault that does not exist is refused, with the reason."""
    with pytest.raises(ActError, match="no fault"):
        sandbox.control("fault", target="*", kind="explode")
    with pytest.raises(ActError, match="target and kind"):
        sandbox.control("fault", kind="lose")
    with pytest.raises(ActError, match="There is no 'explode'"):
        sandbox.control("explode")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"target": "auth.test", "kind": "delay", "seconds": "x"}, "seconds is a number"),
        ({"target": "auth.test", "kind": "delay", "seconds": True}, "seconds is a number"),
        ({"target": "auth.test", "kind": "error", "chance": "x"}, "chance is a number"),
        ({"target": "auth.test", "kind": "error", "chance": 1.5}, "chance is a number"),
        ({"target": "auth.test", "kind": "error", "error": 5}, "error is the name"),
        ({"target": "auth.test", "kind": "status", "status": "500"}, "status is a whole number"),
        ({"target": "auth.test", "kind": "status", "status": 200}, "status is a whole number"),
        ({"target": "auth.test", "kind": "error", "count": -1}, "count is a whole number"),
        ({"target": "reaction_added", "kind": "repeat", "times": 0}, "times is a whole number"),
        ({"target": "auth.test", "kind": []}, "kind is a text"),
        ({"target": 5, "kind": "delay"}, "target is a text"),
        ({"target": "auth.test", "kind": "lose"}, "auth.test cannot have 'lose'; it can: drop_before"),
        ({"target": "*", "kind": "refuse"}, r"\* cannot have 'refuse'"),
        ({"target": "reaction_added", "kind": "status"}, "reaction_added cannot have 'status'"),
        ({"target": "events", "kind": "refuse"}, "events cannot have 'refuse'"),
        ({"target": "link", "kind": "delay"}, "link cannot have 'delay'"),
        ({"target": "chat.postMesage", "kind": "delay"}, "no method chat.postMesage"),
    ],
)
def test_faults_that_cannot_be(sandbox: Sandbox, fault: dict[str, Any], reason: str) -> None:
    """A fault with a value that none has, or with a target that it does not fit, is refused with the reason."""
    with pytest.raises(ActError, match=reason):
        sandbox.control("fault", **fault)
    assert sandbox.parts.faults.active == []


def test_all_calls_and_all_events(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """What is set for every call of the Web API leaves events alone, and what is set for every event leaves calls."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.control("fault", target="*", kind="delay", seconds=0.3, count=0)
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    eventually(lambda: len(connected.bodies) == 1)
    sandbox.control("clear_faults")
    sandbox.control("fault", target="events", kind="delay", seconds=600, count=0)
    started = time.monotonic()
    assert web.auth_test()["ok"]
    assert time.monotonic() - started < 5
    sandbox.act(AGENT, "unreact", channel=ideas, ts=ts, name="heart")
    eventually(lambda: sandbox.parts.delivery.active == 0)
    assert len(connected.bodies) == 1
    sandbox.control("advance", seconds=601)
    eventually(lambda: len(connected.bodies) == 2)


def test_a_star_with_what_only_events_have(sandbox: Sandbox) -> None:
    """A kind that only events have means all events also under `*`, and is taken away again under either name."""
    sandbox.control("fault", target="*", kind="lose", count=0)
    assert [fault.target for fault in sandbox.parts.faults.active] == ["events"]
    assert sandbox.control("clear_fault", target="*", kind="lose")["faults"] == []


def test_lost_and_repeated_events(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """An event can be lost, or delivered several times with one event_id."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.control("fault", target="reaction_added", kind="lose")
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    sandbox.control("fault", target="reaction_added", kind="repeat", times=3)
    sandbox.act(CLERK, "react", channel=ideas, ts=ts, name="heart")
    bodies = eventually(lambda: len(connected.bodies) == 4 and connected.bodies)
    assert {body["event"]["user"] for body in bodies} == {CLERK}
    assert len({body["event_id"] for body in bodies}) == 1


def test_reordered_events(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """An event can come after the next one, with its older event_ts."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.control("fault", target="reaction_added", kind="reorder")
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    sandbox.act(AGENT, "unreact", channel=ideas, ts=ts, name="heart")
    eventually(lambda: len(connected.bodies) == 2)
    events = [body["event"] for body in connected.bodies]
    assert [event["type"] for event in events] == ["reaction_removed", "reaction_added"]
    assert events[0]["event_ts"] > events[1]["event_ts"]


def test_delayed_event(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """An event can be late by the workspace's clock."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.control("fault", target="reaction_added", kind="delay", seconds=600)
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    eventually(lambda: sandbox.parts.delivery.active == 0)
    assert not connected.bodies
    sandbox.control("advance", seconds=601)
    eventually(lambda: connected.bodies)


def test_seeded_chance() -> None:
    """A fault with a chance strikes the same calls again under the same seed."""

    def losses(seed: int) -> list[bool]:
        with running_sandbox(seed=seed) as sandbox:
            sandbox.control("fault", target="*", kind="error", count=0, chance=0.5)
            web = WebClient(token=sandbox.info["bot_token"], base_url=sandbox.info["api_url"])
            return [_fails(web) for _ in range(20)]

    first = losses(7)
    assert first == losses(7)
    assert 0 < sum(first) < 20
    assert first != losses(8)


def _fails(web: WebClient) -> bool:
    try:
        web.auth_test()
    except SlackApiError:
        return True
    return False


def test_refused_socket(sandbox: Sandbox) -> None:
    """A new socket can be refused, and a line frozen: pings get no answer, and nothing says so."""
    web = WebClient(base_url=sandbox.info["api_url"], token=sandbox.info["app_token"])

    async def run() -> None:
        async with aiohttp.ClientSession() as session:

            def connect() -> Any:
                address = str(web.apps_connections_open(app_token=sandbox.info["app_token"])["url"])
                return session.ws_connect(address, autoping=False)

            with pytest.raises(aiohttp.WSServerHandshakeError):
                await connect()
            async with connect() as socket:
                await socket.receive_json()
                await socket.ping(b"one")
                assert (await socket.receive(1)).data == b"one"
                await asyncio.to_thread(sandbox.control, "drop_sockets", reason="freeze")
                await socket.ping(b"two")
                with pytest.raises(TimeoutError):
                    await socket.receive(0.2)
                await asyncio.to_thread(sandbox.control, "drop_sockets", reason="drop")

    sandbox.control("fault", target="link", kind="refuse")
    asyncio.run(run())


def test_rates(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """With the rates on, a channel takes a short burst and then one post a second, and each method has its tier."""
    sandbox.control("rates", on=True)

    def post() -> Any:
        return web.chat_postMessage(channel=ideas, text="Card")

    for _ in range(5):
        post()
    with pytest.raises(SlackApiError) as caught:
        post()
    assert caught.value.response.headers["retry-after"] == "1"
    assert web.chat_postMessage(channel=VP, text="Other channels are free")["ok"]
    sandbox.control("advance", seconds=1)
    assert post()["ok"]
    web.apps_connections_open(app_token=sandbox.info["app_token"])
    with pytest.raises(SlackApiError, match="ratelimited") as again:
        web.apps_connections_open(app_token=sandbox.info["app_token"])
    assert int(again.value.response.headers["retry-after"]) >= 59
