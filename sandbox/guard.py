"""What stands in front of every route: who may ask, how much, and what time it is."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.incoming import BODY_BYTES
from sandbox.workspace import Workspace

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Guard:
    """Refuses other sites' pages (by Host and Origin), and dates every answer by the workspace's clock.

    A page of another site can make a browser on this machine send requests here; its Origin gives it away, and a
    name that it points to loopback shows in Host.
    """

    def __init__(self, app: ASGIApp, workspace: Workspace) -> None:
        self._app = app
        self._workspace = workspace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it through."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Date"] = self._workspace.clock.http_date()
            await send(message)

        is_ours = self._is_ours(Headers(scope=scope))
        if scope["type"] == "websocket":
            await (self._app(scope, receive, send) if is_ours else send({"type": "websocket.close", "code": 4003}))
        elif not is_ours:
            await _refuse(send_dated, 403, b"Forbidden\n")
        elif (body := await _bounded_body(receive)) is None:
            await _refuse(send_dated, 413, b"A request has one mebibyte at most\n")
        else:
            await self._app(scope, _read_already(body, receive), send_dated)

    def _is_ours(self, headers: Headers) -> bool:
        host = urlsplit(f"//{headers.get('host', '')}")
        origin = headers.get("origin")
        if host.hostname not in LOOPBACK:
            return False
        return origin is None or urlsplit(origin).netloc == host.netloc


async def _bounded_body(receive: Receive) -> bytes | None:
    """Return a request's whole body, or None when it is too large; what its sender cuts off ends there."""
    body = b""
    while len(body) <= BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body if len(body) <= BODY_BYTES else None
    return None


def _read_already(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def receive_again() -> Message:
        return {"type": "http.request", "body": waiting.pop(), "more_body": False} if waiting else await receive()

    return receive_again


async def _refuse(send: Send, status: int, words: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(words)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})
