"""What the environment and `.env` say, checked as a whole before anything starts."""

import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot import values

ENV_FILE = ".env"
SLACK_API_URL = "https://slack.com/api/"
HTTP_PORT = 3000

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKLY_TIME = re.compile(r"(?P<day>[a-z]+)\s+(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)", re.IGNORECASE | re.ASCII)
_API_URL = re.compile(r"https?://[^\s/]+/(\S+/)?api/")
_CONTAINER_MARKS = (".dockerenv", "run/.containerenv")
_SECRETS_FOUND_ELSEWHERE = {
    "xoxb-": "the bot token, which belongs in SLACK_BOT_TOKEN",
    "xapp-": "the app-level token, which belongs in SLACK_APP_TOKEN",
    "xoxp-": "a user token, which cxidea has no use for",
    "xoxe": "a rotating token, which cxidea has no use for",
}


class SettingsError(Exception):
    """Everything that is wrong with the settings: `lines` has one sentence for each problem."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


@dataclass(frozen=True, slots=True)
class WeeklyTime:
    """A time of the week as the clock on the wall shows it; Monday is weekday 0."""

    weekday: int
    hour: int
    minute: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the time that `mon 09:00` or `Monday 9:00` names; raises ValueError."""
        match = _WEEKLY_TIME.fullmatch(text.strip())
        day = match["day"].lower() if match else ""
        weekday = next((number for number, name in enumerate(_WEEKDAYS) if day in (name, name[:3])), None)
        if match is None or weekday is None:
            raise ValueError("is no weekday with a time of day")
        return cls(weekday, int(match["hour"]), int(match["minute"]))

    def __str__(self) -> str:
        return f"{_WEEKDAYS[self.weekday][:3]} {self.hour_minute}"

    @property
    def hour_minute(self) -> str:
        """The time of day, like `09:00`."""
        return f"{self.hour:02}:{self.minute:02}"


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """Takes the place of a secret whose file failed, so that this is reported beside all other problems."""

    why: str


def _refuse_unreadable(value: Any) -> Any:
    if isinstance(value, _Unreadable):
        raise ValueError(value.why)  # noqa: TRY004 -- the one error that pydantic reports
    return value


def _token(prefix: str) -> Callable[[SecretStr], SecretStr]:
    def check(secret: SecretStr) -> SecretStr:
        value = secret.get_secret_value().strip()
        if not value.startswith(prefix):
            raise ValueError(f"must begin with {prefix}{_what_it_is_instead(value)}")
        return SecretStr(value)

    return check


