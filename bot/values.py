"""What the values of settings may be, wherever they are written; each rule raises ValueError, which says why."""

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError

CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,}")
PERSON_OR_GROUP_ID = re.compile(r"[UWS][A-Z0-9]{2,}")
PROFILE_FIELD = re.compile(r"Xf[A-Z0-9]{2,30}")
REACTION_NAME = re.compile(r"[\w'+-]{1,100}")


def entries(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return a list without blanks and repetitions, split by comma where it is one text."""
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(dict.fromkeys(entry.strip() for entry in parts if entry.strip()))


def reaction_names(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return a list of emoji, also as people write them in Slack: `:+1::skin-tone-2:` is `+1`."""
    return entries([entry.strip(":").split("::")[0].lower() for entry in entries(value)])


def time_zone(value: str) -> str:
    """Return the name of a time zone as its database has it."""
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, OSError, ValueError):  # Unknown; a folder of the time zone database; a path.
        raise ValueError("is no name of a time zone") from None


def language(value: str) -> str:
    """Return the code of a language, like `de` or `pt_BR`, in which dates can be written."""
    try:
        return str(Locale.parse(value.replace("-", "_")))
    except (ValueError, TypeError, UnknownLocaleError):
        raise ValueError("is no language in which dates can be written") from None


def country(value: str) -> str:
    """Return the code of a country whose holidays are known, or of a part of one."""
    import holidays  # noqa: PLC0415  # It takes a tenth of the start, and most companies set no country.

    name, _, part = value.upper().partition("-")
    parts = holidays.list_supported_countries().get(name)
    if parts is None or (part and part not in parts):
        raise ValueError("is no country whose holidays are known (like DE, or DE-BY for a part of it)")
    return f"{name}-{part}" if part else name
