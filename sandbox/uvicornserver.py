"""uvicorn, ending at once when it is told to."""

import asyncio
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

SIGNALS = (signal.SIGTERM, signal.SIGINT)
GRACE_SECONDS = 0.5


class QuickServer(uvicorn.Server):
    """A uvicorn server without its tenths of seconds of waiting, whose process ends with code 0 on a signal.

    A workspace has nothing to lose: answers that are under way get half a second.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = asyncio.Event()

    def stop(self) -> None:
        """End soon; may be called from any thread."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ending.set)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on a signal, when this is the main thread."""
        self._loop = asyncio.get_running_loop()
        is_main = threading.current_thread() is threading.main_thread()
        for number in SIGNALS if is_main else ():
            self._loop.add_signal_handler(number, self._ending.set)
        yield

    async def main_loop(self) -> None:
        """Wait for the end."""
        await self.on_tick(0)
        await self._ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection and give the answers under way a moment."""
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        await self.lifespan.shutdown()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            _, unfinished = await asyncio.wait(self.server_state.tasks, timeout=GRACE_SECONDS)
            for task in unfinished:
                task.cancel()
