"""Socket Mode: up to ten WebSockets, each delivery to one of them.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.faults import SOCKET_FAULTS, Faults
from sandbox.incoming import read_json
from sandbox.lines import Lines
from sandbox.models import Json
from sandbox.packets import Packet, Reply
from sandbox.traffic import Journal
from sandbox.workspace import Workspace

MAX_SOCKETS = 10
CONNECTION_SECONDS = 18_060
# How long a socket that is to be refreshed may still acknowledge what it was given.
REFRESH_SECONDS = 0.3


@dataclass(eq=False, slots=True)
class Socket:
    """One connection of the app, and the deliveries that wait for its acknowledgement by envelope_id."""

    websocket: WebSocket
    fault: str = ""
    """`silent` or `deaf`, see faults.py; empty for a good one."""
    waiting: dict[str, asyncio.Future[Reply]] = field(default_factory=dict)


class SocketMode:
    """A transport over the sockets that the app has opened; while it `is_muted`, nothing is sent over them."""

    def __init__(self, workspace: Workspace, journal: Journal, faults: Faults, lines: Lines) -> None:
        self.sockets: list[Socket] = []
        self.is_muted = False
        self._workspace = workspace
        self._journal = journal
        self._faults = faults
        self._lines = lines
        self._tickets: set[str] = set()

    def new_url(self) -> str:
        """Return the WebSocket URL for apps.connections.open; it opens one socket."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        base = self._workspace.page_url.replace("http://", "ws://")
        return f"{base}/link/?ticket={ticket}&app_id={self._workspace.app.id}"

    async def serve(self, websocket: WebSocket) -> None:
        """Run one connection from its ticket to its end."""
        ticket = websocket.query_params.get("ticket", "")
        fault = self._faults.strike("link", SOCKET_FAULTS) if ticket in self._tickets else None
        if ticket not in self._tickets or (fault and fault.kind == "refuse"):
            await websocket.close(4001)
            return
        self._tickets.discard(ticket)
        await websocket.accept()
        socket = Socket(websocket, fault.kind if fault else "")
        if len(self.sockets) >= MAX_SOCKETS:
            await self._say_goodbye(socket, "too_many_websockets")
            return
        await self._run(socket)

    async def _run(self, socket: Socket) -> None:
        self.sockets.append(socket)
        self._journal.record("socket", "hello", f"{len(self.sockets)} open")
        try:
            if socket.fault != "silent":
                await socket.websocket.send_json(self._hello())
            while True:
                self._take(socket, await socket.websocket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass  # Starlette raises RuntimeError for reading on after our own close.
        finally:
            self._forget(socket)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.sockets),
            "debug_info": self._debug_info() | {"approximate_connection_time": CONNECTION_SECONDS},
            "connection_info": {"app_id": self._workspace.app.id},
        }

    def _debug_info(self) -> Json:
        return {"host": "applink-sandbox", "build_number": 1}

    def _take(self, socket: Socket, text: str) -> None:
        try:
            message = read_json(text)
        except (ValueError, RecursionError):
            return  # Some clients send text frames of their own; Slack ignores them.
        future = socket.waiting.pop(str(message.get("envelope_id")), None) if isinstance(message, dict) else None
        if future and not future.done():
            future.set_result(Reply(message.get("payload") or None))

    def _forget(self, socket: Socket) -> None:
        if socket in self.sockets:
            self.sockets.remove(socket)
            self._journal.record("socket", "closed", f"{len(self.sockets)} open")
        for future in socket.waiting.values():
            if not future.done():
                future.set_result(Reply(failure="connection_failed"))
        socket.waiting.clear()

    async def send(self, packet: Packet) -> Reply:
        """Hand it to one socket, chosen by chance, and wait for the acknowledgement."""
        greeted = [socket for socket in self.sockets if socket.fault != "silent"]
        if not greeted or self.is_muted:
            return Reply(failure="connection_failed")
        socket = self._workspace.random.choice(greeted)
        envelope_id = str(uuid.UUID(int=self._workspace.random.getrandbits(128), version=4))
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        socket.waiting[envelope_id] = future
        try:
            if socket.fault != "deaf":
                await socket.websocket.send_text(json.dumps(_envelope(envelope_id, packet)))
            return await asyncio.wait_for(future, self._workspace.ack_seconds)
        except TimeoutError:
            return Reply(failure="http_timeout")
        except (WebSocketDisconnect, RuntimeError):
            self._forget(socket)  # It closed between the choice and the sending; the next attempt takes another.
            return Reply(failure="connection_failed")
        finally:
            socket.waiting.pop(envelope_id, None)

    async def disconnect(self, reason: str) -> None:
        """End every socket: `close` is a plain close frame, `drop` cuts the lines, `freeze` stops reading them.

        All else is the reason in Slack's disconnect message: warning (the socket stays), refresh_requested,
        link_disabled, too_many_websockets.
        """
        await asyncio.gather(*(self._end(socket, reason) for socket in tuple(self.sockets)))

    async def _end(self, socket: Socket, reason: str) -> None:
        if reason == "drop":
            self._lines.abort(socket.websocket.scope)
        elif reason == "freeze":
            self._lines.freeze(socket.websocket.scope)
        elif reason == "close":
            await self._close(socket)
        elif reason == "warning":
            await socket.websocket.send_json(self._disconnect(reason))
        else:
            await self._say_goodbye(socket, reason)

    def _disconnect(self, reason: str) -> Json:
        return {"type": "disconnect", "reason": reason, "debug_info": self._debug_info()}

    async def _say_goodbye(self, socket: Socket, reason: str) -> None:
        # No delivery goes to a socket that has been told to end; its last acknowledgements still count.
        if socket in self.sockets:
            self.sockets.remove(socket)
        await socket.websocket.send_json(self._disconnect(reason))
        if reason == "refresh_requested":
            await asyncio.sleep(REFRESH_SECONDS)
        await self._close(socket)

    async def _close(self, socket: Socket) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # Some clients leave as soon as they are told to.
            await socket.websocket.close()


def _envelope(envelope_id: str, packet: Packet) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "envelope_id": envelope_id,
        "payload": packet.payload,
        "type": packet.kind,
        "accepts_response_payload": packet.kind == "slash_commands" or packet.name == "view_submission",
    }
    if packet.kind == "events_api":
        envelope |= {"retry_attempt": packet.retry_attempt, "retry_reason": packet.retry_reason}
    return envelope
