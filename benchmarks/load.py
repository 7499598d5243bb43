"""Signed reactions as Slack sends them over HTTP: as fast as they are taken, or at a steady pace."""

import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from slack_sdk.signature import SignatureVerifier

from benchmarks.places import Workspace

IN_FLIGHT = 16


@dataclass(frozen=True, slots=True)
class Vote:
    """A person's reaction on a card."""

    user_id: str
    card_ts: str


@dataclass(frozen=True, slots=True)
class Request:
    """A signed request; `vote` is what it says."""

    body: bytes
    headers: dict[str, str]
    vote: Vote


class Writer:
    """Writes requests that nobody has sent yet."""

    def __init__(self, place: Workspace) -> None:
        self._channel = place.info["ideas_channel"]
        self._verifier = SignatureVerifier(place.info["signing_secret"])
        self._numbers = itertools.count(1)

    def added(self, vote: Vote) -> Request:
        """Return a reaction that was just put on a card (https://docs.slack.dev/reference/events/reaction_added)."""
        number, now = next(self._numbers), time.time()
        item = {"type": "message", "channel": self._channel, "ts": vote.card_ts}
        event = {
            "type": "reaction_added",
            "user": vote.user_id,
            "reaction": "+1",
            "item": item,
            "item_user": "U0CXIDEA01",
        }
        told = {"event_ts": f"{int(now)}.{number:06}"}
        wrapper = {
            "token": "bench",
            "team_id": "T0CXIDEA01",
            "api_app_id": "A0CXIDEA01",
            "event": event | told,
            "type": "event_callback",
            "event_id": f"Ev0BENCH{number:08}",
            "event_time": int(now),
            "authorizations": [{"team_id": "T0CXIDEA01", "user_id": "U0CXIDEA01", "is_bot": True}],
        }
        body = json.dumps(wrapper).encode()
        stamp = str(int(now))
        signature = self._verifier.generate_signature(timestamp=stamp, body=body) or ""
        headers = {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature,
        }
        return Request(body, headers, vote)


def flood(port: int, requests: Sequence[Request], check: Callable[[Request], None] = lambda _: None) -> float:
    """Send all, sixteen in flight; return how many were acknowledged a second. `check` is called after each."""
    began = time.perf_counter()
    _share(port, ((began, request) for request in requests), lambda _at, request: check(request))
    return len(requests) / (time.perf_counter() - began)


def pace(port: int, requests: Sequence[Request], per_second: float) -> list[float]:
    """Send all at a steady pace; return for each after how many milliseconds of its moment it was acknowledged."""
    began, times = time.perf_counter(), list[float]()
    due = ((began + number / per_second, request) for number, request in enumerate(requests))
    _share(port, due, lambda at, _request: times.append((time.perf_counter() - at) * 1000))
    return times


def _share(port: int, due: Iterator[tuple[float, Request]], done: Callable[[float, Request], None]) -> None:
    """Send each request at its moment, or as soon after as one of the connections is free; tell when it is done."""
    lock = threading.Lock()

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while True:
            with lock:
                at, request = next(due, (0.0, None))
            if request is None:
                break
            time.sleep(max(0.0, at - time.perf_counter()))
            send(connection, request)
            done(at, request)
        connection.close()

    _together(work)


def _together(work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work, daemon=True) for _ in range(IN_FLIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def send(connection: http.client.HTTPConnection, request: Request) -> None:
    """Send a request; raises RuntimeError when it is not acknowledged."""
    connection.request("POST", "/slack/events", request.body, request.headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.client.OK:
        raise RuntimeError(f"not acknowledged: {answer.status}")
