"""The running bot: transports, delivery and jobs of one process, started and stopped together."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog

from bot import clock, directory
from bot.app import build_app
from bot.delivery import Delivery
from bot.deps import Deps
from bot.digest_command import set_up_channels
from bot.garbage import collect_from_now
from bot.health import Health
from bot.http import Door, HttpServer
from bot.jobs import Jobs
from bot.outbox import void_leases
from bot.pace import Pace
from bot.services.roles import hold_settings
from bot.settings import Settings
from bot.socket_mode import Patience, SocketLink
from db.session import Sessions

log = structlog.get_logger()

_SENDER_SECONDS = 2
"""How long a stop waits for calls to Slack under way; what it cuts off is looked for at the next start."""


class Runtime:
    """One process of the bot. `port` is the one that HTTP listens on, None without HTTP."""

    def __init__(
        self, settings: Settings, sessions: Sessions, pace: Pace | None = None, patience: Patience | None = None
    ) -> None:
        pace = pace or Pace()
        self.deps = Deps.build(settings, sessions)
        self._jobs = Jobs(self.deps, pace)
        self.delivery = Delivery(self.deps, pace, self._jobs.compare_soon)
        self._stop = threading.Event()
        self._sender = threading.Thread(target=self.delivery.run, args=(self._stop,), name="delivery", daemon=True)
        app = build_app(self.deps)
        link = SocketLink(app, self.deps, self._jobs.compare_soon, patience or Patience())
        self._link = link if settings.is_socket_mode else None
        self._health = Health(self.deps, (lambda: bool(self._link and self._link.is_live)) if self._link else None)
        secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else None
        door = Door(self._health, self.deps.metrics, *(() if self._link else (app, secret)))
        port = settings.http_port
        self._http = HttpServer(door, settings.host, port) if port is not None else None

    @property
    def port(self) -> int | None:
        """The port that HTTP listens on."""
        return self._http.port if self._http else None

    @property
    def is_ready(self) -> bool:
        """Whether the bot serves: what `/readyz` says, and who it is."""
        return self._health.report()[0] and self.deps.identity.is_known

    def start(self) -> None:
        """Take over from what ran before, then serve."""
        set_up_at = self._take_over()
        if self._http:
            self._http.start()
        if self._link:
            self._link.start()
        self._sender.start()
        self._jobs.start(set_up_at)
        log.info("bot.started", port=self.port, socket_mode=self._link is not None)

    def stop(self) -> None:
        """Take nothing new, finish what is under way, and leave."""
        if self._link:
            self._link.stop()
        if self._http:
            self._http.stop()
        self._jobs.stop()
        self._stop.set()
        self._sender.join(timeout=_SENDER_SECONDS)
        self.delivery.finish(_SENDER_SECONDS)
        self.deps.sessions.dispose()
        log.info("bot.stopped")

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        with _signals() as told:
            self.start()
            collect_from_now()
            told.recv(1)
            self.stop()

    def _take_over(self) -> datetime:
        """Write down what the settings name, and take back what a dead process held: on SQLite there is no other.

        Returns the moment of it, by this machine's clock: Slack has not been asked yet.
        """
        now = clock.now()
        with self.deps.sessions.begin() as session:
            hold_settings(session)
            set_up_channels(session, self.deps.book.read(session), now)
            if session.get_bind().dialect.name == "sqlite":
                void_leases(session, now)
        directory.name_roles(self.deps)
        return now


@contextmanager
def _signals() -> Iterator[socket.socket]:
    """Yield a socket on which a byte arrives for each SIGTERM and SIGINT.

    On a busy machine the system may interrupt any thread for a signal, and a main thread that waits for a lock then
    sleeps on: Python runs handlers in no other.
    """
    told, tell = socket.socketpair()
    with told, tell:
        tell.setblocking(False)
        signal.set_wakeup_fd(tell.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        try:
            yield told
        finally:
            signal.set_wakeup_fd(-1)
