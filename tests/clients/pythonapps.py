"""The scenario's app on bolt-python, and the ways in which it is connected."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler as WebsocketClientHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.people import IDEAS_CHANNEL
from sandbox.server import Sandbox
from tests.clients.scenario import SHOWN
from tests.sandbox.clients import bolt_over_http, eventually, hang_up

Json = dict[str, Any]


def build_app(sandbox: Sandbox) -> App:
    """Return the app with synchronous listeners."""
    web = WebClient(sandbox.info["bot_token"], sandbox.info["api_url"])
    app = App(client=web, signing_secret=sandbox.info["signing_secret"])

    @app.command("/cxidea")
    @app.shortcut("idea.share")
    @app.shortcut("idea.from_message")
    @app.action("home.share")
    def open_form(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=SHOWN["form"])

    @app.view("idea.form")
    def file(ack: Any, view: Json, client: WebClient) -> None:
        title, stage = entered(view)
        if title == "bad":
            ack(response_action="errors", errors=SHOWN["errors"])
            return
        ack(response_action="update", view=SHOWN["done"])
        client.chat_postMessage(**card(title, stage))

    @app.view_closed("idea.form")
    def on_closed(ack: Any) -> None:
        ack()

    @app.event("reaction_added")
    @app.event("reaction_removed")
    def on_reaction(event: Json, client: WebClient) -> None:
        client.chat_postMessage(**note(event))

    @app.action("idea.vote")
    def on_vote(ack: Any, body: Json, client: WebClient, respond: Any) -> None:
        ack()
        client.chat_update(**voted(body))
        respond(text="Thanks.", replace_original=False)

    @app.event("app_home_opened")
    def on_home(event: Json, client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view=SHOWN["home"])

    return app


def build_async_app(sandbox: Sandbox) -> AsyncApp:
    """Return the same app with asynchronous listeners."""
    web = AsyncWebClient(sandbox.info["bot_token"], sandbox.info["api_url"])
    app = AsyncApp(client=web, signing_secret=sandbox.info["signing_secret"])

    @app.command("/cxidea")
    @app.shortcut("idea.share")
    @app.shortcut("idea.from_message")
    @app.action("home.share")
    async def open_form(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=SHOWN["form"])

    @app.view("idea.form")
    async def file(ack: Any, view: Json, client: AsyncWebClient) -> None:
        title, stage = entered(view)
        if title == "bad":
            await ack(response_action="errors", errors=SHOWN["errors"])
            return
        await ack(response_action="update", view=SHOWN["done"])
        await client.chat_postMessage(**card(title, stage))

    @app.view_closed("idea.form")
    async def on_closed(ack: Any) -> None:
        await ack()

    @app.event("reaction_added")
    @app.event("reaction_removed")
    async def on_reaction(event: Json, client: AsyncWebClient) -> None:
        await client.chat_postMessage(**note(event))

    @app.action("idea.vote")
    async def on_vote(ack: Any, body: Json, client: AsyncWebClient, respond: Any) -> None:
        await ack()
        await client.chat_update(**voted(body))
        await respond(text="Thanks.", replace_original=False)

    @app.event("app_home_opened")
    async def on_home(event: Json, client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view=SHOWN["home"])

    return app


def entered(view: Json) -> tuple[str, str | None]:
    """Return the title and the stage that a form was sent with."""
    values = view["state"]["values"]
    option = values["stage"]["stage"]["selected_option"]
    return values["title"]["title"]["value"], option["value"] if option else None


def card(title: str, stage: str | None) -> Json:
    """Return the arguments that post a card."""
    text = f"{title} ({stage})"
    return {"channel": IDEAS_CHANNEL, "text": text, "blocks": SHOWN["card"], "metadata": SHOWN["metadata"]}


def note(event: Json) -> Json:
    """Return the arguments that post a reaction's note into the card's thread."""
    item = event["item"]
    text = f"{event['type']} {event['reaction']}"
    return {"channel": item["channel"], "thread_ts": item["ts"], "text": text}


def voted(body: Json) -> Json:
    """Return the arguments that update the pressed card."""
    place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
    return place | {"text": f"Voted by {body['user']['id']}", "blocks": SHOWN["voted"]}


@contextmanager
def over_builtin(sandbox: Sandbox) -> Iterator[None]:
    """Connect over slack_sdk's own WebSocket client."""
    handler: Any = SocketModeHandler(build_app(sandbox), sandbox.info["app_token"], ping_interval=1)
    handler.connect()
    eventually(lambda: sandbox.parts.sockets.sockets)
    try:
        yield
    finally:
        hang_up(sandbox, handler.client)


@contextmanager
def over_websocket_client(sandbox: Sandbox) -> Iterator[None]:
    """Connect over the websocket-client package."""
    handler: Any = WebsocketClientHandler(build_app(sandbox), sandbox.info["app_token"], ping_interval=1)
    handler.connect()
    eventually(lambda: sandbox.parts.sockets.sockets)
    try:
        yield
    finally:
        handler.client.auto_reconnect_enabled = False
        sandbox.control("drop_sockets")  # Its close waits for a line that is still there.
        handler.client.close()


@contextmanager
def over_aiohttp(sandbox: Sandbox) -> Iterator[None]:
    """Connect the asynchronous app over aiohttp, in a thread with a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="bolt")
    thread.start()

    def wait_for(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=10)

    async def connect() -> AsyncSocketModeHandler:
        handler = AsyncSocketModeHandler(build_async_app(sandbox), sandbox.info["app_token"], ping_interval=1)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        return handler

    handler = wait_for(connect())
    eventually(lambda: sandbox.parts.sockets.sockets)
    try:
        yield
    finally:
        wait_for(handler.close_async())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def over_http(sandbox: Sandbox) -> Iterator[None]:
    """Deliver to the app's request URL, once it has answered the challenge."""
    with bolt_over_http(build_app(sandbox)) as url:
        assert sandbox.control("events_url", url=url)["verified"]
        yield


CONNECTIONS: dict[str, Callable[[Sandbox], AbstractContextManager[None]]] = {
    "builtin": over_builtin,
    "aiohttp": over_aiohttp,
    "websocket-client": over_websocket_client,
    "http": over_http,
}
