"""What people do: behind `POST /act` and the page's forms alike.

The page calls `Acting(parts).act({"user": ..., "do": ..., ...})`, on the event loop, with the keys of the contract;
`ActError` says why a person cannot do it. Every answer is a dict of JSON:

* command, shortcut: `acked`, `view` (the modal that it opened, or None); command also `ephemeral` (or None)
* press: `acked`, `view` as above, `trouble` (what the client shows when the app did not answer)
* submit: `sent`, `closed`, `errors` (by block_id), `trouble`, `view` (the one now on top of the stack, or None)
* say: `ts`, `channel`
"""

from collections.abc import Awaitable, Callable

from sandbox.answers import show_answer, show_command_failure, slackbot_says
from sandbox.composing import typed_blocks
from sandbox.emojinames import canonical_name
from sandbox.errors import ActError, SlackError
from sandbox.forms import close, submit
from sandbox.models import Channel, Ephemeral, Json, Message, User
from sandbox.parts import Parts
from sandbox.payloads import channel_name, channel_ref, interaction, message_json, reaction_event, view_json
from sandbox.places import opened_view, value_of, visible_channel, visible_message
from sandbox.pressing import press
from sandbox.state import ephemeral_json
from sandbox.texts import typed_text

MESSAGE_CHARACTERS = 40_000
FILLING = "The workspace is being filled, in the past. Wait until it is done, then do it again: nothing is lost."
Deed = Callable[[Parts, User, Json], Awaitable[Json]]


class Acting:
    """People at their clients."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def act(self, request: Json) -> Json:
        """Do what the request says and return what the person gets; raises ActError when they cannot.

        The journal has it, also when it is refused.
        """
        with self._parts.journal.noting("act", request):
            return await self.perform(request)

    async def perform(self, request: Json) -> Json:
        """Do the same without a word in the journal: for what a control does through people."""
        user = self._parts.workspace.users.get(str(request.get("user")))
        if user is None:
            raise ActError(f"There is nobody with the id {request.get('user')!r}.")
        if user.deleted:
            raise ActError(f"{user.real_name} is deactivated.")
        deed = DEEDS.get(str(request.get("do")))
        if deed is None:
            raise ActError(f"Nobody can do {request.get('do')!r}; they can: {', '.join(DEEDS)}.")
        try:
            return {"ok": True} | await deed(self._parts, user, request)
        except SlackError as error:
            raise ActError(f"{error.error} {error.details}" if error.details else error.error) from error

    async def act_now(self, request: Json) -> Json:
        """Do the same for somebody at a screen; raises ActError while the past is told, where it would be misdated."""
        if self._parts.seeding.state == "running":
            raise ActError(FILLING)
        return await self.act(request)


async def command(parts: Parts, user: User, request: Json) -> Json:
    """Run a slash command; `text` may begin with the command itself, else it is the app's first one."""
    _refuse_outsiders(parts, user)
    channel = _channel_to_write_in(parts, user, request)
    name, text = _split_command(parts, value_of(request, "text", ""))
    if name not in {known["command"] for known in parts.workspace.app.commands}:
        shown = slackbot_says(parts, channel, user, f"`{name}` is not a valid command.")
        return {"acked": False, "ephemeral": ephemeral_json(shown), "view": None}
    payload = _command_payload(parts, user, channel) | {"command": name, "text": text}
    reply = await parts.delivery.ask("slash_commands", payload)
    answer: Ephemeral | Message | None
    if reply.ok:
        answer = show_answer(parts, channel.id, user.id, reply.body)
    else:
        answer = show_command_failure(parts, channel, user, name, reply)
    ephemeral = ephemeral_json(answer) if isinstance(answer, Ephemeral) else None
    return {"acked": reply.ok, "ephemeral": ephemeral, "view": opened_view(parts, payload["trigger_id"])}


def _split_command(parts: Parts, text: str) -> tuple[str, str]:
    if not text.startswith("/"):
        return parts.workspace.app.commands[0]["command"], text.strip()
    name, _, rest = text.partition(" ")
    return name, rest.strip()


def _command_payload(parts: Parts, user: User, channel: Channel) -> Json:
    """Return the fields of https://docs.slack.dev/interactivity/implementing-slash-commands."""
    workspace = parts.workspace
    return {
        "token": workspace.app.verification_token,
        "team_id": workspace.team_id,
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": parts.response_urls.issue(user.id, channel.id),
        "trigger_id": parts.triggers.issue(user.id),
    }


