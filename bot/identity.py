"""Who this bot is in its workspace: learned from Slack, kept in the database, at hand in memory."""

import threading
from dataclasses import asdict, dataclass
from datetime import datetime

from slack_sdk import WebClient
from sqlalchemy import delete, select

from db.models import Workspace
from db.queries import IdeaDetails
from db.session import Sessions, upsert


class IdentityUnknown(Exception):
    """Slack has never been reached yet, so no request can be judged; Slack delivers events again."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The bot's own ids, and the address of its workspace."""

    team_id: str
    enterprise_id: str | None
    bot_user_id: str
    bot_id: str | None
    app_id: str | None
    url: str

    def permalink(self, channel_id: str | None, message_ts: str | None) -> str | None:
        """Return the address of a message, as `chat.getPermalink` would; None while it is not posted."""
        if not channel_id or not message_ts:
            return None
        return f"{self.url.rstrip('/')}/archives/{channel_id}/p{message_ts.replace('.', '')}"

    def is_from_us(self, team_id: object, enterprise_id: object, app_id: object) -> bool:
        """Return whether a request names our workspace, or our organisation, and our app."""
        if app_id and self.app_id and app_id != self.app_id:
            return False
        if self.enterprise_id and enterprise_id == self.enterprise_id:
            return True
        return team_id == self.team_id


class IdentityBook:
    """Holds the identity for all threads of a process."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._identity: Identity | None = None

    @property
    def is_known(self) -> bool:
        """Whether Slack, or the database, has said who the bot is."""
        return self._known() is not None

    def get(self) -> Identity:
        """Return the identity; raises IdentityUnknown while nobody has said it."""
        identity = self._known()
        if identity is None:
            raise IdentityUnknown
        return identity

    def permalink(self, idea: IdeaDetails) -> str | None:
        """Return where an idea's card is to be seen; None while it is not posted, or nobody has said who the bot is."""
        identity = self._known()
        return identity.permalink(idea.card_channel_id, idea.card_ts) if identity else None

    def home_link(self) -> str | None:
        """Return the address of the bot's App Home in Slack's clients; None while the app's id is not known.

        https://docs.slack.dev/interactivity/deep-linking
        """
        identity = self._known()
        if identity is None or identity.app_id is None:
            return None
        return f"slack://app?team={identity.team_id}&id={identity.app_id}&tab=home"

    def learn(self, client: WebClient, now: datetime) -> Identity:
        """Ask Slack who the bot is, and remember it; raises what the client raises."""
        who = client.auth_test()
        bot_id = who.get("bot_id")
        bot: dict[str, str] = client.bots_info(bot=bot_id).get("bot", {}) if bot_id else {}
        identity = Identity(
            team_id=str(who["team_id"]),
            enterprise_id=who.get("enterprise_id"),
            bot_user_id=str(who["user_id"]),
            bot_id=bot_id,
            app_id=bot.get("app_id"),
            url=str(who["url"]),
        )
        self._remember(identity, now)
        return identity

    def _known(self) -> Identity | None:
        if self._identity is None:
            with self._lock, self._sessions.reading() as session:
                row = session.scalar(select(Workspace).limit(1))
                if row is not None:
                    self._identity = Identity(
                        row.team_id, row.enterprise_id, row.bot_user_id, row.bot_id, row.app_id, row.url
                    )
        return self._identity

    def _remember(self, identity: Identity, now: datetime) -> None:
        # Replicas may learn it at the same moment, so the row is never gone in between.
        row = {**asdict(identity), "learned_at": now}
        with self._sessions.begin() as session:
            session.execute(delete(Workspace).where(Workspace.team_id != identity.team_id))
            statement = upsert(session, Workspace, row)
            session.execute(statement.on_conflict_do_update(index_elements=[Workspace.team_id], set_=row))
        self._identity = identity
