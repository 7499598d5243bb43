"""Official clients for a workspace, and what tests send with them."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from slack_bolt import App, BoltRequest
from slack_sdk import WebClient

from sandbox.people import STAFF
from sandbox.server import Sandbox

AGENT = STAFF[1][0]
CLERK = STAFF[2][0]
ENGINEER = STAFF[3][0]
VP = STAFF[9][0]


def eventually(look: Callable[[], Any], seconds: float = 5) -> Any:
    """Return what `look` gives once it is true; fail after some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("It did not happen in time.")


def hang_up(sandbox: Sandbox, client: Any) -> None:
    """Close a built-in Socket Mode client without the seconds for which its threads wait for another message."""
    client.auto_reconnect_enabled = False
    sandbox.control("drop_sockets", reason="close")
    client.message_processor.event.set()
    client.enqueue_message("")
    with contextlib.suppress(AttributeError):  # slack_sdk's close may find its socket gone already.
        client.close()


def modal(**keys: Any) -> dict[str, Any]:
    """A form with one required field of at most twenty characters."""
    field_element = {"type": "plain_text_input", "action_id": "title", "max_length": 20}
    block = {"type": "input", "block_id": "title", "label": plain("Title"), "element": field_element}
    form = {"type": "modal", "callback_id": "form", "title": plain("Idea"), "submit": plain("Send"), "blocks": [block]}
    return form | keys


def plain(text: str) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def button(action_id: str = "vote", value: str = "1", **keys: Any) -> dict[str, Any]:
    """A button."""
    return {"type": "button", "action_id": action_id, "value": value, "text": plain("Vote"), **keys}


@dataclass
class Seen:
    """What the app's listeners were given."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, Any]] = field(default_factory=list)
    failing: int = 0

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of one type of event or interaction."""
        return [body for body in self.bodies if kind in {body.get("type"), body.get("event", {}).get("type")}]


def build_bolt(web: WebClient) -> tuple[App, Seen]:
    """A Bolt app that opens a form by command, posts what is submitted, and notes everything."""
    app = App(client=web, signing_secret="5a9db0c5e1f2435d8a1c6f7e3b2d4c90", process_before_response=True)
    seen = Seen()

    @app.use
    def note(req: BoltRequest, body: dict[str, Any], next: Callable[[], None]) -> None:  # noqa: A002 - Bolt's name
        seen.bodies.append(body)
        seen.headers.append(dict(req.headers))
        next()

    @app.event("reaction_added")
    @app.event("reaction_removed")
    @app.event("app_home_opened")
    def on_event() -> None:
        if seen.failing:
            seen.failing -= 1
            raise RuntimeError("The database is away.")

    @app.command("/cxidea")
    def on_command(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        if body["text"]:
            ack(f"Filed: {body['text']}")
            return
        client.views_open(trigger_id=body["trigger_id"], view=modal())
        ack()

    @app.view("form")
    def on_form(ack: Any, view: dict[str, Any], client: WebClient) -> None:
        title = view["state"]["values"]["title"]["title"]["value"]
        if title == "bad":
            ack(response_action="errors", errors={"title": "Say more."})
            return
        blocks = [{"type": "actions", "block_id": "votes", "elements": [button()]}]
        client.chat_postMessage(channel="C0CXIDEAS1", text=title, blocks=blocks)
        done = {"type": "modal", "callback_id": "done", "title": plain("Filed"), "blocks": []}
        ack(response_action="update", view=done)

    @app.action("vote")
    def on_vote(ack: Any, respond: Any) -> None:
        ack("This body is ignored.")
        respond("Thanks.")

    @app.shortcut("idea.share")
    @app.shortcut("idea.from_message")
    def on_shortcut(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal())
        ack()

    return app, seen


class _Handler(BaseHTTPRequestHandler):
    answer: Callable[[str, dict[str, str]], tuple[int, dict[str, str], str]]

    def do_POST(self) -> None:
        """Hand the request to `answer`."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, headers, text = type(self).answer(body, dict(self.headers))
        payload = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Be quiet."""


@contextmanager
def request_url(answer: Callable[[str, dict[str, str]], tuple[int, dict[str, str], str]]) -> Iterator[str]:
    """Run a plain HTTP server that answers with a function; gives its address."""
    handler = type("Handler", (_Handler,), {"answer": staticmethod(answer)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/slack/events"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def bolt_over_http(app: App) -> AbstractContextManager[str]:
    """Serve a Bolt app at a request URL."""

    def answer(body: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        listed: dict[str, str | Sequence[str]] = {name.lower(): [value] for name, value in headers.items()}
        response = app.dispatch(BoltRequest(body=body, headers=listed))
        return response.status, {name: values[0] for name, values in response.headers.items()}, response.body

    return request_url(answer)
