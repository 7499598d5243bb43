"""What the settings accept, and how they say no."""

import os
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.settings import (
    CallingSettings,
    DatabaseSettings,
    Settings,
    SettingsError,
    WeeklyTime,
    default_host,
    load,
    origins,
)

RIGHT = {
    "SLACK_BOT_TOKEN": "xoxb-123-secret",
    "SLACK_APP_TOKEN": "xapp-1-secret",
    "CX_IDEAS_CHANNEL": "C0IDEAS01",
    "CX_DIGEST_CHANNEL": "C0LEADS01",
}
SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "DATABASE_URL")


@pytest.fixture
def set_env(monkeypatch: pytest.MonkeyPatch) -> "SetEnv":
    return SetEnv(monkeypatch)


class SetEnv:
    """Sets the right environment, changed by keyword; None takes a variable away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, **changes: str | None) -> None:
        for name, value in {**RIGHT, **changes}.items():
            if value is None:
                self._monkeypatch.delenv(name, raising=False)
            else:
                self._monkeypatch.setenv(name, value)


def problems(cls: type[DatabaseSettings] = Settings) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(cls)
    assert str(caught.value) == "\n".join(caught.value.lines)
    return caught.value.lines


def test_four_variables_are_enough(set_env: SetEnv) -> None:
    """Two tokens and two channels start a bot; everything else has the documented default."""
    set_env()
    settings = load(Settings)
    assert settings.slack_bot_token.get_secret_value() == "xoxb-123-secret"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url.get_secret_value() == "sqlite:///cxidea.db"
    assert (settings.cx_leaders, settings.cx_admins) == ((), ())
    assert settings.cx_digest_channels == ("C0LEADS01",)
    assert settings.cx_digest_at == WeeklyTime(weekday=0, hour=9, minute=0)
    assert settings.zone == ZoneInfo("UTC")
    assert settings.cx_answer_days == 5
    assert settings.cx_vote_reactions == ("+1", "heart", "fire", "raised_hands", "100")
    assert settings.cx_workforce is None
    assert not settings.cx_blind_votes


def test_settings_cannot_be_changed(set_env: SetEnv) -> None:
    """What was checked at the start holds until the end."""
    set_env()
    with pytest.raises(ValueError, match="frozen"):
        load(Settings).port = 1


def test_all_missing_values_are_told_at_once() -> None:
    """An empty environment gives one line for each required variable, with an example."""
    lines = problems()
    assert [line.split()[0] for line in lines] == [
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "CX_IDEAS_CHANNEL",
        "CX_DIGEST_CHANNEL",
    ]
    assert all(" is missing" in line for line in lines)
    assert lines[0] == "SLACK_BOT_TOKEN is missing. Example: SLACK_BOT_TOKEN=xoxb-..."


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1-secret", "must begin with xoxb-; this is the app-level token"),
        ("SLACK_BOT_TOKEN", "xoxp-1-secret", "this is a user token"),
        ("SLACK_BOT_TOKEN", '"xoxb-1-secret"', "must begin with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1-secret", "belongs in SLACK_BOT_TOKEN"),
        ("SLACK_SIGNING_SECRET", "xoxb-1-secret", "is no signing secret; this is the bot token"),
        ("SLACK_SIGNING_SECRET", "  ", "is no signing secret"),
        ("SLACK_API_URL", "https://slack.com/api", "ends in /api/"),
        ("SLACK_API_URL", "slack.com/api/", "http or https"),
        ("DATABASE_URL", "mysql://root:secret@db/cx", "must begin with sqlite:/// or postgresql://"),
        ("DATABASE_URL", "cxidea-secret.db", "is no database address"),
        ("DATABASE_URL", "postgresql://u:secret@host:port/cx", "is no database address"),
        ("DATABASE_URL", "sqlite://", "must name a file"),
        ("DATABASE_URL", "sqlite:///:memory:", "must name a file"),
        ("PORT", "http", "must be a whole number"),
        ("PORT", "70000", "must be less than or equal to 65535"),
        ("CX_IDEAS_CHANNEL", "#ideas", "is no channel id"),
        ("CX_IDEAS_CHANNEL", "c0ideas01", "is no channel id"),
        ("CX_IDEAS_CHANNEL", "D0SECRET1", "is no channel id"),
        ("CX_DIGEST_CHANNEL", ",", "needs at least one entry"),
        ("CX_DIGEST_CHANNEL", "C0LEADS01, leads", "(entry 2) is no channel id"),
        ("CX_LEADERS", "U0LEAD001,@anna", "(entry 2) is no id of a person (U..., W...) or a user group (S...)"),
        ("CX_ADMINS", "B0BOT0001", "(entry 1) is no id"),
        ("CX_DIGEST_AT", "09:00", "is no weekday with a time of day"),
        ("CX_DIGEST_AT", "mon 24:00", "is no weekday with a time of day"),
        ("CX_DIGEST_AT", "moon 09:00", "is no weekday with a time of day"),
        ("CX_TIMEZONE", "Berlin", "is no name of a time zone"),
        ("CX_TIMEZONE", "Europe", "is no name of a time zone"),
        ("CX_TIMEZONE", "../../etc/passwd", "is no name of a time zone"),
        ("CX_ANSWER_DAYS", "0", "must be greater than or equal to 1"),
        ("CX_ANSWER_DAYS", "61", "must be less than or equal to 60"),
        ("CX_HOLIDAYS", "XX", "is no country whose holidays are known"),
        ("CX_HOLIDAYS", "DE-XX", "is no country whose holidays are known"),
        ("CX_VOTE_REACTIONS", "+1, thumbs up", "(entry 2) is no name of an emoji"),
        ("CX_BLIND_VOTES", "perhaps", "must be true or false"),
        ("CX_WORKFORCE", "0", "must be greater than or equal to 1"),
        ("CX_LOG_FORMAT", "xml", "must be 'console' or 'json'"),
    ],
)
def test_wrong_value_gives_one_clear_line(set_env: SetEnv, variable: str, value: str, words: str) -> None:
    """A wrong value is one line that names the variable, what is wrong and a right value, and quotes no secret."""
    set_env(**{variable: value})
    (line,) = problems()
    assert line.startswith(variable)
    assert words in line
    assert f"Example: {variable}=" in line
    assert "secret@" not in line
    assert "-secret" not in line


def test_examples_are_right_values(set_env: SetEnv) -> None:
    """Every example that an error message gives would have been accepted."""
    names = [name for name in Settings.model_fields if not name.endswith("_file")]
    set_env(**{name.upper(): str((Settings.model_fields[name].examples or [""])[0]) for name in names})
    load(Settings)


def test_all_wrong_values_are_told_at_once(set_env: SetEnv, tmp_path: Path) -> None:
    """Missing, misshapen and unreadable values come in one answer."""
    set_env(SLACK_BOT_TOKEN=None, SLACK_BOT_TOKEN_FILE=str(tmp_path / "none"), PORT="x", CX_IDEAS_CHANNEL=None)
    assert [line.split()[0] for line in problems()] == ["SLACK_BOT_TOKEN", "PORT", "CX_IDEAS_CHANNEL"]


@pytest.mark.parametrize("secret", SECRETS)
def test_secret_may_come_from_a_file(set_env: SetEnv, tmp_path: Path, secret: str) -> None:
    """The file's content is the value, without the line's end."""
    values = {**RIGHT, "SLACK_SIGNING_SECRET": "0f", "DATABASE_URL": "postgresql://a:b@c/d"}
    (tmp_path / "secret").write_text(values[secret] + "\r\n")
    set_env(**{secret: None, f"{secret}_FILE": str(tmp_path / "secret")})
    assert getattr(load(Settings), secret.lower()).get_secret_value() == values[secret]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
    ids=["absent", "empty", "blank", "binary"],
)
def test_unusable_file_is_told(set_env: SetEnv, tmp_path: Path, secret: str, content: bytes | None, words: str) -> None:
    """A file that is absent, empty or no text is named by its variable."""
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    set_env(**{secret: None, f"{secret}_FILE": str(tmp_path / "secret")})
    (line,) = problems()
    assert f"{secret}_FILE" in line
    assert words in line


@pytest.mark.parametrize("secret", SECRETS)
def test_value_and_file_together_are_refused(set_env: SetEnv, tmp_path: Path, secret: str) -> None:
    """Nobody has to guess which of the two holds."""
    (tmp_path / "secret").write_text("one")
    set_env(**{secret: "two", f"{secret}_FILE": str(tmp_path / "secret")})
    (line,) = problems()
    assert f"{secret} and {secret}_FILE are both set" in line


def test_no_secret_is_shown(set_env: SetEnv) -> None:
    """Printing the settings shows no token and no password."""
    set_env(SLACK_SIGNING_SECRET="0f-secret", DATABASE_URL="postgresql://u:pw-secret@host/db")
    assert "secret'" not in repr(load(Settings))
    assert "-secret" not in repr(load(Settings))


def test_env_file_is_read_and_the_environment_wins(set_env: SetEnv, tmp_path: Path) -> None:
    """`.env` in the working folder fills in what the environment does not say."""
    (tmp_path / ".env").write_text("# ours\nCX_TIMEZONE=Europe/Berlin\nexport CX_ANSWER_DAYS='7'\nUNKNOWN=1\n")
    set_env(CX_ANSWER_DAYS="3")
    settings = load(Settings)
    assert settings.cx_timezone == "Europe/Berlin"
    assert settings.cx_answer_days == 3


def test_unreadable_env_file_is_told(set_env: SetEnv, tmp_path: Path) -> None:
    """A `.env` that is no text is one clear line."""
    (tmp_path / ".env").write_bytes(b"CX_TIMEZONE=\xff\n")
    set_env()
    assert problems() == ("The file .env in the working folder cannot be read: it is not UTF-8 text.",)


def test_empty_value_counts_as_unset(set_env: SetEnv, tmp_path: Path) -> None:
    """`PORT=` is no port, and an empty variable of the environment does not hide the one in `.env`."""
    (tmp_path / ".env").write_text("CX_TIMEZONE=Europe/Berlin\nCX_WORKFORCE=\n")
    set_env(PORT="", CX_TIMEZONE="", SLACK_SIGNING_SECRET="")
    settings = load(Settings)
    assert settings.port is None
    assert settings.cx_timezone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("token", "port", "expected"),
    [("xapp-1", None, None), ("xapp-1", "9000", 9000), (None, None, 3000), (None, "9000", 9000), (None, "0", 0)],
)
def test_port_depends_on_the_transport(set_env: SetEnv, token: str | None, port: str | None, expected: int) -> None:
    """HTTP mode listens on 3000 by default; Socket Mode listens only where PORT says so."""
    set_env(SLACK_APP_TOKEN=token, PORT=port, SLACK_SIGNING_SECRET="0f")
    settings = load(Settings)
    assert settings.is_socket_mode is (token is not None)
    assert settings.http_port == expected


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv"])
def test_container_listens_on_all_its_addresses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mark: str) -> None:
    """On a machine HTTP is for that machine alone; in a container it is for whoever can reach the container."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert default_host(tmp_path) == "127.0.0.1"
    (tmp_path / mark).parent.mkdir(exist_ok=True)
    (tmp_path / mark).touch()
    assert default_host(tmp_path) == "0.0.0.0"  # noqa: S104 -- the value under test


