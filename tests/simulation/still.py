"""A workspace in the caller's own thread: the sandbox's Web API and its people, without sockets and event loop."""

import http.client
import io
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_string
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.response import addinfourl

from starlette.routing import Router

from sandbox.delivery import Delivery
from sandbox.doors import build_routes
from sandbox.guard import Guard
from sandbox.lines import Lines, Scope
from sandbox.models import Json
from sandbox.packets import Reply
from sandbox.parts import build_parts
from sandbox.payloads import event_wrapper
from sandbox.server import Sandbox

Result = TypeVar("Result")
PAGE = "http://127.0.0.1:1"


def complete(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine that waits for nothing to its end."""
    try:
        work.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    work.close()
    raise RuntimeError("It waits for something, and there is no event loop.")


class _CutLines(Lines):
    """No connections: a line that the workspace cuts is marked in its scope."""

    def abort(self, scope: Scope) -> None:
        scope["is_cut"] = True


class Mail(Delivery):
    """What the workspace has to deliver: events pile up until somebody carries one, the rest is asked at once."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.events: list[Json] = []
        self.carry: Callable[[str, Json], Reply] = lambda _kind, _payload: Reply(failure="connection_failed")

    def announce(self, event: Json) -> None:
        """Keep an event that the app subscribes to."""
        if event["type"] in self._workspace.app.events:
            self.events.append(event_wrapper(self._workspace, event))

    async def ask(self, kind: str, payload: Json) -> Reply:
        """Deliver a command or an interaction."""
        return self.carry(kind, payload)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP; `is_cut`: nothing did."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    is_cut: bool


class StillSandbox(Sandbox):
    """A sandbox that listens nowhere; everything that it is asked happens before the call returns."""

    def __init__(self, seed: int = 1) -> None:
        parts = build_parts(seed)
        self.mail = Mail(parts.workspace, parts.journal, parts.faults, parts.sockets)
        self.parts = replace(parts, lines=_CutLines(), delivery=self.mail)
        self.workspace = parts.workspace
        self.page = self.workspace.page_url = PAGE
        self._door = Guard(Router(build_routes(self.parts)), self.workspace)

    def wait_for(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine to its end."""
        return complete(work)

    def request(self, request: urllib.request.Request) -> Answer:
        """Answer an HTTP request as the workspace's server would."""
        data = request.data if isinstance(request.data, bytes) else b""
        headers = {"host": request.host, "content-length": str(len(data))} | dict(request.header_items())
        scope = _scope(request, [(name.lower().encode(), value.encode()) for name, value in headers.items()])
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": data, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        complete(self._door(scope, receive, send))
        head = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], head, body, "is_cut" in scope)


def _scope(request: urllib.request.Request, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    parts = urlsplit(request.full_url)
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.get_method(),
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 2),
        "server": ("127.0.0.1", 1),
    }


Passing = Callable[[str, Callable[[], Answer]], Answer]


class Line(urllib.request.HTTPHandler):
    """Python's own way to HTTP, with the workspace at the other end instead of a socket.

    `passing` stands between them: it gets the method's name and the request as a function that has it answered.
    """

    def __init__(self, sandbox: StillSandbox) -> None:
        super().__init__()
        self._sandbox = sandbox
        self.passing: Passing = lambda _method, go: go()

    def http_open(self, req: urllib.request.Request) -> Any:
        """Have a request answered; raises RemoteDisconnected where the line was cut."""
        folder, _, name = urlsplit(req.full_url).path.rpartition("/")
        answer = self.passing(name if folder == "/api" else "response_url", lambda: self._sandbox.request(req))
        if answer.is_cut:
            raise http.client.RemoteDisconnected("Remote end closed connection without response")
        head = message_from_string(
            "".join(f"{name}: {value}\n" for name, value in answer.headers), http.client.HTTPMessage
        )
        response: Any = addinfourl(io.BytesIO(answer.body), head, req.full_url, answer.status)
        response.msg = http.client.responses.get(answer.status, "")
        return response


@contextmanager
def connected(sandbox: StillSandbox) -> Iterator[Line]:
    """Lead all HTTP of this process to the workspace until the end of the block."""
    line = Line(sandbox)
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({}), line))
    try:
        yield line
    finally:
        urllib.request.install_opener(None)  # As it was: Python builds one when needed.
