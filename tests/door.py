"""Knocking at the bot's HTTP door as Slack does, and as others might."""

import http.client
import json
import time
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from tests.bot import World
from tests.recordings import Request

FORM = "application/x-www-form-urlencoded"


def signed(world: World, body: bytes, at: float | None = None) -> dict[str, str]:
    """Return the headers that Slack sends with a body."""
    timestamp = str(int(at or time.time()))
    secret = world.sandbox.info["signing_secret"]
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    assert signature
    return {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature,
    }


def encoded(request: Request) -> tuple[bytes, str]:
    """Return a request's body and content type, as Slack sends them."""
    if request.kind == "events_api":
        return json.dumps(request.payload).encode(), "application/json"
    fields = request.payload
    if request.kind == "interactive":
        fields = {"payload": json.dumps(request.payload)}
    return urlencode(fields, errors="surrogatepass").encode(), FORM


class Visitor:
    """Knocks again and again on one connection."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.answer = b""
        """The body of the last answer."""
        self._connection = http.client.HTTPConnection("127.0.0.1", int(world.runtime.port or 0), timeout=10)

    def deliver(self, request: Request) -> int:
        """Deliver a request, rightly signed; return the status."""
        body, content_type = encoded(request)
        return self.knock(body, signed(self._world, body) | {"Content-Type": content_type})

    def knock(self, body: bytes, headers: dict[str, str], path: str = "/slack/events") -> int:
        """Post these bytes; return the status."""
        self._connection.request("POST", path, body, headers)
        answer = self._connection.getresponse()
        self.answer = answer.read()
        return answer.status

    def leave(self) -> None:
        """Close the connection."""
        self._connection.close()
