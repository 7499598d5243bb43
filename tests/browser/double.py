"""A small app of the tests' own on slack_bolt: it stands in for any bot, and shows every kind of block."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.server import Sandbox

Json = dict[str, Any]


def plain(text: str) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": text, "emoji": True}


def option(text: str, value: str) -> Json:
    """An option of a select."""
    return {"text": plain(text), "value": value}


STAGES = [option("Discover", "discover"), option("Use", "use"), option("Get help", "get_help")]


def form(title: str = "") -> Json:
    """A modal with a required and two optional fields."""
    text: Json = {"type": "plain_text_input", "action_id": "title", "max_length": 120}
    if title:
        text["initial_value"] = title
    return {
        "type": "modal",
        "callback_id": "idea",
        "title": plain("Share an idea"),
        "submit": plain("Share"),
        "close": plain("Cancel"),
        "blocks": [
            {"type": "input", "block_id": "title", "label": plain("Your idea in a line"), "element": text},
            {
                "type": "input",
                "block_id": "description",
                "label": plain("Description"),
                "hint": plain("What happens today, and what would be better?"),
                "optional": True,
                "element": {
                    "type": "plain_text_input",
                    "action_id": "description",
                    "multiline": True,
                    "max_length": 3000,
                },
            },
            {
                "type": "input",
                "block_id": "stage",
                "label": plain("Stage of the journey"),
                "optional": True,
                "element": {
                    "type": "static_select",
                    "action_id": "stage",
                    "placeholder": plain("Choose one"),
                    "options": STAGES,
                },
            },
        ],
    }


def card(key: str, title: str, description: str, author_id: str) -> list[Json]:
    """An idea's message: text that nothing is parsed in, and two buttons."""
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{key} · {escape(title)}*"}},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": description}]}],
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"<@{author_id}> · _Use_ · Delivery"}]},
        {
            "type": "actions",
            "block_id": "vote",
            "elements": [
                {"type": "button", "action_id": "vote", "text": plain("Vote"), "value": key, "style": "primary"},
                {
                    "type": "button",
                    "action_id": "withdraw",
                    "text": plain("Withdraw"),
                    "value": key,
                    "style": "danger",
                    "confirm": {
                        "title": plain("Withdraw it?"),
                        "text": plain("Votes stay."),
                        "confirm": plain("Withdraw"),
                        "deny": plain("Keep"),
                    },
                },
                {
                    "type": "overflow",
                    "action_id": "more",
                    "options": [option("Show the history", "history"), option("Report", "report")],
                },
            ],
        },
    ]


def escape(text: str) -> str:
    """User text for a mrkdwn object."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def build_double(info: Json) -> App:
    """The app: files ideas, opens the form, answers ephemerally, publishes a Home."""
    app = App(client=WebClient(info["bot_token"], base_url=info["api_url"]), process_before_response=True)
    _listen_to_commands(app, info)
    _listen_to_presses(app)

    @app.view("idea")
    def on_idea(ack: Any, view: Json, body: Json, client: WebClient) -> None:
        title = view["state"]["values"]["title"]["title"]["value"]
        if title == "wrong":
            ack(response_action="errors", errors={"title": "Say what would be better."})
            return
        done = [{"type": "section", "text": {"type": "mrkdwn", "text": "Filed as *CX-1*."}}]
        ack(response_action="update", view={"type": "modal", "title": plain("Filed as CX-1"), "blocks": done})
        post_card(client, info, title, body["user"]["id"])

    @app.event("app_home_opened")
    def on_home(event: Json, client: WebClient) -> None:
        blocks = [
            {"type": "header", "text": plain("Your ideas")},
            {"type": "section", "text": {"type": "mrkdwn", "text": f"Welcome, <@{event['user']}>."}},
        ]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.event("reaction_added")
    def on_reaction(event: Json) -> None:
        """Reactions are only acknowledged."""

    @app.event("reaction_removed")
    def on_reaction_gone(event: Json) -> None:
        """As above."""

    return app


def post_card(client: WebClient, info: Json, title: str, author_id: str) -> None:
    """Post a card into the ideas channel."""
    blocks = card("CX-1", title, "Today they must phone between 9 and 5.", author_id)
    client.chat_postMessage(channel=info["ideas_channel"], text=escape(title), blocks=blocks)


def _listen_to_commands(app: App, info: Json) -> None:
    @app.command("/cxidea")
    def on_command(ack: Any, command: Json, client: WebClient) -> None:
        if not command["text"]:
            client.views_open(trigger_id=command["trigger_id"], view=form())
            ack()
            return
        undo = [{"type": "button", "action_id": "undo", "text": plain("Undo"), "value": "CX-1"}]
        section = {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "Filed as *CX-1*. You will have an answer soon."},
        }
        ack(text="Filed as CX-1.", blocks=[section, {"type": "actions", "elements": undo}])
        post_card(client, info, command["text"], command["user_id"])

    @app.shortcut("idea.share")
    def on_share(ack: Any, shortcut: Json, client: WebClient) -> None:
        client.views_open(trigger_id=shortcut["trigger_id"], view=form())
        ack()

    @app.shortcut("idea.from_message")
    def on_message(ack: Any, shortcut: Json, client: WebClient) -> None:
        client.views_open(trigger_id=shortcut["trigger_id"], view=form(shortcut["message"]["text"]))
        ack()


def _listen_to_presses(app: App) -> None:
    @app.action("vote")
    def on_vote(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        blocks = [
            *body["message"]["blocks"][:3],
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "*1 vote*"}]},
        ]
        client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text="voted", blocks=blocks, parse="none"
        )

    @app.action("withdraw")
    def on_withdraw(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.chat_delete(channel=body["channel"]["id"], ts=body["message"]["ts"])

    @app.action("more")
    def on_more(ack: Any, respond: Any, action: Json) -> None:
        ack()
        respond(text=f"You chose {action['selected_option']['value']}.", replace_original=False)

    @app.action("undo")
    def on_undo(ack: Any, respond: Any) -> None:
        ack()
        respond(delete_original=True)


@contextmanager
def running_double(sandbox: Sandbox) -> Iterator[App]:
    """Run the app over Socket Mode against a sandbox of this process."""
    info = sandbox.info
    app = build_double(info)
    handler = SocketModeHandler(app, info["app_token"], web_client=app.client)
    handler.connect()  # type: ignore[no-untyped-call]
    deadline = time.monotonic() + 10
    while not handler.client.is_connected() and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield app
    finally:
        # A client that closes first waits for its own time-out of three seconds.
        handler.client.auto_reconnect_enabled = False
        sandbox.control("drop_sockets")
        _close(handler)


def _close(handler: SocketModeHandler) -> None:
    with suppress(AttributeError, OSError):  # its connection is gone already
        handler.close()  # type: ignore[no-untyped-call]
