"""Small TCP proxies: one that shares connections among replicas, one that loses the answer to a COMMIT."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count

_CHUNK = 65536


class Proxy:
    """Takes connections on a loopback port and passes each on to one of the backends, in turn.

    A backend that does not answer is passed over. While `loses_commits` is above zero, the next answers to a COMMIT
    of a transaction with `loses_after` in it are swallowed, and the line is cut.
    """

    def __init__(self, *backends: int, loses_after: bytes = b"") -> None:
        self._backends = backends
        self._turn = count()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.loses_after = loses_after
        self.loses_commits = 0
        self.lost = 0
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listening.getsockname()[1])

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):  # Closed.
            while True:
                client = self._listening.accept()[0]
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            backend = self._connect()
            if backend:
                with backend:
                    answers = threading.Thread(target=_pass_on, args=(backend, client), daemon=True)
                    answers.start()
                    self._pass_requests(client, backend)
                    answers.join()

    def _connect(self) -> socket.socket | None:
        first = next(self._turn)
        for step in range(len(self._backends)):
            with suppress(OSError):
                return socket.create_connection(("127.0.0.1", self._backends[(first + step) % len(self._backends)]))
        return None

    def _pass_requests(self, client: socket.socket, backend: socket.socket) -> None:
        said = b""
        while chunk := client.recv(_CHUNK):
            said += chunk
            is_commit = b"COMMIT\0" in chunk or b"WITH reaction AS" in chunk  # A lone vote commits by itself.
            if is_commit and self.loses_commits and self.loses_after in said:
                self.loses_commits -= 1
                self.lost += 1
                client.shutdown(socket.SHUT_RDWR)
            backend.sendall(chunk)
            if is_commit:
                said = b""
        with suppress(OSError):
            backend.shutdown(socket.SHUT_WR)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    with suppress(OSError):  # Also after a reset: whoever waits for an answer must see that there will be none.
        target.shutdown(socket.SHUT_WR)


@contextmanager
def running_proxy(*backends: int, loses_after: bytes = b"") -> Iterator[Proxy]:
    """Yield a proxy in front of these ports of this machine."""
    proxy = Proxy(*backends, loses_after=loses_after)
    try:
        yield proxy
    finally:
        proxy.close()
