"""What Slack hands out to be used soon and seldom: triggers and response URLs."""

import secrets
from dataclasses import dataclass

from sandbox.errors import SlackError
from sandbox.workspace import Workspace

TRIGGER_SECONDS = 3
RESPONSE_URL_SECONDS = 30 * 60
RESPONSE_URL_USES = 5


@dataclass(slots=True)
class Trigger:
    """Leave to open one form for one person, given by what they just did."""

    user_id: str
    expires_at: float
    from_view_id: str = ""
    is_used: bool = False
    opened_view_id: str = ""


class Triggers:
    """Triggers live three seconds and open one view.

    https://docs.slack.dev/interactivity/handling-user-interaction
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._triggers: dict[str, Trigger] = {}

    def issue(self, user_id: str, from_view_id: str = "") -> str:
        """Return a new trigger_id for what that person just did."""
        now = self._workspace.clock.now()
        chance = self._workspace.random
        trigger_id = f"{chance.randrange(10**12, 10**13)}.{chance.randrange(10**12)}.{chance.getrandbits(128):032x}"
        self._triggers[trigger_id] = Trigger(user_id, now + TRIGGER_SECONDS, from_view_id)
        return trigger_id

    def check(self, trigger_id: str) -> Trigger:
        """Return the trigger; raises invalid_trigger_id, exchanged_trigger_id or expired_trigger_id."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.is_used:
            raise SlackError("exchanged_trigger_id")
        if self._workspace.clock.now() > trigger.expires_at:
            raise SlackError("expired_trigger_id")
        return trigger

    def view_opened_by(self, trigger_id: str) -> str:
        """Return the id of the view that the app opened with this trigger, or nothing."""
        return self._triggers[trigger_id].opened_view_id


@dataclass(slots=True)
class ResponseUrl:
    """Leave to answer in the place where a person did something, `message_ts` being what they pressed, if anything."""

    user_id: str
    channel_id: str
    expires_at: float
    message_ts: str = ""
    thread_ts: str = ""
    uses: int = 0


class ResponseUrls:
    """Response URLs work five times in thirty minutes.

    https://docs.slack.dev/interactivity/handling-user-interaction
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._urls: dict[str, ResponseUrl] = {}

    def issue(self, user_id: str, channel_id: str, message_ts: str = "", thread_ts: str = "") -> str:
        """Return the absolute URL."""
        key = secrets.token_hex(12)
        expires_at = self._workspace.clock.now() + RESPONSE_URL_SECONDS
        self._urls[key] = ResponseUrl(user_id, channel_id, expires_at, message_ts, thread_ts)
        return f"{self._workspace.page_url}/actions/{self._workspace.team_id}/{key}"

    def use(self, key: str) -> ResponseUrl:
        """Return what the URL stands for and count the use; raises expired_url or used_url."""
        url = self._urls.get(key)
        if url is None or self._workspace.clock.now() > url.expires_at:
            raise SlackError("expired_url")
        if url.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        url.uses += 1
        return url
