"""What the company has set: the environment's values, and over them what an admin saved in App Home."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.catalog import Lists
from bot.settings import Settings, WeeklyTime
from bot.vote_emoji import VoteEmoji
from db.models import Stage, Touchpoint
from db.session import Sessions
from db.settings_queries import SavedValue, active_names, card_channels, saved_values
from db.types import NewsKind

BLIND_FOR = timedelta(hours=24)
"""In blind mode an idea's votes are not counted out for so long after it was filed."""


class SettingName(StrEnum):
    """The settings that App Home can change, as they are called in the database."""

    IDEAS_CHANNEL = "ideas_channel"
    DIGEST_CHANNELS = "digest_channels"
    LEADERS = "leaders"
    ADMINS = "admins"
    TIMEZONE = "timezone"
    ANSWER_DAYS = "answer_days"
    HOLIDAYS = "holidays"
    VOTE_REACTIONS = "vote_reactions"
    BLIND_VOTES = "blind_votes"
    WORKFORCE = "workforce"
    TEAM_FIELD = "team_field"
    QUIET_HOURS = "quiet_hours"
    NEWS = "news"
    STAGES = "stages"
    TOUCHPOINTS = "touchpoints"
    STAGE_OWNERS = "stage_owners"


KEPT_IN_TABLES = frozenset({SettingName.STAGES, SettingName.TOUCHPOINTS, SettingName.STAGE_OWNERS})
"""What has tables of its own; `saved_settings` says of it who saved it last."""

_VARIABLES: Mapping[SettingName, tuple[str, ...]] = {
    SettingName.IDEAS_CHANNEL: ("cx_ideas_channel",),
    SettingName.DIGEST_CHANNELS: ("cx_digest_channel", "cx_digest_at"),
    SettingName.LEADERS: ("cx_leaders",),
    SettingName.ADMINS: ("cx_admins",),
    SettingName.TIMEZONE: ("cx_timezone",),
    SettingName.ANSWER_DAYS: ("cx_answer_days",),
    SettingName.HOLIDAYS: ("cx_holidays",),
    SettingName.VOTE_REACTIONS: ("cx_vote_reactions",),
    SettingName.BLIND_VOTES: ("cx_blind_votes",),
    SettingName.WORKFORCE: ("cx_workforce",),
    SettingName.TEAM_FIELD: ("cx_team_field",),
}


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When nobody is written to, by each person's own clock; `is_weekend_quiet` adds Saturday and Sunday."""

    begin: time = time(20)
    end: time = time(8)
    is_weekend_quiet: bool = True


