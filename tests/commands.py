"""The command line in the test's own process, beside a bot that runs there too."""

import logging

import pytest
import structlog
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.settings import Settings


def run_cxidea(*arguments: str, **environment: str) -> Result:
    """Return what `cxidea` with these arguments did; the log goes back to where it was."""
    handlers, configuration = list(logging.getLogger().handlers), structlog.get_config()
    try:
        return CliRunner().invoke(app, list(arguments), env=environment)
    finally:
        logging.getLogger().handlers[:] = handlers  # The command logs to a stream that is closed by now.
        structlog.configure(**configuration)


def name_settings(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Let commands find the settings of a bot that runs beside them over HTTP in the environment."""
    assert settings.slack_signing_secret
    for name, value in (
        ("SLACK_BOT_TOKEN", settings.slack_bot_token.get_secret_value()),
        ("SLACK_SIGNING_SECRET", settings.slack_signing_secret.get_secret_value()),
        ("SLACK_API_URL", settings.slack_api_url),
        ("DATABASE_URL", settings.database_url.get_secret_value()),
        ("CX_IDEAS_CHANNEL", settings.cx_ideas_channel),
        ("CX_DIGEST_CHANNEL", ",".join(settings.cx_digest_channels)),
    ):
        monkeypatch.setenv(name, value)
