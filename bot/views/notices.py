"""What the bot tells those who run it, in a direct message."""

from bot.views.message import Message, checked
from bot.views.rich import channel, paragraph, plain


def channel_blocked(channel_id: str, error: str) -> Message:
    """Return the news that a channel takes nothing from the bot, with what mends it."""
    trouble, remedy = _words(error)
    rest = f": {trouble}. What belongs there waits, and goes out by itself as soon as {remedy}."
    block = paragraph("blocked", plain("I cannot write in "), channel(channel_id), plain(rest))
    return checked(f"I cannot write in <#{channel_id}>{rest}", [block])


def _words(error: str) -> tuple[str, str]:
    """Return what is wrong, and what somebody has done when it is right again."""
    if error in {"is_archived", "is_inactive"}:
        return "it is archived", "somebody unarchives it"
    if error in {"not_in_channel", "channel_not_found"}:
        return "I am not a member, or it is gone", "somebody there types /invite @cxidea"
    if error.startswith("restricted_action"):
        return "only some people may post there", "its posting permissions let me"
    return f"Slack says {error}", "that is mended; on the machine where I run, cxidea doctor says more"
