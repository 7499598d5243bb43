import asyncio
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler as WebsocketClientHandler
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.aiohttp import SocketModeClient as AiohttpClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.errors import ActError
from sandbox.people import EXTERNAL_ID, GUEST_ID, RANDOM_CHANNEL
from sandbox.server import Sandbox
from tests.sandbox.clients import AGENT, CLERK, ENGINEER, Seen, eventually, hang_up


def open_socket(sandbox: Sandbox, acks: Callable[[SocketModeRequest], bool]) -> tuple[SocketModeClient, list[Any]]:
    """Connect the official built-in client; `acks` says which envelopes it acknowledges."""
    web = WebClient(base_url=sandbox.info["api_url"])
    client = SocketModeClient(sandbox.info["app_token"], web_client=web)
    seen: list[Any] = []

    def listen(client: SocketModeClient, request: SocketModeRequest) -> None:
        seen.append(request)
        if acks(request):
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    client.socket_mode_request_listeners.append(listen)  # type: ignore[arg-type]
    before = len(sandbox.parts.sockets.sockets)
    client.connect()
    eventually(lambda: len(sandbox.parts.sockets.sockets) > before)
    return client, seen


def test_hello(sandbox: Sandbox) -> None:
    """A socket greets with the number of connections and the app's id."""
    web = WebClient(token=sandbox.info["app_token"], base_url=sandbox.info["api_url"])

    async def run() -> list[dict[str, Any]]:
        async with aiohttp.ClientSession() as session:
            greetings = []
            for _ in range(2):
                address = str(web.apps_connections_open(app_token=sandbox.info["app_token"])["url"])
                socket = await session.ws_connect(address)
                greetings.append(await socket.receive_json())
            return greetings

    first, second = asyncio.run(run())
    assert (first["type"], first["connection_info"]["app_id"]) == ("hello", sandbox.workspace.app.id)
    assert (first["num_connections"], second["num_connections"]) == (1, 2)


@pytest.mark.parametrize(
    "handler_class", [SocketModeHandler, WebsocketClientHandler], ids=["builtin", "websocket-client"]
)
def test_bolt(sandbox: Sandbox, bolt: tuple[App, Seen], ideas: str, handler_class: Any) -> None:
    """Bolt's command, form with an error and then right, card, reaction and button work over its sync clients."""
    handler = handler_class(bolt[0], sandbox.info["app_token"], ping_interval=1)
    handler.connect()
    eventually(lambda: sandbox.parts.sockets.sockets)
    play_through(sandbox, bolt[1], ideas)
    if handler_class is SocketModeHandler:
        hang_up(sandbox, handler.client)
    else:  # Its close, too, waits for a line that is still there.
        handler.client.auto_reconnect_enabled = False
        sandbox.control("drop_sockets")
        handler.client.close()


def play_through(sandbox: Sandbox, seen: Seen, ideas: str) -> None:
    """Go once through everything that people do with the app."""
    assert sandbox.act(AGENT, "command", text="hello", channel=ideas)["ephemeral"]["text"] == "Filed: hello"
    view = sandbox.act(AGENT, "command", text="/cxidea", channel=ideas)["view"]
    wrong = sandbox.act(AGENT, "submit", view_id=view["id"], values={"title": "bad"})
    assert wrong["errors"] == {"title": "Say more."}
    right = sandbox.act(AGENT, "submit", view_id=view["id"], values={"title": "good"})
    assert right["view"]["callback_id"] == "done"
    sandbox.act(AGENT, "close", view_id=view["id"])
    assert not sandbox.state(AGENT)["views"]
    (card,) = sandbox.state(CLERK)["channels"][0]["messages"]
    sandbox.act(CLERK, "react", channel=ideas, ts=card["ts"], name="heart")
    event = eventually(lambda: seen.of("reaction_added"))[0]["event"]
    assert event["item"] == {"type": "message", "channel": ideas, "ts": card["ts"]}
    assert (event["user"], event["reaction"], event["item_user"]) == (CLERK, "heart", card["user"])
    sandbox.act(CLERK, "press", channel=ideas, ts=card["ts"], action_id="vote")
    assert eventually(lambda: sandbox.state(CLERK)["ephemerals"])[0]["text"] == "Thanks."
    sandbox.act(CLERK, "open_home")
    assert eventually(lambda: seen.of("app_home_opened"))[0]["event"]["tab"] == "home"


