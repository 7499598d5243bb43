"""What handlers, delivery and jobs share in one process."""

from dataclasses import dataclass

from slack_sdk import WebClient

from bot.clients import form_client, read_client, write_client
from bot.heartbeat import Heartbeat
from bot.identity import IdentityBook
from bot.notices import ChannelNotices
from bot.settings import Settings
from bot.vote_emoji import VoteEmoji
from db.session import Sessions


@dataclass(frozen=True, slots=True)
class Deps:
    """The settings, the database, the bot's identity, which emoji are votes, and Slack's clients."""

    settings: Settings
    sessions: Sessions
    identity: IdentityBook
    emoji: VoteEmoji
    forms: WebClient
    writes: WebClient
    reads: WebClient
    heartbeat: Heartbeat
    notices: ChannelNotices

    @classmethod
    def build(cls, settings: Settings, sessions: Sessions) -> "Deps":
        """Return what a process needs; nothing connects yet."""
        return cls(
            settings=settings,
            sessions=sessions,
            identity=IdentityBook(sessions),
            emoji=VoteEmoji(settings.cx_vote_reactions),
            forms=form_client(settings),
            writes=write_client(settings),
            reads=read_client(settings),
            heartbeat=Heartbeat(write_client(settings)),
            notices=ChannelNotices(),
        )
