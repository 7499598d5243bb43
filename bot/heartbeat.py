"""A call to Slack now and then: does it answer, and what time is it there?"""

from slack_sdk import WebClient

from bot import clock
from bot.outcomes import failure_of


class Heartbeat:
    """Remembers what Slack last said; `state` is `unknown`, `ok`, or the name of what is wrong."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self.state = "unknown"

    def beat(self) -> None:
        """Ask once."""
        try:
            answer = self._client.auth_test()
        except Exception as error:  # noqa: BLE001  # classified there, and raised again when it is none of Slack's
            self.state = failure_of(error).error
        else:
            clock.follow(answer.headers)
            self.state = "ok"