def test_aiohttp_client(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """The aiohttp client gets its events too."""

    async def run() -> SocketModeRequest:
        client: Any = AiohttpClient(
            sandbox.info["app_token"], web_client=AsyncWebClient(base_url=sandbox.info["api_url"])
        )
        got: asyncio.Queue[SocketModeRequest] = asyncio.Queue()

        async def listen(client: AiohttpClient, request: SocketModeRequest) -> None:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
            await got.put(request)

        client.socket_mode_request_listeners.append(listen)
        await client.connect()
        await asyncio.to_thread(sandbox.act, AGENT, "react", channel=ideas, ts=ts, name="heart")
        request = await asyncio.wait_for(got.get(), 5)
        await client.close()
        return request

    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    assert asyncio.run(run()).payload["event"]["reaction"] == "heart"


def test_each_envelope_to_one_socket(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """Of several sockets each event reaches exactly one, and over time all of them get some."""
    opened = [open_socket(sandbox, lambda _: True) for _ in range(3)]
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    for name in ("heart", "fire", "100", "tada", "eyes", "rocket", "bulb", "wave", "clap", "star", "zap", "bug"):
        sandbox.act(AGENT, "react", channel=ideas, ts=ts, name=name)
    eventually(lambda: sum(len(seen) for _, seen in opened) == 12)
    assert all(seen for _, seen in opened)
    for client, _ in opened:
        hang_up(sandbox, client)


def test_eleventh_socket(sandbox: Sandbox) -> None:
    """An eleventh socket is sent away; the ten stay."""
    url = WebClient(token=sandbox.info["app_token"], base_url=sandbox.info["api_url"])

    async def run() -> tuple[int, str]:
        async with aiohttp.ClientSession() as session:

            async def connect() -> Any:
                address = str(url.apps_connections_open(app_token=sandbox.info["app_token"])["url"])
                return await session.ws_connect(address)

            sockets = [await connect() for _ in range(10)]
            for socket in sockets:
                await socket.receive_json()
            eleventh = await connect()
            reason = (await eleventh.receive_json())["reason"]
            return len(sandbox.parts.sockets.sockets), reason

    assert asyncio.run(run()) == (10, "too_many_websockets")


def test_ticket_opens_one_socket(sandbox: Sandbox) -> None:
    """The address of apps.connections.open works once."""
    web = WebClient(token=sandbox.info["app_token"], base_url=sandbox.info["api_url"])
    address = str(web.apps_connections_open(app_token=sandbox.info["app_token"])["url"])

    async def run() -> None:
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(address) as socket:
                assert (await socket.receive_json())["type"] == "hello"
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(address)

    asyncio.run(run())


def test_redelivery(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """An event that nobody acknowledges comes again at once, after a minute and after five, and then no more."""
    sandbox.workspace.ack_seconds = 0.2
    client, seen = open_socket(sandbox, lambda _: False)
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    eventually(lambda: len(seen) == 2 and sandbox.parts.delivery.active == 0)
    sandbox.control("advance", seconds=60)
    eventually(lambda: len(seen) == 3)
    eventually(lambda: sandbox.parts.delivery.active == 0)
    sandbox.control("advance", seconds=299)
    time.sleep(0.1)
    assert len(seen) == 3
    sandbox.control("advance", seconds=2)
    eventually(lambda: len(seen) == 4 and sandbox.parts.delivery.active == 0)
    sandbox.control("advance", seconds=3600)
    assert [request.retry_attempt for request in seen] == [0, 1, 2, 3]
    assert [request.retry_reason for request in seen] == ["", *["http_timeout"] * 3]
    assert len({request.payload["event_id"] for request in seen}) == 1
    hang_up(sandbox, client)


def test_failing_listener_gets_it_again(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """Bolt does not acknowledge an event whose listener fails, and hears of it again with the retry number."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    connected.failing = 1
    sandbox.workspace.ack_seconds = 0.5
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    eventually(lambda: len(connected.of("reaction_added")) == 2)
    assert [headers.get("x-slack-retry-num") for headers in connected.headers] == [["0"], ["1"]]


def test_events_while_nobody_listens(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """An event reaches a socket that opens before its last retry."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    eventually(lambda: sandbox.parts.delivery.active == 0)
    client, seen = open_socket(sandbox, lambda _: True)
    sandbox.control("advance", seconds=61)
    assert eventually(lambda: seen)[0].retry_reason == "connection_failed"
    hang_up(sandbox, client)


def test_command_while_nobody_listens(sandbox: Sandbox, ideas: str) -> None:
    """A command that no app answers shows Slack's own line to its author."""
    result = sandbox.act(AGENT, "command", text="hello", channel=ideas)
    assert result["ephemeral"]["text"] == '`/cxidea` failed with the error "dispatch_failed"'
    assert sandbox.state(AGENT)["ephemerals"] == [result["ephemeral"]]


def test_late_command(sandbox: Sandbox, ideas: str) -> None:
    """A command that is not acknowledged within three seconds has failed, and is not delivered again."""
    client, seen = open_socket(sandbox, lambda _: False)
    started = time.monotonic()
    result = sandbox.act(AGENT, "command", text="hello", channel=ideas)
    assert 2.9 < time.monotonic() - started < 3.5
    assert "operation_timeout" in result["ephemeral"]["text"]
    assert len(seen) == 1
    hang_up(sandbox, client)


def test_only_subscribed_events(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """Reactions where the bot is no member, without the scope or the subscription, are not delivered."""
    elsewhere = sandbox.act(AGENT, "say", channel=RANDOM_CHANNEL, text="Lunch?")["ts"]
    sandbox.act(CLERK, "react", channel=RANDOM_CHANNEL, ts=elsewhere, name="heart")
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.workspace.app.events.discard("reaction_removed")
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    sandbox.act(AGENT, "unreact", channel=ideas, ts=ts, name="heart")
    sandbox.control("set_scopes", scopes=["chat:write"])
    sandbox.act(CLERK, "react", channel=ideas, ts=ts, name="heart")
    eventually(lambda: sandbox.parts.delivery.active == 0)
    assert [body["event"]["user"] for body in connected.bodies] == [AGENT]


def test_event_wrapper(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """An event comes in Slack's wrapper."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.act(EXTERNAL_ID, "react", channel=ideas, ts=ts, name="heart")
    body = eventually(lambda: connected.bodies)[0]
    assert body["type"] == "event_callback"
    assert body["api_app_id"] == sandbox.workspace.app.id
    assert body["is_ext_shared_channel"]
    assert body["event_id"].startswith("Ev")
    assert body["authorizations"][0]["user_id"] == web.auth_test()["user_id"]
    assert abs(body["event_time"] - time.time()) < 5


@pytest.mark.parametrize("reason", ["refresh_requested", "link_disabled"])
def test_reconnect(sandbox: Sandbox, connected: Seen, ideas: str, reason: str) -> None:
    """The official client comes back after each way of losing its socket."""
    first = sandbox.parts.sockets.sockets[0]
    sandbox.control("drop_sockets", reason=reason)
    eventually(lambda: sandbox.parts.sockets.sockets and sandbox.parts.sockets.sockets[0] is not first, seconds=15)
    assert sandbox.act(GUEST_ID, "command", text="hello", channel=ideas)["ephemeral"]["text"] == "Filed: hello"
    assert connected.bodies


def test_strangers_have_no_commands(sandbox: Sandbox, connected: Seen, ideas: str) -> None:
    """People of other organisations have no commands and shortcuts of this app."""
    with pytest.raises(ActError):
        sandbox.act(EXTERNAL_ID, "command", text="hello", channel=ideas)
    with pytest.raises(ActError):
        sandbox.act(EXTERNAL_ID, "shortcut", callback_id="idea.share")
    assert sandbox.act(ENGINEER, "shortcut", callback_id="idea.share")["view"]
    assert len(connected.bodies) == 1


def test_a_silent_socket(sandbox: Sandbox, ideas: str) -> None:
    """A socket without a greeting stays open, and gets nothing: a command finds nobody."""
    sandbox.control("fault", target="link", kind="silent")
    greetings: list[str] = []
    client, seen = open_socket(sandbox, lambda _: True)
    client.on_message_listeners.append(greetings.append)
    assert "dispatch_failed" in sandbox.act(AGENT, "command", text="hello", channel=ideas)["ephemeral"]["text"]
    assert client.is_connected()
    assert (greetings, seen) == ([], [])
    hang_up(sandbox, client)


def test_a_deaf_socket(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """What is delivered to a deaf socket never arrives, and comes again on the next one."""
    sandbox.workspace.ack_seconds = 0.2
    sandbox.control("fault", target="link", kind="deaf")
    deaf, unheard = open_socket(sandbox, lambda _: True)
    assert sandbox.parts.sockets.sockets[0].fault == "deaf"
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    eventually(lambda: sandbox.parts.delivery.active == 0)
    assert (deaf.is_connected(), unheard) == (True, [])
    hang_up(sandbox, deaf)
    eventually(lambda: not sandbox.parts.sockets.sockets)
    client, seen = open_socket(sandbox, lambda _: True)
    sandbox.control("advance", seconds=61)
    assert eventually(lambda: seen)[0].retry_reason == "http_timeout"
    hang_up(sandbox, client)
