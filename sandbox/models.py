"""What a workspace is made of. Each class says itself as Slack's JSON with `as_slack`."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class User:
    """A member of the workspace, or somebody whom it shows (`role` is the sandbox's word, not Slack's).

    https://docs.slack.dev/reference/objects/user-object
    """

    id: str
    name: str
    real_name: str
    title: str
    role: str = "employee"
    team_id: str = ""
    tz: str = "Europe/Berlin"
    bot_id: str = ""
    app_id: str = ""
    is_admin: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    fields: dict[str, str] = field(default_factory=dict)

    def as_slack(self) -> Json:
        """Return the user object of `users.info`; a deactivated person's lacks the rights and the time zone."""
        user: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "profile": self._profile(),
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1764000000,
        }
        if self.deleted:
            return user
        return (
            user
            | {
                "real_name": self.real_name,
                "color": "9f69e7",
                "tz": self.tz,
                "tz_label": self.tz,
                "tz_offset": 3600,
                "is_admin": self.is_admin,
                "is_owner": False,
                "is_primary_owner": False,
                "is_restricted": self.is_restricted,
                "is_ultra_restricted": False,
                "is_email_confirmed": True,
                "who_can_share_contact_card": "EVERYONE",
            }
            | ({"is_stranger": True} if self.is_stranger else {})
        )

    def full_profile(self) -> Json:
        """Return the profile of `users.profile.get`, which alone has the workspace's own fields.

        https://docs.slack.dev/reference/methods/users.profile.get
        """
        fields = {name: {"value": value, "alt": ""} for name, value in self.fields.items()}
        profile = self._profile() | {"fields": fields or None}
        profile.pop("team")  # Here alone, Slack leaves it out.
        return profile

    def _profile(self) -> Json:
        first, _, last = self.real_name.partition(" ")
        profile: Json = {
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "first_name": first,
            "last_name": last,
            "title": self.title,
            "team": self.team_id,
        }
        return profile | ({"bot_id": self.bot_id, "api_app_id": self.app_id} if self.bot_id else {})


@dataclass(slots=True)
class UserGroup:
    """A user group, such as all leaders.

    https://docs.slack.dev/reference/objects/usergroup-object
    """

    id: str
    handle: str
    name: str
    users: list[str]

    def as_slack(self, team_id: str) -> Json:
        """Return the object of `usergroups.list`, without its members."""
        return {
            "id": self.id,
            "team_id": team_id,
            "is_usergroup": True,
            "name": self.name,
            "handle": self.handle,
            "date_delete": 0,
            "user_count": len(self.users),
        }


@dataclass(slots=True)
class Message:
    """A message; `reactions` maps a name as Slack writes it to the people, in the order of their reacting.

    https://docs.slack.dev/reference/events/message
    """

    channel_id: str
    ts: str
    user_id: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    bot_id: str = ""
    app_id: str = ""
    thread_ts: str = ""
    metadata: Json | None = None
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        """Tell whether it stands in a thread below another message."""
        return self.thread_ts not in ("", self.ts)


@dataclass(slots=True)
class Channel:
    """A channel or a direct message; `messages` is in the order of posting, which is the order of `ts`.

    https://docs.slack.dev/reference/objects/conversation-object
    """

    id: str
    name: str
    created: int
    creator: str = ""
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    is_read_only: bool = False
    is_deleted: bool = False
    purpose: str = ""
    members: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, list[Message]] = field(default_factory=dict)

    def replies(self, thread_ts: str) -> list[Message]:
        """Return the messages below a parent, oldest first."""
        return self.threads.get(thread_ts, [])


@dataclass(slots=True)
class Ephemeral:
    """A message that one person sees and no history has."""

    channel_id: str
    user_id: str
    ts: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str = ""
    is_from_slackbot: bool = False


@dataclass(slots=True)
class View:
    """A modal or an App Home of one person: what the app sent (`definition`), what was filled in, what is wrong.

    `errors` are by block_id, `trouble` is the client's own line when the app did not answer.
    https://docs.slack.dev/reference/views
    """

    id: str
    user_id: str
    definition: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    state: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def blocks(self) -> list[Json]:
        """The view's blocks, each with a block_id."""
        blocks: list[Json] = self.definition["blocks"]
        return blocks


@dataclass(slots=True)
class SlackApp:
    """The app that is developed against this workspace: its ids, secrets, scopes and configuration.

    `scopes`, `events`, `commands`, `shortcuts` and what begins with `has_` are what an app manifest sets
    (`Workspace.install`), and the names: `display_name` is that of the bot user.
    """

    id: str
    name: str
    bot_id: str
    bot_user_id: str
    bot_token: str
    app_token: str
    signing_secret: str
    verification_token: str
    scopes: set[str]
    events: set[str]
    commands: list[Json]
    shortcuts: list[Json]
    display_name: str = ""
    has_home_tab: bool = True
    has_messages_tab: bool = True
    is_token_revoked: bool = False
    is_account_inactive: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change feed: what changed and where; empty fields do not apply.

    Kinds: `message` (new), `message_changed`, `message_deleted`, `reaction` (channel_id, ts), `channel`
    (channel_id: name, members, archived), `user` (user_id), `ephemeral` (user_id, channel_id, ts: new, changed or
    gone), `view` (user_id, view_id: opened, changed or closed), `home` (user_id), `clock`, `traffic`, `faults`,
    `seeding`.
    """

    kind: str
    channel_id: str = ""
    ts: str = ""
    user_id: str = ""
    view_id: str = ""
