from collections.abc import Callable
from typing import Any

import pytest

from bot.errors import MalformedPayload, WrongSetting
from bot.ids import FormAddress, SettingField, SettingsForm
from bot.services import setting_checks as checks
from bot.setting_forms import FilledSettings, form_address

Check = Callable[[FilledSettings], Any]


def filled(**fields: str | list[str]) -> FilledSettings:
    """Return a form with these fields, as Slack sends it."""
    values = {
        name: {name: {"type": "x", "value": value}}
        if isinstance(value, str)
        else {name: {"type": "x", "selected_options": [{"value": each} for each in value]}}
        for name, value in fields.items()
    }
    view = {"id": "V1", "private_metadata": "votes/", "state": {"values": values}}
    return FilledSettings.parse({"user": {"id": "U0OTIENO01"}, "view": view})


RIGHT: list[tuple[Check, dict[str, Any], Any]] = [
    (checks.channel, {"channel": "C0GENERAL1"}, "C0GENERAL1"),
    (checks.weekday, {"weekday": "6"}, 6),
    (checks.time_zone, {"zone": " Europe/Berlin "}, "Europe/Berlin"),
    (checks.country, {"country": "de-by"}, "DE-BY"),
    (checks.country, {}, None),
    (checks.answer_days, {"days": "60"}, 60),
    (checks.workforce, {"workforce": "1200"}, 1200),
    (checks.workforce, {}, None),
    (checks.reactions, {"reactions": ":+1::skin-tone-2:, heart  tada,Heart"}, ("+1", "heart", "tada")),
    (checks.names, {"names": "Use \n\n  Get   help\n"}, ("Use", "Get help")),
    (checks.names, {"names": "x" * 75 + "\nUse"}, ("x" * 75, "Use")),
]
WRONG: list[tuple[Check, dict[str, Any], str]] = [
    (checks.channel, {}, "Choose a public or private channel"),
    (checks.channel, {"channel": "D0DIRECT01"}, "Choose a public or private channel"),
    (checks.weekday, {"weekday": "7"}, "day of the week"),
    (checks.time_zone, {"zone": "Berlin"}, "Write it like Europe/Berlin"),
    (checks.time_zone, {"zone": "../../etc/passwd"}, "Write it like Europe/Berlin"),
    (checks.time_zone, {}, "Write it like Europe/Berlin"),
    (checks.country, {"country": "Germany"}, "Write its code, like DE"),
    (checks.country, {"country": "DE-XX"}, "Write its code, like DE"),
    (checks.answer_days, {"days": "0"}, "1 to 60"),
    (checks.answer_days, {"days": "61"}, "1 to 60"),
    (checks.answer_days, {"days": "five"}, "1 to 60"),
    (checks.answer_days, {"days": "٣"}, "1 to 60"),
    (checks.answer_days, {}, "1 to 60"),
    (checks.workforce, {"workforce": "0"}, "whole number of people"),
    (checks.workforce, {"workforce": "1.5"}, "whole number of people"),
    (checks.reactions, {"reactions": "a:b"}, "no name of an emoji"),
    (checks.reactions, {"reactions": "👍"}, "no name of an emoji"),
    (checks.reactions, {"reactions": "heart!"}, "no name of an emoji"),
    (checks.reactions, {}, "at least one emoji"),
    (checks.reactions, {"reactions": " ".join(f"e{n}" for n in range(21))}, "20 at most; you have 21"),
    (checks.names, {"names": "Use"}, "2 to 20 lines; yours has 1"),
    (checks.names, {"names": "\n".join(f"Stage {n}" for n in range(21))}, "2 to 20 lines; yours has 21"),
    (checks.names, {"names": "x" * 76 + "\nUse"}, "75 characters; one of yours has 76"),
    (checks.names, {"names": "Use\nuse"}, "twice"),
]


@pytest.mark.parametrize(("check", "fields", "value"), RIGHT)
def test_what_can_be_is_taken(check: Check, fields: dict[str, Any], value: Any) -> None:
    """Each field takes what makes sense, also as people write it."""
    assert check(filled(**fields)) == value


@pytest.mark.parametrize(("check", "fields", "hint"), WRONG)
def test_what_cannot_be_says_what_is_right(check: Check, fields: dict[str, Any], hint: str) -> None:
    """Each wrong value gets a text under its own field that says what a right one looks like."""
    with pytest.raises(WrongSetting, match=hint) as caught:
        check(filled(**fields))
    assert caught.value.field in {*fields, *SettingField}
    assert not fields or caught.value.field in fields


@pytest.mark.parametrize("typed", ["S1", "U0123456789", "leaders", "S0123456789 x"])
def test_only_ids_of_user_groups_are_groups(typed: str) -> None:
    """What is no id of a user group is refused with where to find one."""
    with pytest.raises(WrongSetting, match="Copy group ID"):
        checks.groups(filled(admin_groups=typed), SettingField.ADMIN_GROUPS)
    groups = checks.groups(filled(admin_groups="S0123456789, S012345678A"), SettingField.ADMIN_GROUPS)
    assert groups == ("S0123456789", "S012345678A")


def test_only_people_are_people() -> None:
    """Only ids of people can be chosen where people are asked for."""
    with pytest.raises(WrongSetting):
        checks.people(filled(admins=["S0123456789"]), SettingField.ADMINS)


@pytest.mark.parametrize("typed", ["25:00", "9 o'clock", ""])
def test_a_time_of_day_is_one(typed: str) -> None:
    """A time that there is not is refused."""
    with pytest.raises(WrongSetting, match="like 09:00"):
        checks.time_of_day(filled(time=typed), SettingField.TIME)
    assert checks.time_of_day(filled(time="09:00"), SettingField.TIME) == "09:00"


@pytest.mark.parametrize("value", ["", "votes/x", "owner/", "owner/a b", "digest/U0OTIENO01", "secrets/"])
def test_what_is_no_form_of_settings_is_malformed(value: str) -> None:
    """A button leads to one of the forms, or nowhere."""
    with pytest.raises(MalformedPayload):
        form_address(value)


@pytest.mark.parametrize(
    "address",
    [FormAddress(SettingsForm.DIGEST), FormAddress(SettingsForm.OWNER, "get_help"), FormAddress(SettingsForm.NEWS)],
)
def test_a_form_s_address_comes_back_as_it_was_encoded(address: FormAddress) -> None:
    """An address survives its way through a button."""
    assert form_address(address.encode()) == address