@dataclass(frozen=True, slots=True)
class Company:
    """The settings that hold now; `saved` names those that an admin saved.

    `digest_at` is for the digests of `digest_channels` as long as nobody has saved any: saved ones have a moment each.
    `card_channels` are those in which cards stand, also from before the ideas channel was another one.
    """

    ideas_channel: str
    digest_channels: tuple[str, ...]
    digest_at: WeeklyTime
    leaders: tuple[str, ...]
    admins: tuple[str, ...]
    timezone: str
    answer_days: int
    holidays: str | None
    vote_reactions: tuple[str, ...]
    workforce: int | None
    team_field: str | None = None
    blind_votes: bool = False
    quiet_hours: QuietHours = QuietHours()
    news: Mapping[NewsKind, bool] = field(default_factory=lambda: dict.fromkeys(NewsKind, True))
    lists: Lists = field(default_factory=Lists)
    card_channels: frozenset[str] = frozenset()
    saved: frozenset[SettingName] = frozenset()

    def has_cards_in(self, channel_id: str) -> bool:
        """Return whether a channel is the ideas channel, or was it."""
        return channel_id == self.ideas_channel or channel_id in self.card_channels

    def blind_since(self, now: datetime) -> datetime | None:
        """Return since when ideas must have been filed to hide their count; None: none does."""
        return now - BLIND_FOR if self.blind_votes else None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of answer dates and of digests that have none of their own."""
        return ZoneInfo(self.timezone)


class CompanyBook:
    """Holds the company's settings for all threads of a process; `refresh` reads them again.

    While nothing was saved since, that is one statement. `emoji` follows the vote reactions that hold.
    """

    def __init__(self, settings: Settings, sessions: Sessions) -> None:
        self._settings = settings
        self._sessions = sessions
        self._emoji = VoteEmoji(settings.cx_vote_reactions)
        self._turn = threading.Lock()
        self._saved: Mapping[str, SavedValue] = {}
        self._company: Company | None = None

    def get(self) -> Company:
        """Return the settings as they were last read."""
        return self._company or self.refresh()

    @property
    def emoji(self) -> VoteEmoji:
        """Decides which reactions are votes."""
        self.get()
        return self._emoji

    @property
    def moments(self) -> Mapping[SettingName, datetime]:
        """When each setting that an admin saved was saved, as last read."""
        saved = self._saved
        return {name: saved[name].at for name in SettingName if name in saved}

    @property
    def given(self) -> frozenset[SettingName]:
        """The settings that the environment names, saved or not."""
        fields = self._settings.model_fields_set
        return frozenset(name for name, names in _VARIABLES.items() if fields.intersection(names))

    def refresh(self) -> Company:
        """Read what is saved, and return the settings that hold now."""
        with self._turn:  # An older reading must not take the place of a newer one.
            with self._sessions.reading() as session:
                saved = saved_values(session)
                if self._company is not None and saved == self._saved:
                    return self._company
                company = self._read(session, saved)
            self._emoji.name(company.vote_reactions)
            self._saved, self._company = saved, company
        return company

    def read(self, session: Session) -> Company:
        """Return the settings that hold by the database at this moment, for a transaction that changes them."""
        return self._read(session, saved_values(session))

    def _read(self, session: Session, saved: Mapping[str, SavedValue]) -> Company:
        values = {name: each.value for name, each in saved.items()}
        lists = Lists(active_names(session, Stage), active_names(session, Touchpoint))
        return company_of(self._settings, values, lists, card_channels(session))


def company_of(
    settings: Settings,
    saved: Mapping[str, Any],
    lists: Lists = Lists(),  # noqa: B008  # frozen
    card_channels: frozenset[str] = frozenset(),
) -> Company:
    """Return the environment's settings with the saved ones over them."""
    values = _from_environment(settings)
    known = [name for name in SettingName if name in saved]
    for name in known:
        if name not in KEPT_IN_TABLES:
            values[name.value] = _READERS.get(name, _as_it_is)(saved[name])
    return Company(**values, lists=lists, card_channels=card_channels, saved=frozenset(known))


def _from_environment(settings: Settings) -> dict[str, Any]:
    return {
        "ideas_channel": settings.cx_ideas_channel,
        "digest_channels": settings.cx_digest_channels,
        "digest_at": settings.cx_digest_at,
        "leaders": settings.cx_leaders,
        "admins": settings.cx_admins,
        "timezone": settings.cx_timezone,
        "answer_days": settings.cx_answer_days,
        "holidays": settings.cx_holidays,
        "vote_reactions": settings.cx_vote_reactions,
        "workforce": settings.cx_workforce,
        "team_field": settings.cx_team_field,
        "blind_votes": settings.cx_blind_votes,
    }


def _as_it_is(value: Any) -> Any:
    return value


def _texts(value: Iterable[str]) -> tuple[str, ...]:
    return tuple(value)


def _quiet_hours(value: Mapping[str, Any]) -> QuietHours:
    return QuietHours(
        time.fromisoformat(value["begin"]), time.fromisoformat(value["end"]), bool(value["is_weekend_quiet"])
    )


def _news(value: Mapping[str, bool]) -> dict[NewsKind, bool]:
    return {kind: bool(value.get(kind, True)) for kind in NewsKind}


_READERS: Mapping[SettingName, Callable[[Any], Any]] = {
    SettingName.DIGEST_CHANNELS: _texts,
    SettingName.LEADERS: _texts,
    SettingName.ADMINS: _texts,
    SettingName.VOTE_REACTIONS: _texts,
    SettingName.BLIND_VOTES: bool,
    SettingName.QUIET_HOURS: _quiet_hours,
    SettingName.NEWS: _news,
}
