"""What admins may enter in a setting's field; a check returns the value, or raises WrongSetting with what to do."""

import re
from collections.abc import Callable
from datetime import time

from bot import values
from bot.catalog import NAME_LIMIT
from bot.errors import WrongSetting
from bot.ids import SettingField
from bot.payloads import one_line
from bot.setting_forms import FilledSettings
from db.types import Rhythm

ANSWER_DAYS = range(1, 61)
ENTRIES = range(2, 21)
REACTIONS_MOST = 20
WORKFORCE_MOST = 10_000_000
_GROUP_ID = re.compile("S[A-Z0-9]{2,31}")
_PERSON_ID = re.compile("[UW][A-Z0-9]{2,31}")
_CHANNEL_ID = re.compile("[CG][A-Z0-9]{2,31}")
_SEPARATORS = re.compile(r"[\s,;]+")
_NUMBER = re.compile("[0-9]{1,8}")


def channel(form: FilledSettings) -> str:
    """Return the channel chosen."""
    chosen = form.one(SettingField.CHANNEL)
    if not _CHANNEL_ID.fullmatch(chosen):
        raise WrongSetting(SettingField.CHANNEL, "Choose a public or private channel.")
    return chosen


def weekday(form: FilledSettings) -> int:
    """Return the day of the week chosen, Monday as 0."""
    chosen = form.one(SettingField.WEEKDAY)
    if chosen not in {"0", "1", "2", "3", "4", "5", "6"}:
        raise WrongSetting(SettingField.WEEKDAY, "Choose a day of the week.")
    return int(chosen)


def time_of_day(form: FilledSettings, field: SettingField) -> str:
    """Return the time of day chosen, like `09:00`."""
    try:
        return f"{time.fromisoformat(form.one(field)):%H:%M}"
    except ValueError:
        raise WrongSetting(field, "Choose a time of day, like 09:00.") from None


def time_zone(form: FilledSettings) -> str:
    """Return the time zone typed."""
    typed = form.one(SettingField.ZONE)
    words = "There is no time zone of this name. Write it like Europe/Berlin, America/New_York or UTC."
    return _valued(values.time_zone, SettingField.ZONE, typed, words)


def country(form: FilledSettings) -> str | None:
    """Return the country typed; None: no holidays."""
    typed = form.one(SettingField.COUNTRY)
    words = "Holidays of this country are not known. Write its code, like DE, or DE-BY for a part of it."
    return _valued(values.country, SettingField.COUNTRY, typed, words) if typed else None


def rhythm(form: FilledSettings) -> Rhythm:
    """Return how often a digest comes."""
    try:
        return Rhythm(form.one(SettingField.RHYTHM))
    except ValueError:
        raise WrongSetting(SettingField.RHYTHM, "Choose every week or every month.") from None


def language(form: FilledSettings) -> str | None:
    """Return the language typed, of a digest's dates; None: English."""
    typed = form.one(SettingField.LANGUAGE)
    words = "Dates in this language are not known. Write its code, like de, fr or pt-BR."
    return _valued(values.language, SettingField.LANGUAGE, typed, words) if typed else None


def answer_days(form: FilledSettings) -> int:
    """Return the working days typed."""
    days = _number(form, SettingField.DAYS)
    if days is None or days not in ANSWER_DAYS:
        words = f"Write a whole number of working days, {ANSWER_DAYS[0]} to {ANSWER_DAYS[-1]}."
        raise WrongSetting(SettingField.DAYS, words)
    return days


def workforce(form: FilledSettings) -> int | None:
    """Return the number of employees typed; None: counted in Slack."""
    if not form.one(SettingField.WORKFORCE):
        return None
    number = _number(form, SettingField.WORKFORCE)
    if number is None or not 1 <= number <= WORKFORCE_MOST:
        raise WrongSetting(
            SettingField.WORKFORCE, "Write a whole number of people, or leave it empty to count in Slack."
        )
    return number


def team_field(form: FilledSettings) -> str | None:
    """Return the id of a profile field typed; None: teams are not asked for."""
    typed = form.one(SettingField.TEAM_FIELD)
    if typed and not values.PROFILE_FIELD.fullmatch(typed):
        words = "Write the field's id, like Xf0123456789; Slack's users.profile.get shows it. Empty: no teams."
        raise WrongSetting(SettingField.TEAM_FIELD, words)
    return typed or None


def reactions(form: FilledSettings) -> tuple[str, ...]:
    """Return the names of emoji typed."""
    field = SettingField.REACTIONS
    names = values.reaction_names(_SEPARATORS.split(form.one(field)))
    wrong = [name for name in names if not values.REACTION_NAME.fullmatch(name)]
    if wrong:
        raise WrongSetting(field, "One of these is no name of an emoji. Write names like +1, heart, fire.")
    if not 1 <= len(names) <= REACTIONS_MOST:
        words = f"Name at least one emoji, and {REACTIONS_MOST} at most; you have {len(names)}."
        raise WrongSetting(field, words)
    return names


def names(form: FilledSettings) -> tuple[str, ...]:
    """Return the names of stages or touchpoints typed, one on a line."""
    field = SettingField.NAMES
    lines = tuple(filter(None, map(one_line, form.one(field).splitlines())))
    if len(lines) not in ENTRIES:
        raise WrongSetting(field, f"A list has {ENTRIES[0]} to {ENTRIES[-1]} lines; yours has {len(lines)}.")
    if too_long := [line for line in lines if len(line) > NAME_LIMIT]:
        words = f"A name fits in {NAME_LIMIT} characters; one of yours has {len(too_long[0])}."
        raise WrongSetting(field, words)
    if len({line.casefold() for line in lines}) < len(lines):
        raise WrongSetting(field, "The same name stands there twice. Each line needs a name of its own.")
    return lines


def people(form: FilledSettings, field: SettingField) -> tuple[str, ...]:
    """Return the people chosen."""
    chosen = form.all(field)
    if not all(map(_PERSON_ID.fullmatch, chosen)):
        raise WrongSetting(field, "Choose people from the list.")
    return chosen


def groups(form: FilledSettings, field: SettingField) -> tuple[str, ...]:
    """Return the ids of user groups typed."""
    ids = values.entries(_SEPARATORS.split(form.one(field)))
    if not all(map(_GROUP_ID.fullmatch, ids)):
        words = "Write ids of user groups, like S0123456789; Slack shows a group's id in its menu under Copy group ID."
        raise WrongSetting(field, words)
    return ids


def _number(form: FilledSettings, field: SettingField) -> int | None:
    typed = form.one(field)
    return int(typed) if _NUMBER.fullmatch(typed) else None


def _valued(check: Callable[[str], str], field: SettingField, typed: str, words: str) -> str:
    try:
        return check(typed)
    except ValueError:
        raise WrongSetting(field, words) from None
