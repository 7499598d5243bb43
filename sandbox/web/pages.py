"""The page's addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from sandbox.acting import Acting
from sandbox.control import control
from sandbox.errors import ActError
from sandbox.incoming import read_request
from sandbox.web import menus
from sandbox.web.desk import Desk
from sandbox.web.live import Hub, serve_window
from sandbox.web.location import actors, first_channel, first_viewer, locate
from sandbox.web.scene import PERMALINK
from sandbox.web.shell import document

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import htpy as h
    from starlette.requests import Request
    from starlette.websockets import WebSocket

    from sandbox.models import Json, Message
    from sandbox.server import Sandbox
    from sandbox.web.scene import Scene

PLACE = re.compile(r"/(?:home|c/\w+)")
STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """The page's routes, for the sandbox's server to mount."""
    parts = sandbox.parts
    desk = Desk(parts)
    pages = Pages(desk, Hub(desk), partial(_open_home, Acting(parts)))
    return [
        Route("/", pages.front),
        Route("/c/{channel}", pages.page),
        Route("/dm/{user}", pages.page),
        Route("/home", pages.page),
        Route("/archives/{channel}/{message}", pages.permalink),
        Route("/menu/{kind}", pages.menu),
        Route("/do/act", _quiet(Acting(parts).act_now), methods=["POST"]),
        Route("/do/control", _quiet(partial(control, parts)), methods=["POST"]),
        WebSocketRoute("/live", pages.live),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]


def _quiet(work: Callable[[Json], Awaitable[Json]]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for the page's script: a refusal is an answer like others, not an error in the browser's console."""

    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await work(read_request(await request.body())))
        except ActError as refusal:
            return JSONResponse({"ok": False, "error": str(refusal)})

    return endpoint


async def _open_home(acting: Acting, user_id: str) -> None:
    await acting.act({"user": user_id, "do": "open_home"})


@dataclass(frozen=True, slots=True)
class Pages:
    """Answers the page's requests."""

    desk: Desk
    hub: Hub
    open_home: Callable[[str], Awaitable[None]]

    async def page(self, request: Request) -> Response:
        """The document of a place."""
        place = locate(self.desk.workspace, request.url.path, request.query_params)
        self.desk.arrive(place)
        return _html(document(self.desk.parts(place), place.viewer_id))

    async def front(self, _request: Request) -> Response:
        """The way in: the first channel, as somebody close to customers."""
        viewer = first_viewer(self.desk.workspace)
        return RedirectResponse(f"/c/{first_channel(self.desk.workspace, viewer.id)}?as={viewer.id}", 303)

    async def permalink(self, request: Request) -> Response:
        """A Slack permalink leads to its message."""
        found = PERMALINK.search(request.url.path)
        if not found:
            return await self.front(request)
        place = locate(self.desk.workspace, f"/c/{found['channel']}", request.query_params)
        ts = f"{found['seconds']}.{found['micros']}"
        return RedirectResponse(f"/c/{found['channel']}?as={place.viewer_id}&at={ts}", 303)

    async def menu(self, request: Request) -> Response:
        """What opens at a button."""
        query = request.query_params
        place = locate(self.desk.workspace, f"/c/{query.get('channel', '')}", query)
        scene = self.desk.scene(place)
        message = self._message(query.get("channel", ""), query.get("ts", ""), scene)
        content = self._menu(
            request.path_params["kind"], message, query.get("channel", ""), query.get("here", ""), scene
        )
        return _html(content) if content else Response(status_code=404, headers=HEADERS)

    def _menu(self, kind: str, message: Message | None, channel_id: str, here: str, scene: Scene) -> h.Element | None:
        shortcuts = self.desk.workspace.app.shortcuts
        people = actors(self.desk.workspace)
        if kind in {"react", "message"}:
            if message is None:
                return None
            return menus.picker(message, scene) if kind == "react" else menus.message_menu(message, shortcuts, scene)
        menu: dict[str, Callable[[], h.Element]] = {
            "shortcuts": lambda: menus.shortcut_menu(channel_id, shortcuts),
            "acting": lambda: menus.acting_menu(people, here if PLACE.fullmatch(here) else "/", scene),
            "mention": lambda: menus.mention_list(people, scene),
            "people": lambda: menus.people_menu(people, scene),
        }
        return menu[kind]() if kind in menu else None

    def _message(self, channel_id: str, ts: str, scene: Scene) -> Message | None:
        channel = scene.channels.get(channel_id)
        return channel.messages.get(ts) if channel else None

    async def live(self, socket: WebSocket) -> None:
        """The one connection of a window."""
        await serve_window(socket, self.hub, self.desk, self.open_home)


def _html(element: h.Element) -> HTMLResponse:
    return HTMLResponse(str(element), headers=HEADERS)
