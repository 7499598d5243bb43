"""What people do with an app, and what they must see: the same for every official client.

The app's part is in `pythonapps.py` and `node/app.mjs`; what it shows is in `shown.json`.
"""

import json
import urllib.request
from pathlib import Path
from typing import Any

from slack_sdk import WebClient

from sandbox.people import IDEAS_CHANNEL
from sandbox.server import Sandbox
from tests.sandbox.clients import AGENT, CLERK, ENGINEER, eventually

SHOWN: dict[str, Any] = json.loads((Path(__file__).parent / "shown.json").read_text("utf-8"))
TO_THE_APP = {"event", "command", "interaction"}
CALLS = {"views.open": 4, "chat.postMessage": 4, "chat.update": 1, "views.publish": 1}


class People:
    """Everybody at their clients, over HTTP as the page does it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def act(self, user: str, do: str, **keys: Any) -> dict[str, Any]:
        """Do something as a person, by `POST /act`."""
        body = json.dumps({"user": user, "do": do, **keys}).encode()
        request = urllib.request.Request(f"{self._sandbox.page}/act", body)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            result: dict[str, Any] = json.load(answer)
            return result

    def card(self) -> dict[str, Any] | None:
        """Return the app's card in the ideas channel, once it is there."""
        channels = self._sandbox.state(CLERK)["channels"]
        messages = next(channel for channel in channels if channel["id"] == IDEAS_CHANNEL)["messages"]
        return messages[0] if messages else None

    def replies(self) -> list[str]:
        """Return the texts in the card's thread."""
        card = self.card()
        return [reply["text"] for reply in card["replies"]] if card else []


def play(sandbox: Sandbox) -> None:
    """Go once through everything; over sockets, also through a disconnect that Slack asks for."""
    people = People(sandbox)
    file_an_idea(sandbox, people)
    ts = see_the_card(sandbox, people)
    vote(sandbox, people, ts)
    open_home(sandbox, people)
    share_by_shortcut(sandbox, people, ts)
    if sandbox.parts.sockets.sockets:
        refresh(sandbox)
    people.act(ENGINEER, "react", channel=IDEAS_CHANNEL, ts=ts, name="fire")
    eventually(lambda: people.replies()[2:] == ["reaction_added fire"])
    see_that_nothing_failed(sandbox)


def file_an_idea(sandbox: Sandbox, people: People) -> None:
    """Type the command, send the form wrong, then right."""
    opened = people.act(AGENT, "command", text="/cxidea", channel=IDEAS_CHANNEL)
    assert opened["acked"]
    assert opened["ephemeral"] is None
    (form,) = eventually(lambda: sandbox.state(AGENT)["views"])
    assert {key: form[key] for key in SHOWN["form"]} == SHOWN["form"]
    wrong = people.act(AGENT, "submit", view_id=form["id"], values={"title": "bad"})
    assert (wrong["sent"], wrong["closed"], wrong["trouble"]) == (True, False, "")
    assert wrong["errors"] == SHOWN["errors"]
    right = people.act(AGENT, "submit", view_id=form["id"], values={"title": "Shorter queues", "stage": "use"})
    assert (right["errors"], right["trouble"]) == ({}, "")
    assert (right["view"]["id"], right["view"]["callback_id"]) == (form["id"], "idea.filed")
    assert right["view"]["blocks"] == SHOWN["done"]["blocks"]
    people.act(AGENT, "close", view_id=form["id"])


def see_the_card(sandbox: Sandbox, people: People) -> str:
    """Find the card with its blocks, and its metadata in the history; return its ts."""
    card = eventually(people.card)
    assert (card["text"], card["blocks"]) == ("Shorter queues (use)", SHOWN["card"])
    web = WebClient(sandbox.info["bot_token"], sandbox.info["api_url"])
    history = web.conversations_history(channel=IDEAS_CHANNEL, include_all_metadata=True)
    assert history["messages"][0]["metadata"] == SHOWN["metadata"]
    return str(card["ts"])


def vote(sandbox: Sandbox, people: People, ts: str) -> None:
    """React and take it back, then press the button; see the answers in the thread, on the card and alone."""
    people.act(CLERK, "react", channel=IDEAS_CHANNEL, ts=ts, name="heart")
    eventually(lambda: people.replies() == ["reaction_added heart"])
    people.act(CLERK, "unreact", channel=IDEAS_CHANNEL, ts=ts, name="heart")
    eventually(lambda: people.replies()[1:] == ["reaction_removed heart"])
    pressed = people.act(CLERK, "press", channel=IDEAS_CHANNEL, ts=ts, action_id="idea.vote")
    assert (pressed["acked"], pressed["trouble"]) == (True, "")
    card = eventually(lambda: (card := people.card()) and card["edited"] and card)
    assert (card["text"], card["blocks"]) == (f"Voted by {CLERK}", SHOWN["voted"])
    (thanks,) = eventually(lambda: sandbox.state(CLERK)["ephemerals"])
    assert thanks["text"] == "Thanks."


def open_home(sandbox: Sandbox, people: People) -> None:
    """Open the App Home and see what the app published, then press its button."""
    people.act(CLERK, "open_home")
    home = eventually(lambda: sandbox.state(CLERK)["home"])
    assert home["blocks"] == SHOWN["home"]["blocks"]
    pressed = people.act(CLERK, "press", view_id=home["id"], action_id="home.share")
    assert pressed["acked"]
    eventually(lambda: sandbox.state(CLERK)["views"])
    people.act(CLERK, "close", view_id=sandbox.state(CLERK)["views"][0]["id"])


def share_by_shortcut(sandbox: Sandbox, people: People, ts: str) -> None:
    """Open the form by the global shortcut and by the message's."""
    for keys in (
        {"callback_id": "idea.share"},
        {"callback_id": "idea.from_message", "channel": IDEAS_CHANNEL, "ts": ts},
    ):
        assert people.act(AGENT, "shortcut", **keys)["acked"]
        (form,) = eventually(lambda: sandbox.state(AGENT)["views"])
        assert form["callback_id"] == "idea.form"
        people.act(AGENT, "close", view_id=form["id"])


def refresh(sandbox: Sandbox) -> None:
    """Ask every socket to reconnect, as Slack does every few hours, and wait until the app is back.

    The websocket-client package notices only after up to ten seconds that its own old line is gone.
    """
    before = set(map(id, sandbox.parts.sockets.sockets))
    sandbox.control("drop_sockets", reason="refresh_requested")
    eventually(lambda: set(map(id, sandbox.parts.sockets.sockets)) - before, seconds=30)


def see_that_nothing_failed(sandbox: Sandbox) -> None:
    """Everything went through at the first attempt, and every call was right."""
    eventually(lambda: sandbox.parts.delivery.active == 0)
    exchanges = [entry for entry in sandbox.parts.journal.entries if entry.kind != "socket"]
    assert [entry for entry in exchanges if entry.outcome != "ok" or entry.attempt] == []
    kinds = [entry.kind for entry in exchanges]
    assert {kind: kinds.count(kind) for kind in TO_THE_APP} == {"event": 4, "command": 1, "interaction": 9}
    assert kinds.count("response_url") == 1
    made = [entry.name for entry in exchanges if entry.kind == "api"]
    assert {name: made.count(name) for name in CALLS} == CALLS
