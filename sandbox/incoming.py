"""What comes in from outside: JSON that is whole, finite and can be written out again."""

import json
import math
import re
from typing import Any

from sandbox.errors import ActError
from sandbox.models import Json

BODY_BYTES = 1_048_576
MOST_NESTED = 100
SURROGATES = re.compile("[\ud800-\udfff]")


class NotAnObject(ValueError):
    """It is JSON, but no object."""


def read_json(text: str | bytes) -> Any:
    """Return the value of a JSON text, clean; raises ValueError for what is none, infinite numbers among it."""
    return clean(json.loads(text, parse_constant=_finite, parse_float=_finite))


def read_object(text: str | bytes) -> Json:
    """Return the object of a JSON text; raises NotAnObject or, when it is no JSON at all, another ValueError."""
    try:
        found: Any = read_json(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(found, dict):
        raise NotAnObject("The body is a JSON object.")
    return found


def read_request(body: bytes) -> Json:
    """Return the JSON object that somebody posted; raises ActError when it is none."""
    try:
        return read_object(body)
    except ValueError as error:
        raise ActError("The body is a JSON object.") from error


def clean(value: Any, depth: int = 0) -> Any:
    """Return JSON with a sign in place of half characters, which no file and no page can hold.

    Raises ValueError for what is nested deeper than anything in Slack.
    """
    if depth > MOST_NESTED:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        return SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean(key, depth + 1): clean(item, depth + 1) for key, item in value.items()}
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number of JSON.")
    return number
