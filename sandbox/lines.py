"""The TCP connections below the server, so that one can be cut or frozen."""

import asyncio
import weakref
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

Scope = MutableMapping[str, Any]


class Lines:
    """The open connections by the address of their other end."""

    def __init__(self) -> None:
        self._transports: weakref.WeakValueDictionary[tuple[str, int], asyncio.Transport] = (
            weakref.WeakValueDictionary()
        )

    def protocol_class(self) -> type[H11Protocol]:
        """Return uvicorn's HTTP protocol, telling this object of each connection."""
        transports = self._transports

        class RegisteredH11(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                host, port = transport.get_extra_info("peername")[:2]
                transports[host, port] = transport
                super().connection_made(transport)

        return RegisteredH11

    def abort(self, scope: Scope) -> None:
        """Cut the connection that an ASGI scope came on: the other end sees a reset or an end of file."""
        self._transport(scope).abort()

    def freeze(self, scope: Scope) -> None:
        """Stop reading a connection: pings get no pong, and nothing tells the other end."""
        self._transport(scope).pause_reading()

    def _transport(self, scope: Scope) -> asyncio.Transport:
        host, port = scope["client"]
        return self._transports[host, port]
