"""What an outbox row comes to when it is rendered, before anything is told to Slack."""

from dataclasses import dataclass
from datetime import datetime

from bot.views.message import Message


@dataclass(frozen=True, slots=True)
class Rendered:
    """What Slack must show.

    Nothing new is posted for a row that is moot, nor before `wait_until`. A withdrawn idea's card that nobody cared for
    is removable. `thread_ts` is the message in whose thread it stands.
    """

    message: Message
    is_moot: bool = False
    is_removable: bool = False
    thread_ts: str | None = None
    wait_until: datetime | None = None


NOTHING = Rendered(Message("", []), is_moot=True)
"""What nobody is to be told any more."""
