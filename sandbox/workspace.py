"""The state of the workspace and its one feed of changes.

Everything that people or the app see is here: `users`, `user_groups`, `channels` (with `messages`), `ephemerals`,
`views` (open modals by id, in the order of opening), `homes` (App Home by user id), `app`, `clock`.

The methods below do, without asking whether they may: who may do what is checked in `webapi` for the app and in
`acting` for people. They belong to the event loop's thread. Each ends by telling every subscriber what changed:

    stop = workspace.subscribe(queue.put_nowait)   # called with a Change, at once, in the loop's thread
    ...
    stop()
"""

import random
import string
from collections.abc import Callable

from sandbox.appmanifest import configure
from sandbox.clock import Clock
from sandbox.errors import SlackError
from sandbox.models import Change, Channel, Ephemeral, Json, Message, SlackApp, User, UserGroup, View

# Slack has these errors and publishes no figures; these are ours: emoji on a message, and of one person there.
MESSAGE_EMOJI = 50
PERSON_EMOJI = 23
ID_ALPHABET = string.ascii_uppercase + string.digits


class Workspace:
    """One Slack workspace with one app under development."""

    def __init__(self, clock: Clock, app: SlackApp, seed: int = 1) -> None:
        self.clock = clock
        self.app = app
        self.random = random.Random(seed)
        self.team_id = "T0CXIDEA01"
        self.team_name = "Northwind Post"
        self.domain = "northwind-post"
        self.page_url = ""
        # How long the app has to acknowledge a delivery, in real seconds.
        # https://docs.slack.dev/interactivity/handling-user-interaction
        self.ack_seconds = 3.0
        # Whether the workspace has got charts yet; those that have not refuse every message with one.
        # https://docs.slack.dev/changelog/2026/06/16/block-kit-data-visualization-block
        self.takes_charts = True
        self.users: dict[str, User] = {}
        self.user_groups: dict[str, UserGroup] = {}
        self.channels: dict[str, Channel] = {}
        self.custom_emoji: dict[str, str] = {}
        self.ephemerals: list[Ephemeral] = []
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        # What was so before somebody behind the scenes changed it: fields by channel and name, and whom the app left.
        self._at_first: dict[tuple[str, str], bool | str] = {}
        self._left_by_app: set[str] = set()
        self._listeners: list[Callable[[Change], None]] = []

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` with every Change from now on; returns the function that ends this."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, change: Change) -> None:
        """Hand one change to every subscriber."""
        for listener in tuple(self._listeners):
            listener(change)

    def new_id(self, prefix: str, length: int = 10) -> str:
        """Return a random id as Slack makes them, `prefix` first."""
        return prefix + "".join(self.random.choices(ID_ALPHABET, k=length))

    def can_see(self, user_id: str, channel_id: str) -> bool:
        """Tell whether that person finds the channel in their client.

        Guests and people of other organisations see those they are in, everybody else public ones too.
        """
        channel = self.channels[channel_id]
        user = self.users[user_id]
        is_visitor = user.is_restricted or user.team_id != self.team_id
        if channel.is_deleted:
            return False
        return user_id in channel.members or not (channel.is_private or channel.is_im or is_visitor)

    def install(self, manifest: Json) -> None:
        """Configure the app and its bot user as a manifest says; raises ValueError or TypeError for what is none."""
        configure(self.app, manifest)
        bot = self.users[self.app.bot_user_id]
        bot.real_name = self.app.display_name
        bot.name = self.app.display_name.lower().replace(" ", "_")
        self.tell(Change("user", user_id=bot.id))

    def add_user(self, user: User) -> User:
        """Add a person; those without a team_id belong to this workspace."""
        user.team_id = user.team_id or self.team_id
        self.users[user.id] = user
        self.tell(Change("user", user_id=user.id))
        return user

    def set_deleted(self, user_id: str, *, deleted: bool) -> None:
        """Deactivate a person, or take that back."""
        self.users[user_id].deleted = deleted
        self.tell(Change("user", user_id=user_id))

    def set_role(self, user_id: str, role: str) -> None:
        """Make a person an employee, a guest, a leader or an admin."""
        user = self.users[user_id]
        user.role, user.is_restricted, user.is_admin = role, role == "guest", role == "admin"
        self.tell(Change("user", user_id=user_id))

    def set_group(self, group_id: str, user_ids: list[str]) -> None:
        """Let exactly these people be in a user group."""
        self.user_groups[group_id].users = list(dict.fromkeys(user_ids))
        self.tell(Change("user"))

    def add_channel(self, channel: Channel) -> Channel:
        """Add a channel."""
        self.channels[channel.id] = channel
        self.tell(Change("channel", channel_id=channel.id))
        return channel

    def open_im(self, user_id: str, other_id: str) -> Channel:
        """Return the direct message of two people, made on demand."""
        members = sorted({user_id, other_id})
        for channel in self.channels.values():
            if channel.is_im and sorted(channel.members) == members:
                return channel
        channel = Channel(self.new_id("D"), "directmessage", int(self.clock.now()), user_id, is_im=True)
        channel.members = members
        return self.add_channel(channel)

    def set_channel(self, channel_id: str, **state: bool | str) -> None:
        """Set fields of a channel: its name, whether it is archived, deleted, private or read-only."""
        for name, value in state.items():
            self._at_first.setdefault((channel_id, name), getattr(self.channels[channel_id], name))
            setattr(self.channels[channel_id], name, value)
        self.tell(Change("channel", channel_id=channel_id))

    def heal_channel(self, channel_id: str) -> None:
        """Take back all that `set_channel` did to a channel, and let the app in where it was taken out."""
        state = {name: value for (where, name), value in self._at_first.items() if where == channel_id}
        if state:
            self.set_channel(channel_id, **state)
        if channel_id in self._left_by_app:
            self.join(channel_id, self.app.bot_user_id)

    def join(self, channel_id: str, user_id: str) -> None:
        """Make somebody a member of a channel; being one already is fine."""
        members = self.channels[channel_id].members
        if user_id not in members:
            members.append(user_id)
            self.tell(Change("channel", channel_id=channel_id))

    def leave(self, channel_id: str, user_id: str) -> None:
        """Take somebody out of a channel; not being in it is fine."""
        members = self.channels[channel_id].members
        if user_id in members:
            members.remove(user_id)
            self._left_by_app |= {channel_id} if user_id == self.app.bot_user_id else set()
            self.tell(Change("channel", channel_id=channel_id))

    def post(self, message: Message) -> Message:
        """Put a message into its channel or thread; an empty `ts` is filled from the clock."""
        message.ts = message.ts or self.clock.next_ts()
        channel = self.channels[message.channel_id]
        newest = next(reversed(channel.messages), "")
        channel.messages[message.ts] = message
        if message.ts < newest:
            _put_in_order(channel)
        if message.is_reply:
            channel.threads.setdefault(message.thread_ts, []).append(message)
        self.tell(Change("message", message.channel_id, message.ts))
        return message

    def edit(self, message: Message, editor_id: str) -> None:
        """Mark a message, whose fields the caller has changed, as edited."""
        message.edited = {"user": editor_id, "ts": self.clock.next_ts()}
        self.tell(Change("message_changed", message.channel_id, message.ts))

    def delete(self, message: Message) -> None:
        """Take a message out of its channel; replies to it stay."""
        channel = self.channels[message.channel_id]
        del channel.messages[message.ts]
        if message.is_reply:
            channel.threads[message.thread_ts].remove(message)
        self.tell(Change("message_deleted", message.channel_id, message.ts))

    def react(self, message: Message, name: str, user_id: str) -> None:
        """Add a reaction; raises already_reacted, too_many_emoji or too_many_reactions."""
        people = message.reactions.get(name, [])
        if user_id in people:
            raise SlackError("already_reacted")
        if not people and len(message.reactions) >= MESSAGE_EMOJI:
            raise SlackError("too_many_emoji")
        if sum(user_id in others for others in message.reactions.values()) >= PERSON_EMOJI:
            raise SlackError("too_many_reactions")
        message.reactions.setdefault(name, []).append(user_id)
        self.tell(Change("reaction", message.channel_id, message.ts, user_id))

    def unreact(self, message: Message, name: str, user_id: str) -> None:
        """Take a reaction off; raises no_reaction."""
        people = message.reactions.get(name, [])
        if user_id not in people:
            raise SlackError("no_reaction")
        people.remove(user_id)
        if not people:
            del message.reactions[name]
        self.tell(Change("reaction", message.channel_id, message.ts, user_id))

    def show_ephemeral(self, ephemeral: Ephemeral) -> Ephemeral:
        """Show a message to one person, in place of the one with the same ts if there is one."""
        for index, shown in enumerate(self.ephemerals):
            if shown.ts == ephemeral.ts:
                self.ephemerals[index] = ephemeral
                break
        else:
            self.ephemerals.append(ephemeral)
        self._tell_ephemeral(ephemeral)
        return ephemeral

    def remove_ephemeral(self, ephemeral: Ephemeral) -> None:
        """Take an ephemeral message off its reader's screen."""
        self.ephemerals.remove(ephemeral)
        self._tell_ephemeral(ephemeral)

    def _tell_ephemeral(self, ephemeral: Ephemeral) -> None:
        self.tell(Change("ephemeral", ephemeral.channel_id, ephemeral.ts, ephemeral.user_id))

    def show_view(self, view: View) -> View:
        """Open a modal on top of a person's others, or show it anew after a change."""
        self.views[view.id] = view
        self.tell(Change("view", user_id=view.user_id, view_id=view.id))
        return view

    def close_view(self, view: View) -> None:
        """Take one modal off the screen."""
        del self.views[view.id]
        self.tell(Change("view", user_id=view.user_id, view_id=view.id))

    def views_of(self, user_id: str) -> list[View]:
        """Return a person's open modals, the top one last."""
        return [view for view in self.views.values() if view.user_id == user_id]

    def stack_of(self, view: View) -> list[View]:
        """Return the modals that lie on the same first one, bottom first."""
        return [other for other in self.views.values() if other.root_view_id == view.root_view_id]

    def publish_home(self, view: View) -> View:
        """Set a person's App Home."""
        self.homes[view.user_id] = view
        self.tell(Change("home", user_id=view.user_id, view_id=view.id))
        return view


def _put_in_order(channel: Channel) -> None:
    """Put a channel's messages in the order of `ts`, after one from before the others was posted."""
    ordered = sorted(channel.messages.items())
    channel.messages.clear()
    channel.messages.update(ordered)
