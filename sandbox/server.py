"""The workspace as a server on loopback: for the command line, and for tests in their own process."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from sandbox.acting import Acting
from sandbox.control import control
from sandbox.doors import build_routes
from sandbox.guard import Guard
from sandbox.incoming import clean
from sandbox.models import Json
from sandbox.parts import build_parts
from sandbox.people import DIGEST_CHANNEL, IDEAS_CHANNEL, TEAM_FIELD
from sandbox.seeding import stop
from sandbox.state import state_of
from sandbox.uvicornserver import QuickServer

Result = TypeVar("Result")


class Sandbox:
    """A workspace and its server; `parts` has everything, `workspace` the state, `page` the address.

    `act`, `control`, `state` and `call` are for tests in the same process: they run on the server's event loop, and
    may be called from any other thread.
    """

    def __init__(
        self, port: int = 0, events_url: str | None = None, seed: int = 1, *, rates: bool = False, page: bool = True
    ) -> None:
        self.parts = build_parts(seed, rates=rates)
        self.workspace = self.parts.workspace
        self._socket = _listen(port)
        self.page = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.workspace.page_url = self.page
        self.deliver_to(events_url)
        self._server = QuickServer(self._config(_page_routes(self) if page else []))
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def info(self) -> Json:
        """What a bot and its tests need to know: the JSON of `python -m sandbox`'s first line."""
        app = self.workspace.app
        return {
            "page": self.page,
            "api_url": f"{self.page}/api/",
            "bot_token": app.bot_token,
            "app_token": app.app_token,
            "signing_secret": app.signing_secret,
            "ideas_channel": IDEAS_CHANNEL,
            "digest_channel": DIGEST_CHANNEL,
            "team_field": TEAM_FIELD,
            "users": [
                {"id": user.id, "name": user.real_name, "role": user.role, "title": user.title}
                for user in self.workspace.users.values()
            ],
        }

    def deliver_to(self, events_url: str | None) -> None:
        """Deliver by signed HTTP to this address from now on, or over Socket Mode when it is None."""
        self.parts.delivery.events_url = events_url

    def act(self, user: str, do: str, **keys: Any) -> Json:
        """Do what a person does, as `POST /act`; raises ActError."""
        return self.wait_for(Acting(self.parts).act(clean({"user": user, "do": do, **keys})))

    def control(self, do: str, **keys: Any) -> Json:
        """Do what `POST /control` does; raises ActError."""
        return self.wait_for(control(self.parts, clean({"do": do, **keys})))

    def state(self, user: str) -> Json:
        """Return what a person sees, as `GET /state`."""
        return self.call(lambda: state_of(self.workspace, self.workspace.users[user]))

    def call(self, work: Callable[[], Result]) -> Result:
        """Run a function on the event loop's thread, where the workspace may be changed."""

        async def run() -> Result:
            return work()

        return self.wait_for(run())

    def wait_for(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine on the server's event loop and return its result."""
        if self._loop is None:
            raise RuntimeError("The sandbox is not running.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def serve(self, on_start: Callable[[], None] = lambda: None) -> None:
        """Run until `stop`, or a signal when this is the main thread."""
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(on_start)  # The socket listens already; uvicorn takes it up in its first step.
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        """End `serve` soon; may be called from any thread."""
        self._server.stop()

    def _config(self, page_routes: list[BaseRoute]) -> uvicorn.Config:
        app = Starlette(routes=[*build_routes(self.parts), *page_routes], lifespan=self._lifespan)
        return uvicorn.Config(
            Guard(app, self.workspace),
            http=self.parts.lines.protocol_class(),
            ws="websockets-sansio",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
        )

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        yield
        await stop(self.parts)
        await self.parts.delivery.close()


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(128)
    return listening


def _page_routes(sandbox: Sandbox) -> list[BaseRoute]:
    from sandbox.web.pages import routes  # noqa: PLC0415 - an API alone does not need the page

    return routes(sandbox)


@contextmanager
def running_sandbox(
    port: int = 0, events_url: str | None = None, seed: int = 1, *, rates: bool = False, page: bool = False
) -> Iterator[Sandbox]:
    """Run a workspace in a thread of this process; it is ready when the block begins and gone when it ends.

    Without `page` there is no HTML page, only the API.
    """
    sandbox = Sandbox(port, events_url, seed, rates=rates, page=page)
    started = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(sandbox.serve(started.set)), name="sandbox", daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield sandbox
    finally:
        sandbox.stop()
        thread.join(10)
