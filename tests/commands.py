"""The command line in the test's own process, beside a bot that runs there too."""

import logging

import structlog
from typer.testing import CliRunner, Result

from bot.__main__ import app


def run_cxidea(*arguments: str, **environment: str) -> Result:
    """Return what `cxidea` with these arguments did; the log goes back to where it was."""
    handlers, configuration = list(logging.getLogger().handlers), structlog.get_config()
    try:
        return CliRunner().invoke(app, list(arguments), env=environment)
    finally:
        logging.getLogger().handlers[:] = handlers  # The command logs to a stream that is closed by now.
        structlog.configure(**configuration)