async def shortcut(parts: Parts, user: User, request: Json) -> Json:
    """Run a message shortcut when `ts` says on which message, else a global one."""
    _refuse_outsiders(parts, user)
    callback_id = value_of(request, "callback_id")
    trigger_id = parts.triggers.issue(user.id)
    fields: Json = {
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "action_ts": parts.workspace.clock.next_ts(),
    }
    kind = "shortcut"
    if request.get("ts"):
        kind = "message_action"
        fields |= _message_action(parts, user, request)
    reply = await parts.delivery.ask("interactive", interaction(parts.workspace, kind, user.id, **fields))
    return {"acked": reply.ok, "view": opened_view(parts, trigger_id)}


def _message_action(parts: Parts, user: User, request: Json) -> Json:
    channel, message = visible_message(parts, user, request)
    return {
        "channel": channel_ref(channel),
        "message_ts": message.ts,
        "message": message_json(parts.workspace, message),
        "response_url": parts.response_urls.issue(user.id, channel.id, thread_ts=message.thread_ts),
    }


async def react(parts: Parts, user: User, request: Json) -> Json:
    """Add a reaction; the event goes out in the background."""
    return _change_reaction(parts, user, request, "reaction_added")


async def unreact(parts: Parts, user: User, request: Json) -> Json:
    """Take a reaction off; the event goes out in the background."""
    return _change_reaction(parts, user, request, "reaction_removed")


def _change_reaction(parts: Parts, user: User, request: Json, kind: str) -> Json:
    workspace = parts.workspace
    channel, message = visible_message(parts, user, request)
    _refuse_non_members(channel, user)
    name = canonical_name(workspace, value_of(request, "name"))
    change = workspace.react if kind == "reaction_added" else workspace.unreact
    change(message, name, user.id)
    if workspace.app.bot_user_id in channel.members:
        parts.delivery.announce(reaction_event(workspace, kind, message, name, user.id))
    return {"name": name}


async def say(parts: Parts, user: User, request: Json) -> Json:
    """Write a message into a channel or a thread."""
    channel = _channel_to_write_in(parts, user, request)
    text = value_of(request, "text")
    if len(text) > MESSAGE_CHARACTERS:
        raise ActError(f"A message has {MESSAGE_CHARACTERS:,} characters at most; this one has {len(text):,}.")
    blocks = typed_blocks(parts.workspace, text, parts.workspace.new_id("", 5))
    message = Message(channel.id, "", user.id, typed_text(parts.workspace, text), blocks)
    if request.get("thread_ts"):
        parent = channel.messages.get(str(request["thread_ts"]))
        if parent is None:
            raise ActError("thread_not_found")
        message.thread_ts = parent.thread_ts or parent.ts
    if user.bot_id:
        message.bot_id, message.app_id = user.bot_id, user.app_id
    parts.workspace.post(message)
    return {"ts": message.ts, "channel": channel.id}


async def dismiss(parts: Parts, user: User, request: Json) -> Json:
    """Take a message that only this person sees off their screen; the app does not hear of it."""
    ts = value_of(request, "ts")
    for ephemeral in parts.workspace.ephemerals:
        if (ephemeral.user_id, ephemeral.ts) == (user.id, ts):
            parts.workspace.remove_ephemeral(ephemeral)
            return {}
    raise ActError("message_not_found")


async def open_home(parts: Parts, user: User, _request: Json) -> Json:
    """Open the app's Home tab; the event goes out in the background.

    https://docs.slack.dev/reference/events/app_home_opened
    """
    workspace = parts.workspace
    if not workspace.app.has_home_tab:
        raise ActError("This app has no Home.")
    channel = workspace.open_im(workspace.app.bot_user_id, user.id)
    event: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": "home"}
    home = workspace.homes.get(user.id)
    if home:
        event["view"] = view_json(workspace, home)
    parts.delivery.announce(event | {"event_ts": workspace.clock.next_ts()})
    return {"home": home.definition if home else None}


def _refuse_outsiders(parts: Parts, user: User) -> None:
    # Commands and shortcuts are shown to people of workspaces that installed the app.
    if user.team_id != parts.workspace.team_id or user.role == "bot":
        raise ActError(f"{user.real_name} does not have this app's commands and shortcuts.")


def _refuse_non_members(channel: Channel, user: User) -> None:
    if user.id not in channel.members:
        raise ActError("not_in_channel")
    if channel.is_archived:
        raise ActError("is_archived")


def _channel_to_write_in(parts: Parts, user: User, request: Json) -> Channel:
    channel = visible_channel(parts, user, request)
    _refuse_non_members(channel, user)
    if channel.is_read_only and not user.is_admin:
        raise ActError("restricted_action_read_only_channel")
    return channel


DEEDS: dict[str, Deed] = {
    "command": command,
    "submit": submit,
    "close": close,
    "press": press,
    "react": react,
    "unreact": unreact,
    "say": say,
    "dismiss": dismiss,
    "shortcut": shortcut,
    "open_home": open_home,
}