def test_pod_listens_on_all_its_addresses(set_env: SetEnv) -> None:
    """Kubernetes is known by its variable, whatever runs the containers."""
    set_env(KUBERNETES_SERVICE_HOST="10.0.0.1")
    assert load(Settings).host == "0.0.0.0"  # noqa: S104 -- the value under test
    set_env(HOST="127.0.0.1")
    assert load(Settings).host == "127.0.0.1"


def test_lists_are_split_by_comma(set_env: SetEnv) -> None:
    """Blanks, repetitions and a comma at the end do no harm, and the order stays."""
    set_env(CX_LEADERS=" S0GROUP01, U0LEAD001,W0LEAD002 ,U0LEAD001,", CX_DIGEST_CHANNEL="G0LEADS02,C0LEADS01")
    settings = load(Settings)
    assert settings.cx_leaders == ("S0GROUP01", "U0LEAD001", "W0LEAD002")
    assert settings.cx_digest_channels == ("G0LEADS02", "C0LEADS01")


def test_reactions_may_be_copied_from_slack(set_env: SetEnv) -> None:
    """Colons and skin tones are not part of a reaction's name."""
    set_env(CX_VOTE_REACTIONS=":+1::skin-tone-3:, heart ,:100:,:+1:")
    assert load(Settings).cx_vote_reactions == ("+1", "heart", "100")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon 09:00", (0, 9, 0)),
        ("Friday 7:05", (4, 7, 5)),
        (" SUN  23:59 ", (6, 23, 59)),
        ("wednesday 00:00", (2, 0, 0)),
    ],
)
def test_weekly_time_is_read_as_people_write_it(text: str, expected: tuple[int, int, int]) -> None:
    """Short and full names of days, in any case."""
    time = WeeklyTime.parse(text)
    assert (time.weekday, time.hour, time.minute) == expected
    assert WeeklyTime.parse(str(time)) == time


