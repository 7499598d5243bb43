"""What the workspace sends to the app, and what comes back, whatever the transport."""

from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.models import Json


@dataclass(frozen=True, slots=True)
class Packet:
    """One delivery; `kind` is the envelope type of Socket Mode: events_api, slash_commands or interactive.

    By HTTP it can be signed with another secret (`is_forged`), or look as if that was some seconds ago.
    https://docs.slack.dev/apis/events-api/using-socket-mode
    """

    kind: str
    payload: Json
    retry_attempt: int = 0
    retry_reason: str = ""
    is_forged: bool = False
    signed_ago: float = 0.0

    @property
    def name(self) -> str:
        """The event type, command or interaction type, for the journal."""
        if self.kind == "events_api":
            return str(self.payload["event"]["type"])
        return str(self.payload.get("command") or self.payload.get("type"))


@dataclass(frozen=True, slots=True)
class Reply:
    """How the app took a delivery: its answer (`body`: JSON, a text or None), or why there is none (`failure`).

    `failure` is a value of X-Slack-Retry-Reason: http_timeout, http_error, connection_failed.
    """

    body: Any = None
    failure: str = ""
    status: int = 0
    may_retry: bool = True

    @property
    def ok(self) -> bool:
        """Tell whether the app acknowledged it in time."""
        return not self.failure


class Transport(Protocol):
    """A way to the app."""

    async def send(self, packet: Packet) -> Reply:
        """Deliver once and wait for the acknowledgement, `ack_seconds` at most."""
        ...