def _signing_secret(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value().strip()
    instead = _what_it_is_instead(value)
    if instead or not value:
        raise ValueError(f"is no signing secret{instead}")
    return SecretStr(value)


def _what_it_is_instead(value: str) -> str:
    kinds = [kind for prefix, kind in _SECRETS_FOUND_ELSEWHERE.items() if value.startswith(prefix)]
    return f"; this is {kinds[0]}" if kinds else ""


def _database_url(secret: SecretStr) -> SecretStr:
    scheme, separator, rest = secret.get_secret_value().strip().partition("://")
    value = ("postgresql" if scheme == "postgres" else scheme) + separator + rest
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("is no database address") from None  # The cause may repeat the password.
    if url.drivername not in ("sqlite", "postgresql", "postgresql+psycopg"):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise ValueError("must name a file; a database in memory is gone with its connection")
    return SecretStr(value)


def _matching(pattern: re.Pattern[str], refusal: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(refusal)
        return value

    return check


def _weekly_time(value: Any) -> Any:
    return WeeklyTime.parse(value) if isinstance(value, str) else value


def default_host(root: Path = Path("/")) -> str:
    """Return the address to listen on: this machine's own, or in a container every one that it has."""
    is_container = "KUBERNETES_SERVICE_HOST" in os.environ or any((root / mark).exists() for mark in _CONTAINER_MARKS)
    return "0.0.0.0" if is_container else "127.0.0.1"  # noqa: S104 -- a container is reached from outside or not at all


_Secret = Annotated[SecretStr, BeforeValidator(_refuse_unreadable)]
_BotToken = Annotated[_Secret, AfterValidator(_token("xoxb-"))]
_AppToken = Annotated[_Secret, AfterValidator(_token("xapp-"))]
_SigningSecret = Annotated[_Secret, AfterValidator(_signing_secret)]
_DatabaseUrl = Annotated[_Secret, AfterValidator(_database_url)]
_ChannelId = Annotated[str, AfterValidator(_matching(values.CHANNEL_ID, "is no channel id (C... or G...)"))]
_PersonOrGroupId = Annotated[
    str,
    AfterValidator(_matching(values.PERSON_OR_GROUP_ID, "is no id of a person (U..., W...) or a user group (S...)")),
]
_ReactionName = Annotated[str, AfterValidator(_matching(values.REACTION_NAME, "is no name of an emoji"))]
_People = Annotated[tuple[_PersonOrGroupId, ...], NoDecode, BeforeValidator(values.entries)]
_Channels = Annotated[tuple[_ChannelId, ...], NoDecode, BeforeValidator(values.entries), Field(min_length=1)]
_Reactions = Annotated[tuple[_ReactionName, ...], NoDecode, BeforeValidator(values.reaction_names), Field(min_length=1)]
_ApiUrl = Annotated[str, AfterValidator(_matching(_API_URL, "must be an http or https address that ends in /api/"))]
_TimeZone = Annotated[str, AfterValidator(values.time_zone)]
_ProfileField = Annotated[str, AfterValidator(_matching(values.PROFILE_FIELD, "is no id of a profile field (Xf...)"))]
_Country = Annotated[str, AfterValidator(values.country)]
_WeeklyTime = Annotated[WeeklyTime, NoDecode, BeforeValidator(_weekly_time)]


class DatabaseSettings(BaseSettings):
    """What a command needs that uses the database and nothing else."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
    )

    database_url: _DatabaseUrl = Field(
        default=SecretStr("sqlite:///cxidea.db"), examples=["postgresql://cxidea:password@db.example.com/cxidea"]
    )
    database_url_file: Path | None = Field(default=None, examples=["/run/secrets/database_url"])
    cx_log_format: Literal["console", "json"] | None = Field(default=None, examples=["json"])

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        names = [name.removesuffix("_file") for name in cls.model_fields if name.endswith("_file")]
        return values | {name: _from_file(name, values) for name in names if values.get(f"{name}_file")}

    @property
    def log_format(self) -> Literal["console", "json"]:
        """The format that was set, else what suits the place where standard error goes."""
        return self.cx_log_format or ("console" if sys.stderr.isatty() else "json")


class Settings(DatabaseSettings):
    """Everything that the bot needs to know."""

    slack_bot_token: _BotToken = Field(examples=["xoxb-..."])
    slack_bot_token_file: Path | None = Field(default=None, examples=["/run/secrets/slack_bot_token"])
    slack_app_token: _AppToken | None = Field(default=None, examples=["xapp-..."])
    slack_app_token_file: Path | None = Field(default=None, examples=["/run/secrets/slack_app_token"])
    slack_signing_secret: _SigningSecret | None = Field(
        default=None, examples=["0123456789abcdef0123456789abcdef"], validate_default=True
    )
    slack_signing_secret_file: Path | None = Field(default=None, examples=["/run/secrets/slack_signing_secret"])
    slack_api_url: _ApiUrl = Field(default=SLACK_API_URL, examples=[SLACK_API_URL])
    host: str = Field(default_factory=default_host, examples=["127.0.0.1"])
    port: int | None = Field(default=None, ge=0, le=65535, examples=["3000"])
    cx_ideas_channel: _ChannelId = Field(examples=["C0123456789"])
    cx_digest_channel: _Channels = Field(examples=["C0123456789,C0123456780"])
    cx_leaders: _People = Field(default=(), examples=["U0123456789,S0123456789"])
    cx_admins: _People = Field(default=(), examples=["U0123456789"])
    cx_digest_at: _WeeklyTime = Field(default=WeeklyTime(0, 9, 0), examples=["mon 09:00"])
    cx_timezone: _TimeZone = Field(default="UTC", examples=["Europe/Berlin"])
    cx_answer_days: int = Field(default=5, ge=1, le=60, examples=["5"])
    cx_holidays: _Country | None = Field(default=None, examples=["DE"])
    cx_vote_reactions: _Reactions = Field(
        default=("+1", "heart", "fire", "raised_hands", "100"), examples=["+1,heart,fire"]
    )
    cx_blind_votes: bool = Field(default=False, examples=["true"])
    cx_workforce: int | None = Field(default=None, ge=1, examples=["1200"])
    cx_team_field: _ProfileField | None = Field(default=None, examples=["Xf0123456789"])

    @field_validator("slack_signing_secret")
    @classmethod
    def _required_without_app_token(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if secret is None and info.data.get("slack_app_token", ...) is None:
            raise ValueError("is missing: set SLACK_APP_TOKEN for Socket Mode, or this one for HTTP")
        return secret

    @property
    def is_socket_mode(self) -> bool:
        """Whether Slack is reached by Socket Mode; otherwise it sends HTTP requests."""
        return self.slack_app_token is not None

    @property
    def http_port(self) -> int | None:
        """The port to listen on; None when there is nothing to serve, in Socket Mode without PORT."""
        return self.port if self.port is not None or self.is_socket_mode else HTTP_PORT

    @property
    def cx_digest_channels(self) -> tuple[str, ...]:
        """The leadership channels: CX_DIGEST_CHANNEL may name several."""
        return self.cx_digest_channel

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of digests and answer dates."""
        return ZoneInfo(self.cx_timezone)


class CallingSettings(Settings):
    """What a command needs that calls Slack, and that Slack does not call."""

    @field_validator("slack_signing_secret")
    @classmethod
    def _required_without_app_token(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:  # noqa: ARG003  # as above
        return secret


AnySettings = TypeVar("AnySettings", bound=DatabaseSettings)


def load(cls: type[AnySettings]) -> AnySettings:
    """Return the settings; raises SettingsError, which names all problems at once and quotes no value."""
    try:
        return cls()
    except ValidationError as error:
        raise SettingsError(_line(cls, problem) for problem in error.errors(include_input=False)) from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError([f"The file {ENV_FILE} in the working folder cannot be read: {why}."]) from None


def origins(cls: type[DatabaseSettings]) -> dict[str, str]:
    """Return where each variable's value comes from: `environment`, `.env` or `default`."""
    environment = {name.upper() for name, value in os.environ.items() if value}
    env_file = {name.upper() for name, value in dotenv_values(ENV_FILE).items() if value}

    def origin(variable: str) -> str:
        return "environment" if variable in environment else ENV_FILE if variable in env_file else "default"

    return {name.upper(): origin(name.upper()) for name in cls.model_fields}


def _from_file(name: str, values: dict[str, Any]) -> Any:
    variable = f"{name}_file".upper()
    if values.get(name):
        return _Unreadable(f"and {variable} are both set; keep one of them")
    try:
        content = Path(values[f"{name}_file"]).read_text("utf-8").strip()
    except OSError as error:
        return _Unreadable(f"cannot be read from the file that {variable} names: {error.strerror}")
    except UnicodeDecodeError:
        return _Unreadable(f"cannot be read from the file that {variable} names: it is not UTF-8 text")
    return content or _Unreadable(f"is empty in the file that {variable} names")


def _line(cls: type[DatabaseSettings], problem: Any) -> str:
    """Return one sentence for one of pydantic's errors, with an example of a right value."""
    name, *place = problem["loc"]
    variable = str(name).upper()
    entry = f" (entry {place[0] + 1})" if place and isinstance(place[0], int) else ""
    example = (cls.model_fields[str(name)].examples or [""])[0]
    return f"{variable}{entry} {_what_is_wrong(problem)}. Example: {variable}={example}"


def _what_is_wrong(problem: Any) -> str:
    match problem["type"]:
        case "missing":
            return "is missing"
        case "too_short":
            return "needs at least one entry"
        case "int_parsing":
            return "must be a whole number"
        case "bool_parsing":
            return "must be true or false"
        case _:
            return str(problem["msg"]).removeprefix("Value error, ").replace("Input should", "must", 1)
