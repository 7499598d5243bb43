"""The open windows, and what each of them is sent when something changes.

A place is drawn once for all windows that show it. A window's queue is bounded: one that does not keep up is closed,
and its script comes back for the whole difference.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.incoming import read_object
from sandbox.models import Change
from sandbox.web.location import Location, locate
from sandbox.web.parts import lacking

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.web.desk import Desk

LONGEST_QUEUE = 64
GATHERED_FOR = 0.012
TICK = 20.0
TRY_AGAIN_LATER = 1013
EVERYWHERE = {"channel", "user", "clock", "seeding"}


@dataclass(eq=False, slots=True)
class Window:
    """One connected window: what it shows (`known`: part id -> version) and what waits to be sent."""

    known: dict[str, str] = field(default_factory=dict)
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(LONGEST_QUEUE))
    place: Location | None = None
    lags: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, message: dict[str, Any]) -> None:
        """Put a message into the queue, or note that the window lags."""
        try:
            self.queue.put_nowait(json.dumps(message))
        except asyncio.QueueFull:
            self.lags.set()


class Hub:
    """All windows by the place that they show; listens to the workspace's change feed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._windows: dict[Location, set[Window]] = defaultdict(set)
        self._changes: list[Change] = []
        self._is_ticking = False
        self._rested_at = 0.0
        desk.workspace.subscribe(self._note)

    def show(self, window: Window, place: Location, path: str) -> None:
        """Bring a window to a place, and keep it up to date there."""
        if window.place and (window.place.viewer_id, window.place.channel_id) != (place.viewer_id, place.channel_id):
            self._desk.arrive(place)
        self.leave(window)
        window.place = place
        self._windows[place].add(window)
        window.offer({"ops": lacking(window.known, self._desk.parts(place)), "path": path})
        if not self._is_ticking:
            self._is_ticking = True
            asyncio.get_running_loop().call_later(TICK, self._tick)

    def leave(self, window: Window) -> None:
        """Forget a window."""
        if window.place is None:
            return
        self._windows[window.place].discard(window)
        if not self._windows[window.place]:
            del self._windows[window.place]
        window.place = None

    def _note(self, change: Change) -> None:
        """Gather what changes in one breath: fifty votes are one drawing."""
        if not self._windows:
            return
        if not self._changes:
            rest = self._rested_at - time.perf_counter()
            asyncio.get_running_loop().call_later(max(GATHERED_FOR, rest), self._publish)
        self._changes.append(change)

    def _tick(self) -> None:
        """Let clocks and days go on in windows where nothing else happens."""
        self._is_ticking = bool(self._windows)
        if self._is_ticking:
            self._note(Change("clock"))
            asyncio.get_running_loop().call_later(TICK, self._tick)

    def _publish(self) -> None:
        """Send every window its difference, then rest as long: when much happens, drawing takes half of the time."""
        began = time.perf_counter()
        changes, self._changes = self._changes, []
        for place, windows in list(self._windows.items()):
            if not any(concerns(change, place) for change in changes):
                continue
            parts = self._desk.parts(place)
            for window in windows:
                if operations := lacking(window.known, parts):
                    window.offer({"ops": operations})
        ended = time.perf_counter()
        self._rested_at = ended + (ended - began)


def concerns(change: Change, place: Location) -> bool:
    """Tell whether a change can be seen from a place."""
    if change.kind in EVERYWHERE:
        return True
    if change.kind in {"traffic", "faults"}:
        return place.has_panel
    if change.kind in {"view", "home", "ephemeral"}:
        return change.user_id == place.viewer_id
    return change.kind == "message" or change.channel_id == place.channel_id


async def serve_window(socket: WebSocket, hub: Hub, desk: Desk, opened_home: Callable[[str], Awaitable[None]]) -> None:
    """Serve one window's socket until it goes away or lags."""
    await socket.accept()
    window = Window()
    tasks = [asyncio.create_task(_send(socket, window)), asyncio.create_task(window.lags.wait())]
    tasks.append(asyncio.create_task(_follow(socket, window, hub, desk, opened_home)))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.leave(window)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if window.lags.is_set():
        with suppress(RuntimeError, WebSocketDisconnect):  # it may have gone by itself meanwhile
            await socket.close(TRY_AGAIN_LATER)


async def _send(socket: WebSocket, window: Window) -> None:
    while True:
        await socket.send_text(await window.queue.get())


async def _follow(
    socket: WebSocket, window: Window, hub: Hub, desk: Desk, opened_home: Callable[[str], Awaitable[None]]
) -> None:
    """Read where the window goes: its address, and the versions of the parts that it shows."""
    with suppress(WebSocketDisconnect):
        while True:
            try:
                wish = read_object(await socket.receive_text())
            except ValueError:
                return  # No script of this page; it has nothing to say.
            path, query, known = str(wish.get("path")), _words(wish.get("query")), _words(wish.get("known"))
            place = locate(desk.workspace, path, query)
            before = window.place
            was_home = before is not None and not before.channel_id and before.viewer_id == place.viewer_id
            window.known = known
            hub.show(window, place, canonical(place, path))
            if not place.channel_id and not was_home:
                await opened_home(place.viewer_id)


def _words(value: Any) -> dict[str, str]:
    return {key: str(item) for key, item in value.items()} if isinstance(value, dict) else {}


def canonical(place: Location, path: str) -> str:
    """The path that names the place by itself: `/dm/U1` becomes `/c/D1`."""
    return path if path.startswith("/c/") or not place.channel_id else f"/c/{place.channel_id}"