@pytest.mark.parametrize(
    "text", ["", "mon", "mon 9", "mon 09:60", "mo 09:00", "09:00 mon", "mon 09:00 pm", "mon ٠٩:00"]
)
def test_weekly_time_refuses_what_is_none(text: str) -> None:
    """Half a time is not guessed at."""
    with pytest.raises(ValueError, match="no weekday"):
        WeeklyTime.parse(text)


def test_postgres_is_postgresql(set_env: SetEnv) -> None:
    """Providers hand out addresses that begin with postgres://."""
    set_env(DATABASE_URL="postgres://u:p%40ss@host:5432/db?sslmode=require")
    assert load(Settings).database_url.get_secret_value() == "postgresql://u:p%40ss@host:5432/db?sslmode=require"


def test_database_commands_ask_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """`migrate` and `export` work without Slack's variables, and whatever these say."""
    monkeypatch.setenv("CX_TIMEZONE", "nowhere")
    assert load(DatabaseSettings).database_url.get_secret_value() == "sqlite:///cxidea.db"
    monkeypatch.setenv("DATABASE_URL", "nowhere")
    (line,) = problems(DatabaseSettings)
    assert line.startswith("DATABASE_URL is no database address")


@pytest.mark.parametrize(("is_terminal", "expected"), [(True, "console"), (False, "json")])
def test_log_format_suits_its_reader(
    set_env: SetEnv, monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool, expected: str
) -> None:
    """A terminal gets lines for people, anything else JSON, unless the format was chosen."""
    set_env()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    assert load(Settings).log_format == expected
    set_env(CX_LOG_FORMAT="json")
    assert load(Settings).log_format == "json"


