"""`cxidea outbox`: what Slack does not show yet, why, and what a person can do about each."""

from collections.abc import Iterator

from bot.services.waiting import WaitingMessage
from db.types import DeliveryState, MessageKind

_CHANNEL_REMEDIES = {
    "is_archived": "unarchive the channel",
    "is_inactive": "unarchive the channel",
    "not_in_channel": "invite the bot to the channel",
    "channel_not_found": "invite the bot to the channel, or name another one in the settings",
    "not_enabled": "turn on the Home tab in the app's settings; cxidea manifest has it on",
    "missing_scope": "grant the app its missing scope; cxidea doctor names it",
}
_BY_ITSELF = "it goes out by itself then"


def lines(messages: list[WaitingMessage]) -> Iterator[str]:
    """Return a line for each message: its key, state, age and trouble, and what can be done."""
    for message in messages:
        since = f"since {message.created_at:%Y-%m-%d %H:%M} UTC"
        trouble = f" ({message.last_error})" if message.last_error else ""
        yield f"{message.key}  {message.state}{trouble}  {since}: {_remedy(message)}"


def _remedy(message: WaitingMessage) -> str:
    remedy = _CHANNEL_REMEDIES.get(message.last_error or "")
    if remedy and message.state in {DeliveryState.BLOCKED, DeliveryState.SENDING}:
        return f"{remedy}; {_BY_ITSELF}"
    match message.state:
        case DeliveryState.DEAD:
            return _remedy_of_dead(message)
        case DeliveryState.BLOCKED:
            return f"cxidea doctor says what to mend; {_BY_ITSELF}"
        case DeliveryState.UNKNOWN:
            return (
                f"it may stand in Slack already, and the bot looks before it sends again; if you see that it does "
                f"not, {_command('retry', message)} sends it at once, and {_command('drop', message)} never does"
            )
        case _:
            return "it is being sent, or waits for its turn, or for the bot to run"


def _remedy_of_dead(message: WaitingMessage) -> str:
    if message.kind == MessageKind.HOME:
        return "Slack refused this App Home; it is tried again as soon as that person opens it"
    if message.is_lost:
        return f"its message in Slack cannot be changed any more; {_command('retry', message)} posts it anew"
    return f"Slack refused it; once that is mended, {_command('retry', message)}"


def _command(verb: str, message: WaitingMessage) -> str:
    return f"`cxidea outbox {verb} {message.key}`"
