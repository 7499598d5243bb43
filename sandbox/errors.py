"""What Slack refuses, by Slack's own names."""

from typing import Any


class SlackError(Exception):
    """A refusal by Slack: `error` is its name, `details` what else stands in the answer.

    Source: the list of errors at the end of each page below https://docs.slack.dev/reference/methods
    """

    def __init__(self, error: str, **details: Any) -> None:
        super().__init__(error)
        self.error = error
        self.details = details


class ActError(Exception):
    """What a person wanted to do cannot be done by that person: it is not on their screen, or not theirs to do."""
