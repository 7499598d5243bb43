"""Deliveries to the app: commands and interactions once, events again until they are acknowledged."""

import asyncio
import time
from collections.abc import Awaitable, Coroutine
from typing import Any

from sandbox.faults import EVENT_FAULTS, Fault, Faults
from sandbox.models import Json
from sandbox.packets import Packet, Reply, Transport
from sandbox.payloads import event_wrapper
from sandbox.signedhttp import SignedHttp
from sandbox.socketmode import SocketMode
from sandbox.spoiling import spoiled
from sandbox.traffic import Journal
from sandbox.workspace import Workspace

# Seconds before each further attempt: at once, after a minute, after five. https://docs.slack.dev/apis/events-api
RETRY_SECONDS = (0, 60, 300)
# How long a held-back event waits for the next one, in real seconds.
REORDER_SECONDS = 1.0
KINDS = {"events_api": "event", "slash_commands": "command", "interactive": "interaction"}
EVENT_SCOPES = {"reaction_added": "reactions:read", "reaction_removed": "reactions:read"}


class Delivery:
    """The way to the app: its sockets, or signed HTTP once `events_url` is set.

    `active` deliveries are under way; of these, `held_back` wait for the next event, by a fault.
    """

    def __init__(self, workspace: Workspace, journal: Journal, faults: Faults, sockets: SocketMode) -> None:
        self.sockets = sockets
        self.active = 0
        self.held_back = 0
        self._workspace = workspace
        self._journal = journal
        self._faults = faults
        self._http: SignedHttp | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._newest: dict[str, Packet] = {}
        self._held: asyncio.Future[asyncio.Event] | None = None

    @property
    def events_url(self) -> str | None:
        """The request URL, or None when deliveries go over Socket Mode."""
        return self._http.url if self._http else None

    @events_url.setter
    def events_url(self, url: str | None) -> None:
        self._http = SignedHttp(self._workspace, url) if url else None

    async def verify_url(self) -> bool:
        """Tell whether the request URL answers Slack's challenge."""
        return self._http is not None and await self._http.verify()

    async def ask(self, kind: str, payload: Json) -> Reply:
        """Deliver a command or an interaction, once, and return how the app took it."""
        self.active += 1
        try:
            return await self._send(Packet(kind, payload))
        finally:
            self.active -= 1

    def announce(self, event: Json) -> None:
        """Deliver an event in the background, if the app subscribes to it and has the scope."""
        scope = EVENT_SCOPES.get(event["type"])
        if event["type"] not in self._workspace.app.events or (scope and scope not in self._workspace.app.scopes):
            return
        fault = self._faults.strike(event["type"], EVENT_FAULTS, every="events")
        payload = event_wrapper(self._workspace, event)
        if fault and fault.kind == "lose":
            self._journal.record("event", event["type"], "lost by a fault", request=payload)
            return
        copies = fault.times if fault and fault.kind == "repeat" else 0
        arrived = asyncio.Event()
        for _ in range(1 + copies):
            self._start(self._deliver(payload, fault, arrived))
        if fault is None or fault.kind != "reorder":
            self._release(arrived)

    async def close(self) -> None:
        """Give up what is under way or waits to be tried again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _release(self, arrived: asyncio.Event) -> None:
        if self._held:
            self._held.set_result(arrived)
            self._held = None

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        self.active += 1
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.active -= 1

    async def _deliver(self, payload: Json, fault: Fault | None, arrived: asyncio.Event) -> None:
        if fault and fault.kind == "delay":
            await self._rest(fault.seconds)
        if fault and fault.kind == "reorder":
            await self._hold_back()
        reply = await self._send(Packet("events_api", payload))
        arrived.set()
        for attempt, seconds in enumerate(RETRY_SECONDS, start=1):
            if reply.ok or not reply.may_retry:
                return
            await self._rest(seconds)
            reply = await self._send(Packet("events_api", payload, attempt, reply.failure))

    async def _rest(self, seconds: float) -> None:
        # What only waits for its time is not under way: see GET /idle.
        self.active -= 1
        try:
            await self._workspace.clock.wait_until(self._workspace.clock.now() + seconds)
        finally:
            self.active += 1

    async def _hold_back(self) -> None:
        held = self._held = self._held or asyncio.get_running_loop().create_future()
        self.held_back += 1
        try:
            next_arrived = await asyncio.wait_for(asyncio.shield(held), REORDER_SECONDS)
        except TimeoutError:
            return  # No event followed; this one goes out all the same.
        finally:
            self.held_back -= 1
        await next_arrived.wait()

    async def again(self, kind: str) -> Reply:
        """Deliver the newest event, command or interaction once more; raises KeyError when there was none."""
        packet = self._newest[kind]
        http = self._http
        self.active += 1
        try:
            return await self._record(packet, http.send_again(packet.kind) if http else self.sockets.send(packet))
        finally:
            self.active -= 1

    async def _send(self, packet: Packet) -> Reply:
        self._newest[KINDS[packet.kind]] = packet
        transport: Transport = self._http or self.sockets
        packet = spoiled(packet, self._faults, is_http=self._http is not None)
        return await self._record(packet, transport.send(packet))

    async def _record(self, packet: Packet, sending: Awaitable[Reply]) -> Reply:
        started = time.perf_counter()
        reply = await sending
        self._journal.record(
            KINDS[packet.kind],
            packet.name,
            reply.failure or "ok",
            milliseconds=(time.perf_counter() - started) * 1000,
            attempt=packet.retry_attempt,
            request=packet.payload,
            answer=reply.body,
        )
        return reply
