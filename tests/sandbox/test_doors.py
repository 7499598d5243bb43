"""Whatever is sent to the workspace, it answers in words and goes on working."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from slack_sdk import WebClient

from sandbox.errors import ActError
from sandbox.people import DEACTIVATED_ID, IDEAS_CHANNEL
from sandbox.seeding import stop
from sandbox.server import Sandbox, running_sandbox
from tests.sandbox.asking import ask
from tests.sandbox.clients import AGENT, button

HALF = "half \ud83d a sign"


@pytest.fixture
def paged() -> Iterator[Sandbox]:
    """A new workspace with its page."""
    with running_sandbox(page=True) as running:
        yield running


def send(sandbox: Sandbox, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
    """Send bytes, or ask; gives the status and the body."""
    return ask(sandbox.page + path, body, **headers)


def is_well(sandbox: Sandbox) -> bool:
    """Tell whether all that shows the workspace can still be read."""
    paths = (f"/c/{IDEAS_CHANNEL}?as={AGENT}&panel=1", f"/state?user={AGENT}", "/traffic")
    return [send(sandbox, path)[0] for path in paths] == [200, 200, 200]


@pytest.mark.parametrize("seconds", ["NaN", "Infinity", "1e308", "1e999", "-5", '"x"', "null", "true and more"])
def test_the_clock_takes_only_seconds_that_there_are(paged: Sandbox, seconds: str) -> None:
    """A jump to nowhere is refused in words, and the workspace goes on."""
    status, body = send(paged, "/control", f'{{"do": "advance", "seconds": {seconds}}}'.encode())
    assert (status, json.loads(body)["ok"]) == (400, False)
    assert is_well(paged)


def test_half_characters_become_whole_ones(paged: Sandbox) -> None:
    """Half of a surrogate pair, from the app or from a person, is replaced by a sign that every page can show."""
    token = {"Authorization": f"Bearer {paged.info['bot_token']}", "Content-Type": "application/json"}
    post = json.dumps({"channel": IDEAS_CHANNEL, "text": HALF, "blocks": json.dumps([section(HALF)])}).encode()
    assert json.loads(send(paged, "/api/chat.postMessage", post, **token)[1])["ok"]
    said = json.dumps({"user": AGENT, "do": "say", "channel": IDEAS_CHANNEL, "text": HALF}).encode()
    assert [send(paged, path, said)[0] for path in ("/act", "/do/act")] == [200, 200]
    assert is_well(paged)
    texts = [message["text"] for message in paged.state(AGENT)["channels"][0]["messages"]]
    assert texts == ["half \ufffd a sign"] * 3


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.mark.parametrize("path", ["/act", "/control", "/do/act", "/do/control"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000, b'{"do":' * 200])
def test_what_is_no_object_is_refused(paged: Sandbox, path: str, body: bytes) -> None:
    """A body that is no JSON object is answered in words at every door."""
    status, answer = send(paged, path, body)
    assert status in {200, 400}
    assert json.loads(answer) == {"ok": False, "error": "The body is a JSON object."}


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "events_url", "url": 5},
        {"do": "events_url", "url": "nowhere"},
        {"do": "install", "manifest": 5},
        {"do": "install", "manifest": {"display_information": 5}},
        {"do": "install", "manifest": {"display_information": {"name": "x"}, "features": {"slash_commands": 5}}},
        {"do": "rates", "on": "no"},
        {"do": "seed", "ideas": 10**9},
        {"do": "seed", "wait": "x"},
        {"do": "archive", "channel": []},
    ],
)
def test_a_lever_refuses_what_it_cannot_do(sandbox: Sandbox, request_: dict[str, Any]) -> None:
    """A value that a lever cannot use changes nothing, and the answer says so."""
    before = (sandbox.workspace.app.name, sandbox.parts.rates.on, sandbox.parts.seeding.state)
    with pytest.raises(ActError):
        sandbox.control(**request_)
    assert (sandbox.workspace.app.name, sandbox.parts.rates.on, sandbox.parts.seeding.state) == before
    assert sandbox.parts.delivery.events_url is None


@pytest.mark.parametrize(
    ("body", "error"), [(b"{nope", "invalid_json"), (b"[1]", "json_not_object"), (b"\xff", "invalid_json")]
)
def test_the_web_api_says_what_is_wrong_with_a_body(sandbox: Sandbox, body: bytes, error: str) -> None:
    """A JSON body that is none, or no object, is refused by Slack's names."""
    status, answer = send(sandbox, "/api/auth.test", body, **{"Content-Type": "application/json"})
    assert (status, json.loads(answer)["error"]) == (200, error)


