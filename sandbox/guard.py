"""What stands in front of every route: who may ask, and what time it is."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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

        if self._is_ours(Headers(scope=scope)):
            await self._app(scope, receive, send_dated)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4003})
        else:
            headers = [(b"content-type", b"text/plain"), (b"content-length", b"10")]
            await send_dated({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": b"Forbidden\n"})

    def _is_ours(self, headers: Headers) -> bool:
        host = urlsplit(f"//{headers.get('host', '')}")
        origin = headers.get("origin")
        if host.hostname not in LOOPBACK:
            return False
        return origin is None or urlsplit(origin).netloc == host.netloc
