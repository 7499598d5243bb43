"""Forms of settings, as Slack sends them: dictionaries become frozen dataclasses here, and bad shapes end here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.ids import FormAddress, SettingField
from bot.payloads import clean_text, opaque_id, slack_id, strict


@strict
def form_address(value: str) -> FormAddress:
    """Return the form of settings that a button stands for; raises MalformedPayload."""
    return FormAddress.decode(value)


@dataclass(frozen=True, slots=True)
class FilledSettings:
    """A form of settings as somebody sent it off; fields have the texts, ids or keys entered, none of them blank."""

    user_id: str
    view_id: str
    address: FormAddress
    fields: Mapping[SettingField, tuple[str, ...]]

    @classmethod
    @strict
    def parse(cls, body: dict[str, Any]) -> "FilledSettings":
        """Return the form of a view_submission request."""
        view = body["view"]
        values = view["state"]["values"]
        fields = {field: _entered(values[field][field]) for field in SettingField if field in values}
        address = FormAddress.decode(view["private_metadata"])
        return cls(slack_id(body["user"]["id"]), opaque_id(view["id"]), address, fields)

    def all(self, field: SettingField) -> tuple[str, ...]:
        """Return everything entered in a field."""
        return self.fields.get(field, ())

    def one(self, field: SettingField) -> str:
        """Return what was entered in a field, or the empty text."""
        return next(iter(self.all(field)), "")


def _entered(state: dict[str, Any]) -> tuple[str, ...]:
    """Return the values in the state of one input, whatever its kind."""
    given: list[Any] = []
    for name, value in state.items():
        if name != "type" and value:
            given += value if isinstance(value, list) else [value]
    texts = [each["value"] if isinstance(each, dict) else each for each in given]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("not texts")
    return tuple(dict.fromkeys(filter(None, map(clean_text, texts))))