@pytest.mark.parametrize(
    ("method", "keys"),
    [
        ("chat.postMessage", {"text": "x", "link_names": {}}),
        ("conversations.history", {"inclusive": [1]}),
        ("conversations.history", {"cursor": "bmV4dDotNQ=="}),
        ("conversations.history", {"limit": {}}),
    ],
)
def test_arguments_of_the_wrong_type_are_refused(web: WebClient, method: str, keys: dict[str, Any]) -> None:
    """An argument that is no yes or no, no number or no cursor is an error by name."""
    _call(web, "chat.postMessage", {"text": "Card"})
    answer = _call(web, method, keys)
    assert answer["error"] in {"invalid_arguments", "invalid_cursor", "invalid_limit"}


def _call(web: WebClient, method: str, keys: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps({"channel": IDEAS_CHANNEL, **keys}).encode()
    headers = {"Authorization": f"Bearer {web.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{web.base_url}{method}", body, headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - loopback
        result: dict[str, Any] = json.load(answer)
        return result


def test_what_people_enter_is_text(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """Objects in the place of a text or an option are refused in words."""
    row = {"type": "actions", "elements": [button()]}
    ts = web.chat_postMessage(channel=ideas, text="Card", blocks=[row])["ts"]
    wrong: list[Any] = [{}, [[]], [{}]]
    for value in wrong:
        with pytest.raises(ActError):
            sandbox.act(AGENT, "press", channel=ideas, ts=ts, action_id="vote", value=value)


@pytest.mark.parametrize("path", ["/api/chat.postMessage", "/act", "/do/act", "/control"])
def test_a_request_has_a_largest_size(paged: Sandbox, path: str) -> None:
    """More than a mebibyte is not taken in, and what comes next is answered."""
    status, _ = send(paged, path, b"x" * (1_048_576 + 1))
    assert status == 413
    assert is_well(paged)


def test_links_to_other_people_stay_here(paged: Sandbox) -> None:
    """Whatever place a request names, the links to act as others lead to this page."""
    for here in ("//evil.example", "/\\evil.example", "https://evil.example", "/c/../x"):
        _, body = send(paged, f"/menu/acting?as={AGENT}&here={quote(here)}")
        assert 'href="/?as=' in body
        assert "evil" not in body
    assert f'href="/c/{IDEAS_CHANNEL}?as=' in send(paged, f"/menu/acting?as={AGENT}&here=/c/{IDEAS_CHANNEL}")[1]


def test_who_is_not_there_is_said(paged: Sandbox) -> None:
    """An address that names nobody, or somebody who left, says as whom one acts instead."""
    _, body = send(paged, f"/c/{IDEAS_CHANNEL}?as=U0NOBODY")
    assert "There is nobody with the id U0NOBODY: you act as Maja Lindqvist." in body
    _, body = send(paged, f"/c/{IDEAS_CHANNEL}?as={DEACTIVATED_ID}")
    assert "Dan Morris is not here: you act as Maja Lindqvist." in body
    assert "you act as" not in send(paged, f"/c/{IDEAS_CHANNEL}?as={AGENT}")[1]


def test_checks_do_not_hide_the_traffic(paged: Sandbox) -> None:
    """However often the app asks who it is, the panel shows one line for it, and all else."""
    web = WebClient(paged.info["bot_token"], paged.info["api_url"])
    web.chat_postMessage(channel=IDEAS_CHANNEL, text="Card")
    for _ in range(70):
        web.auth_test()
    _, body = send(paged, f"/c/{IDEAS_CHANNEL}?as={AGENT}&panel=1")
    assert "Checked in 70 times" in body
    assert "chat.postMessage</b>" in body
    assert "auth.test</b>" not in body


def test_nobody_acts_in_the_past(paged: Sandbox) -> None:
    """While the past is told, what people at their screens do is refused in words, and possible again afterwards."""
    said = json.dumps({"user": AGENT, "do": "say", "channel": IDEAS_CHANNEL, "text": "Now"}).encode()
    paged.control("seed", ideas=1, votes=1, wait=30)
    for path in ("/act", "/do/act"):
        assert "Wait until it is done" in json.loads(send(paged, path, said)[1])["error"]
    assert "being filled in" in send(paged, f"/c/{IDEAS_CHANNEL}?as={AGENT}")[1]
    paged.wait_for(stop(paged.parts))
    paged.call(lambda: setattr(paged.parts.seeding, "state", "stopped"))
    assert json.loads(send(paged, "/do/act", said)[1])["ok"]


def test_a_window_that_talks_nonsense_is_let_go(paged: Sandbox) -> None:
    """What is no message of the page ends that window alone."""

    async def talk(words: str) -> Any:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{paged.page}/live") as socket:
            await socket.send_str(words)
            return (await socket.receive(5)).type

    assert asyncio.run(talk("{nope")) in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
    assert asyncio.run(talk('{"path": "/\\ud83d", "query": {"as": 5}, "known": []}')) is aiohttp.WSMsgType.TEXT
    assert is_well(paged)
