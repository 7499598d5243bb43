"""Delivery by signed HTTP requests, as to a request URL."""

import asyncio
import hashlib
import hmac
import http.client
import io
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.incoming import read_json
from sandbox.packets import Packet, Reply
from sandbox.workspace import Workspace

SUCCESS = range(200, 300)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the value of X-Slack-Signature.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class _Received:
    """The bytes of an answer in the shape that http.client reads from."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._raw)


class SignedHttp:
    """A transport that posts each delivery to `url` (plain HTTP) on a connection of its own."""

    def __init__(self, workspace: Workspace, url: str) -> None:
        self.url = url
        self._workspace = workspace
        self._letters: dict[str, tuple[bytes, dict[str, str]]] = {}

    async def send(self, packet: Packet) -> Reply:
        """Post it, signed; an answer that is not 2xx, or later than three seconds, is a failure."""
        body, content_type = _encode(packet)
        headers = {"Content-Type": content_type} | self._signature(body, packet)
        if packet.retry_attempt:
            headers["X-Slack-Retry-Num"] = str(packet.retry_attempt)
            headers["X-Slack-Retry-Reason"] = packet.retry_reason
        self._letters[packet.kind] = (body, headers)
        return await self._post(body, headers)

    async def send_again(self, kind: str) -> Reply:
        """Post the newest of a kind once more, the same to the byte, its signature too; raises KeyError for none."""
        return await self._post(*self._letters[kind])

    async def verify(self) -> bool:
        """Tell whether the URL answers Slack's challenge, as it must before it may be saved.

        https://docs.slack.dev/reference/events/url_verification
        """
        challenge = self._workspace.new_id("", 30)
        token = self._workspace.app.verification_token
        body = json.dumps({"token": token, "challenge": challenge, "type": "url_verification"}).encode()
        reply = await self._post(body, {"Content-Type": "application/json"} | self._signature(body))
        given = reply.body.get("challenge") if isinstance(reply.body, dict) else reply.body
        return reply.ok and given == challenge

    def _signature(self, body: bytes, packet: Packet | None = None) -> dict[str, str]:
        # Real time: the app compares it with its own clock, which the workspace's jumps do not move.
        ago = packet.signed_ago if packet else 0
        timestamp = str(int(self._workspace.clock.now() - self._workspace.clock.offset - ago))
        secret = "of somebody else" if packet and packet.is_forged else self._workspace.app.signing_secret
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": sign(secret, timestamp, body)}

    async def _post(self, body: bytes, headers: dict[str, str]) -> Reply:
        try:
            raw = await asyncio.wait_for(self._exchange(body, headers), self._workspace.ack_seconds)
            return _parse(raw)
        except TimeoutError:
            return Reply(failure="http_timeout")
        except (OSError, http.client.HTTPException):
            return Reply(failure="connection_failed")

    async def _exchange(self, body: bytes, headers: dict[str, str]) -> bytes:
        parts = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close", "Accept: */*"]
            lines += ["User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)", f"Content-Length: {len(body)}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()


def _encode(packet: Packet) -> tuple[bytes, str]:
    if packet.kind == "events_api":
        return json.dumps(packet.payload).encode(), "application/json"
    fields = packet.payload
    if packet.kind == "interactive":
        fields = {"payload": json.dumps(packet.payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _parse(raw: bytes) -> Reply:
    received: Any = _Received(raw)
    answer = http.client.HTTPResponse(received)
    answer.begin()
    text = answer.read().decode("utf-8", "replace")
    may_retry = answer.getheader("X-Slack-No-Retry") != "1"
    if answer.status not in SUCCESS:
        return Reply(failure="http_error", status=answer.status, may_retry=may_retry)
    return Reply(_body(text), status=answer.status)


def _body(text: str) -> Any:
    if not text.strip():
        return None
    try:
        return read_json(text)
    except (ValueError, RecursionError):
        return text
