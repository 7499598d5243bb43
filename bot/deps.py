"""What handlers, delivery and jobs share in one process."""

from dataclasses import dataclass

from slack_sdk import WebClient

from bot.clients import form_client, read_client, write_client
from bot.company import Company, CompanyBook
from bot.group_commit import GroupCommit
from bot.heartbeat import Heartbeat
from bot.identity import IdentityBook
from bot.metrics import Metrics
from bot.notices import ChannelNotices, DatabaseNotices
from bot.payloads import Reaction
from bot.recorder import recorder
from bot.services.ideas import FilingRules
from bot.settings import Settings
from bot.traffic import Traffic
from bot.vote_emoji import VoteEmoji
from db.session import Sessions


@dataclass(frozen=True, slots=True)
class Deps:
    """The settings, the database, who the bot is, what the company has set, Slack's clients."""

    settings: Settings
    sessions: Sessions
    identity: IdentityBook
    book: CompanyBook
    forms: WebClient
    writes: WebClient
    reads: WebClient
    heartbeat: Heartbeat
    notices: ChannelNotices
    database: DatabaseNotices
    metrics: Metrics
    traffic: Traffic
    reactions: GroupCommit[Reaction]
    """Records reactions; they come in crowds, and a crowd shares a transaction."""

    @property
    def company(self) -> Company:
        """The settings that hold now: the environment's, and over them what was saved in App Home."""
        return self.book.get()

    @property
    def emoji(self) -> VoteEmoji:
        """Decides which reactions are votes, by the settings that hold now."""
        return self.book.emoji

    @property
    def rules(self) -> FilingRules:
        """Where cards go, and when answers are due, as the company has set it."""
        company = self.company
        return FilingRules(company.ideas_channel, company.answer_days, company.zone, company.holidays)

    @classmethod
    def build(cls, settings: Settings, sessions: Sessions) -> "Deps":
        """Return what a process needs; nothing connects yet."""

        def observe(method: str, outcome: str) -> None:
            metrics.slack_call(method, outcome)
            heartbeat.heard(method, outcome)

        book = CompanyBook(settings, sessions)
        heartbeat = Heartbeat(write_client(settings, observe))
        metrics = Metrics(sessions, lambda: heartbeat.state)
        return cls(
            settings=settings,
            sessions=sessions,
            identity=IdentityBook(sessions),
            book=book,
            forms=form_client(settings, observe),
            writes=write_client(settings, observe),
            reads=read_client(settings, observe),
            heartbeat=heartbeat,
            notices=ChannelNotices(sessions),
            database=DatabaseNotices(sessions),
            metrics=metrics,
            traffic=Traffic(),
            reactions=recorder(sessions, lambda: book.emoji),
        )
