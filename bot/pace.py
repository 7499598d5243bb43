"""How long delivery waits for what; tests shrink it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, and how many calls to Slack are under way at once."""

    poll: float = 0.25
    card: float = 3
    """A hot card is updated at most so often, however many vote."""
    channel: float = 1
    """Slack takes about one message a second in a channel. https://docs.slack.dev/apis/web-api/rate-limits"""
    changes_per_minute: float = 50
    """Of all messages together: chat.update is of Slack's tier 3."""
    homes_per_minute: float = 100
    """Of all people together: views.publish is of Slack's tier 4."""
    letters_per_minute: float = 285
    """First posts of direct messages, and of cards, which come first: Slack takes several hundred in a minute."""
    look: float = 30
    """Between two looks for a message that may stand in Slack: longer than Slack holds a call."""
    blocked: float = 15
    lease: float = 15
    """Longer than a call to Slack takes: a write times out after ten seconds."""
    backoff: tuple[float, ...] = (1, 2, 4, 8, 15)
    senders: int = 4
    tick: float = 10
    """Between two looks for what the clock asks for; `soon` where somebody waits for it."""
    soon: float = 2
    apart: float = 0.15
    """Between the beginnings of what the clock asks for: all at one moment would hold up requests."""
    unknown: float = 5
    """Between two look-ups of people who voted before anybody knew them."""