def test_origins_tell_where_each_value_comes_from(set_env: SetEnv, tmp_path: Path) -> None:
    """`doctor` can say whether the environment, `.env` or a default decided."""
    (tmp_path / ".env").write_text("CX_TIMEZONE=Europe/Berlin\nCX_IDEAS_CHANNEL=C1\nCX_ANSWER_DAYS=\n")
    set_env(CX_WORKFORCE="")
    found = origins(Settings)
    assert found["CX_WORKFORCE"] == "default"
    assert found["CX_IDEAS_CHANNEL"] == "environment"
    assert found["CX_TIMEZONE"] == ".env"
    assert found["CX_ANSWER_DAYS"] == "default"
    assert set(found) == {name.upper() for name in Settings.model_fields}


def test_environment_of_the_developer_is_hidden() -> None:
    """The tests themselves run without anybody's settings."""
    assert not {name.upper() for name in Settings.model_fields} & set(os.environ)


def test_a_command_that_slack_does_not_call_needs_no_secret_of_its_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Previewing a digest asks for the bot token and the channels; neither signing secret nor app token is used."""
    for name, value in (
        ("SLACK_BOT_TOKEN", "xoxb-1"),
        ("CX_IDEAS_CHANNEL", "C0IDEAS01"),
        ("CX_DIGEST_CHANNEL", "C0LEADS01"),
    ):
        monkeypatch.setenv(name, value)
    assert load(CallingSettings).slack_signing_secret is None
    with pytest.raises(SettingsError, match="SLACK_SIGNING_SECRET is missing"):
        load(Settings)
