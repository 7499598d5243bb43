"""Whether Slack answers, and takes our token: asked now and then, and heard from every other call."""

import threading

import structlog
from slack_sdk import WebClient

from bot import clock
from bot.outcomes import failure_of

log = structlog.get_logger()

_OTHER_METHODS = frozenset({"apps.connections.open"})
"""What is called with the app token, and says nothing of the bot token."""
OK, UNKNOWN = "ok", "unknown"
REMEDIES = {
    "invalid_auth": "copy the token again, from the app's settings",
    "not_authed": "copy the token again, from the app's settings",
    "token_revoked": "install the app again and copy its new token",
    "token_expired": "install the app again, with token rotation off, and copy its new token",
    "account_inactive": "the app was removed from the workspace; install it again",
    "not_allowed_token_type": "this is a token of another kind; copy it again, from the app's settings",
}
"""What Slack calls a token that it does not take, and what to do about it; nothing mends by itself before that."""


class Heartbeat:
    """Remembers what Slack last said; `state` is `unknown`, `ok`, or the name of what is wrong."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self.state = UNKNOWN

    @property
    def is_refused(self) -> bool:
        """Whether Slack does not take our token."""
        return self.state in REMEDIES

    def beat(self) -> None:
        """Ask once."""
        try:
            clock.follow_answer(self._client.auth_test)
        except Exception as error:  # noqa: BLE001  # classified there, and raised again when it is none of Slack's
            self._become(failure_of(error).error)
        else:
            self._become(OK)

    def heard(self, method: str, outcome: str) -> None:
        """Take note of how any call ended. Only a refused token counts: one call that worked ends no silence."""
        if outcome in REMEDIES and method not in _OTHER_METHODS:
            self._become(outcome)

    def _become(self, state: str) -> None:
        """Remember a state, and tell in one line when it is another kind of state than before."""
        with self._lock:
            before, self.state = self.state, state
        if state in REMEDIES and before != state:
            log.error("slack.refused", error=state, remedy=f"{REMEDIES[state]}; until then everything waits")
        elif state == OK and before not in {OK, UNKNOWN}:
            log.info("slack.mended", was=before)
        elif state not in {OK, *REMEDIES} and before in {OK, UNKNOWN, *REMEDIES}:
            log.warning("slack.away", error=state, remedy="everything waits; it goes on by itself")
