"""Logs that say what happened, and never what somebody wrote or what opens a door."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

REMOVED = "[removed]"
_LONGEST_TEXT = 500
_DEEPEST_FRAMES = 12

_SECRETS = re.compile(
    r"""
      xox[a-z](\.xox[a-z])?-[\w-]+                                     # bot, user, rotating tokens
    | xapp-[\w-]+                                                      # app-level tokens
    | https?://[^\s"'<>]*(hooks\.slack\.com|/actions/|/commands/)[^\s"'<>]*  # response URLs
    | wss?://[^\s"'<>]+                                                # Socket Mode's URLs carry a ticket
    | \b\d{6,}\.\d{3,}\.[0-9a-f]{8,}\b                                 # trigger ids
    | \bv0=[0-9a-f]{16,}                                               # request signatures
    | (?<=://)[^\s/@"']+@                                              # user and password of an address
    """,
    re.VERBOSE,
)
_SECRET_FIELDS = frozenset(
    {
        *("token", "authorization", "signing_secret", "password", "database_url"),
        *("trigger_id", "response_url", "signature"),
        *("body", "payload", "blocks", "view", "text", "title", "description"),
    }
)
_CHATTY_LIBRARIES = re.compile(r"(apscheduler|waitress)(\.|$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_FIRST_VALUE = re.compile(r"""[:({\["'<]""")


def configure_logging(format_name: str) -> None:
    """Send all logs, the libraries' too, to standard error: `console` for people, `json` for collectors."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, shorten_library_text],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                describe_error,
                redact,
                _renderer(format_name),
            ],
        )
    )
    _take_over(handler)


def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Return the log line without tokens, response URLs, trigger ids and people's words, at any depth."""
    return _redacted_dict(event)


def describe_error(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by where it happened and each error's first line.

    The rest of an error's text may repeat a statement's parameters or a whole response.
    """
    error = _error_of(event.pop("exc_info", None))
    event.pop("stack_info", None)
    if error is not None:
        event["exception"] = "\n".join(_error_lines(error))
    return event


def shorten_library_text(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Keep only a library's own words: Bolt and slack_sdk print bodies behind a colon or a bracket."""
    record = event["_record"]
    if not _CHATTY_LIBRARIES.match(record.name):
        event["event"] = _FIRST_VALUE.split(str(event["event"]).splitlines()[0] if event["event"] else "", 1)[0].strip()
    return event


def _renderer(format_name: str) -> Processor:
    if format_name == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def _take_over(handler: logging.Handler) -> None:
    """Make this the process's only way to log; Bolt copies the root's level, so it is set here too."""
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    logging.getLogger("bot").setLevel(logging.INFO)
    logging.getLogger("slack_sdk.web").setLevel(logging.CRITICAL)  # Whoever called says what came of it.
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _log_uncaught(
    kind: type[BaseException], error: BaseException | None, _traceback: TracebackType | None = None
) -> None:
    if error is not None and not issubclass(kind, KeyboardInterrupt):
        structlog.get_logger("bot").critical("crashed", exc_info=error)


def _redacted(name: str, value: Any) -> Any:
    if name in _SECRET_FIELDS:
        return REMOVED
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return _redacted_dict(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted("", inner) for inner in value]
    text = _SECRETS.sub(REMOVED, str(value))
    return _CONTROL_IN_LINES.sub("?", text) if name == "exception" else _CONTROL.sub("?", text)[:_LONGEST_TEXT]


def _redacted_dict(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {_CONTROL.sub("?", _SECRETS.sub(REMOVED, str(name))): _redacted(str(name), v) for name, v in values.items()}


def _error_of(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    return sys.exc_info()[1] if exc_info else None


def _error_lines(error: BaseException) -> list[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST_FRAMES:]
    words = str(error).splitlines()[0].split("{")[0][:_LONGEST_TEXT] if str(error) else ""
    return [
        *(_error_lines(cause) if cause else []),
        *(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames),
        f"{type(error).__module__}.{type(error).__qualname__}: {words}",
    ]
