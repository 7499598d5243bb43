"""One right call of every Web API method that the sandbox offers, for any client."""

from collections.abc import Callable
from typing import Any

from sandbox.people import IDEAS_CHANNEL, LEADERS_GROUP, RANDOM_CHANNEL
from sandbox.server import Sandbox
from tests.clients.scenario import SHOWN
from tests.sandbox.clients import AGENT, CLERK

Json = dict[str, Any]
# Takes the token, the method and its arguments; returns the answer.
Call = Callable[[str, str, Json], Json]
FORM = SHOWN["form"]


class EveryCall:
    """Calls every method once, in an order in which all of them succeed; `answers` has what each gave."""

    def __init__(self, sandbox: Sandbox, call: Call) -> None:
        self.answers: dict[str, Json] = {}
        self._sandbox = sandbox
        self._call = call
        self._talk_about_the_workspace()
        self._talk_about_people()
        self._talk_about_a_card()
        self._show_views()

    def _do(self, method: str, **args: Any) -> Json:
        token = self._sandbox.info["app_token" if method.startswith("apps.") else "bot_token"]
        answer = self._call(token, method, args)
        self.answers[method] = answer
        return answer

    def _talk_about_the_workspace(self) -> None:
        self._do("api.test", foo="bar")
        self._do("auth.test")
        self._do("apps.connections.open")
        self._do("team.info")
        self._do("emoji.list")
        self._do("bots.info", bot=self._sandbox.workspace.app.bot_id)
        self._do("conversations.list", types="public_channel,private_channel", limit=2)
        self._do("conversations.info", channel=IDEAS_CHANNEL, include_num_members=True)
        self._do("conversations.members", channel=IDEAS_CHANNEL, limit=3)
        self._do("conversations.join", channel=RANDOM_CHANNEL)

    def _talk_about_people(self) -> None:
        self._do("users.info", user=AGENT)
        self._do("users.profile.get", user=AGENT)
        self._do("users.list", limit=3)
        self._do("users.conversations", exclude_archived=True)
        self._do("usergroups.list", include_users=True)
        self._do("usergroups.users.list", usergroup=LEADERS_GROUP)
        self._do("conversations.open", users=AGENT, return_im=True)

    def _talk_about_a_card(self) -> None:
        posted = self._do(
            "chat.postMessage",
            channel=IDEAS_CHANNEL,
            text="Fish & <chips>",
            blocks=SHOWN["card"],
            metadata=SHOWN["metadata"],
            unfurl_links=False,
            unfurl_media=False,
        )
        card = {"channel": IDEAS_CHANNEL, "ts": posted["ts"]}
        self._do("chat.postEphemeral", channel=IDEAS_CHANNEL, user=CLERK, text="For you alone")
        self._do("chat.getPermalink", channel=IDEAS_CHANNEL, message_ts=posted["ts"])
        self._do("reactions.add", channel=IDEAS_CHANNEL, timestamp=posted["ts"], name="heart")
        self._do("reactions.get", channel=IDEAS_CHANNEL, timestamp=posted["ts"], full=True)
        self._call(self._sandbox.info["bot_token"], "chat.postMessage", {**_thread(card), "text": "A note"})
        self._do("conversations.history", channel=IDEAS_CHANNEL, include_all_metadata=True, limit=1)
        self._do("conversations.replies", **card)
        self._do("reactions.remove", channel=IDEAS_CHANNEL, timestamp=posted["ts"], name="heart")
        self._do("chat.update", **card, text="Voted", blocks=SHOWN["voted"], parse="none")
        self._do("chat.delete", **card)

    def _show_views(self) -> None:
        opened = self._do("views.open", trigger_id=self._trigger(), view=FORM)["view"]
        pushed = self._do("views.push", trigger_id=self._trigger(opened["id"]), view=FORM)["view"]
        self._do("views.update", view_id=pushed["id"], hash=pushed["hash"], view=SHOWN["done"])
        self._do("views.publish", user_id=AGENT, view=SHOWN["home"])

    def _trigger(self, view_id: str = "") -> str:
        return self._sandbox.call(lambda: self._sandbox.parts.triggers.issue(AGENT, view_id))


def _thread(card: Json) -> Json:
    return {"channel": card["channel"], "thread_ts": card["ts"]}


# Calls that Slack refuses: token, method, arguments, and the error that the client must raise.
REFUSED: tuple[tuple[str, Json, str], ...] = (
    ("chat.postMessage", {"channel": "C0NOWHERE1", "text": "Hello"}, "channel_not_found"),
    ("chat.postMessage", {"channel": RANDOM_CHANNEL, "text": "Hello"}, "not_in_channel"),
    ("chat.postMessage", {"channel": IDEAS_CHANNEL, "text": "x", "thread_ts": "1.1"}, "thread_not_found"),
    ("chat.postMessage", {"channel": IDEAS_CHANNEL, "text": "x", "blocks": [{"type": "alert"}]}, "invalid_blocks"),
    ("chat.update", {"channel": IDEAS_CHANNEL, "ts": "1.000001", "text": "Hello"}, "message_not_found"),
    ("views.open", {"trigger_id": "1.2.3", "view": FORM}, "invalid_trigger_id"),
    ("users.info", {"user": "U0NOBODY01"}, "user_not_found"),
    ("reactions.get", {"channel": IDEAS_CHANNEL, "timestamp": "1.000001"}, "message_not_found"),
    ("conversations.history", {"channel": IDEAS_CHANNEL, "cursor": "?"}, "invalid_cursor"),
)
