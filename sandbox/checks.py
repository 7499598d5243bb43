"""The small checks that all of Slack's structures share, collecting what is wrong and where."""

import re
from collections.abc import Collection
from typing import Any

ADDRESS = re.compile(r"https?://[^\s/]")


class Checks:
    """Problems found so far, each with its JSON pointer."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []

    def add(self, pointer: str, message: str) -> None:
        """Note a problem."""
        self.problems.append((pointer, message))

    def plain(self) -> list[str]:
        """Return the problems as in the `errors` of an answer."""
        return [f"{message} [json-pointer:{pointer}]" for pointer, message in self.problems]

    def marked(self) -> list[str]:
        """Return the problems as in `response_metadata.messages`."""
        return [f"[ERROR] {line}" for line in self.plain()]

    def size(self, pointer: str, value: Any, most: int, *, least: int = 1, required: bool = False) -> None:
        """Check a string's length."""
        if value is None:
            if required:
                self._missing(pointer)
        elif not isinstance(value, str):
            self.add(pointer, "must be a string")
        elif len(value) > most:
            self.add(pointer, f"must be less than {most + 1} characters")
        elif len(value) < least:
            self.add(pointer, f"must be more than {least - 1} characters")

    def text(self, pointer: str, value: Any, most: int, *, plain: bool = False, required: bool = False) -> None:
        """Check a text object.

        https://docs.slack.dev/reference/block-kit/composition-objects/text-object
        """
        if value is None:
            if required:
                self._missing(pointer)
            return
        if not isinstance(value, dict):
            self.add(pointer, "must provide an object")
            return
        kinds = {"plain_text"} if plain else {"plain_text", "mrkdwn"}
        self.one_of(f"{pointer}/type", value.get("type"), kinds)
        self.size(f"{pointer}/text", value.get("text"), most, required=True)
        allowed = {"emoji"} if value.get("type") == "plain_text" else {"verbatim"}
        self.keys(pointer, value, {"type", "text", *allowed})
        self.booleans(pointer, value, allowed)

    def items(self, pointer: str, value: Any, least: int, most: int) -> list[Any]:
        """Check a list's length, and return the list, empty when there is none."""
        if not isinstance(value, list):
            self.add(pointer, "must provide an array")
            return []
        if len(value) > most:
            self.add(pointer, f"no more than {most} items allowed")
        if len(value) < least:
            self.add(pointer, f"no fewer than {least} items allowed")
        return value

    def number(self, pointer: str, value: Any, least: int, most: int | None = None) -> None:
        """Check a whole number, if there is one."""
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int):
            self.add(pointer, "must be an integer")
        elif value < least or (most is not None and value > most):
            self.add(pointer, f"must be between {least} and {most}" if most else f"must be at least {least}")

    def one_of(self, pointer: str, value: Any, allowed: Collection[str]) -> None:
        """Check that a value is one of these."""
        if not isinstance(value, str) or value not in allowed:
            self.add(pointer, f"must be one of: {', '.join(sorted(allowed))}")

    def keys(self, pointer: str, value: dict[str, Any], allowed: Collection[str]) -> None:
        """Check that an object has no key that Slack does not know."""
        for key in value:
            if key not in allowed:
                self.add(pointer, f"invalid additional property: {key}")

    def booleans(self, pointer: str, value: dict[str, Any], names: Collection[str]) -> None:
        """Check that fields, where they are there, are true or false."""
        for name in names:
            if not isinstance(value.get(name, False), bool | None):
                self.add(f"{pointer}/{name}", "must be a boolean")

    def address(self, pointer: str, value: Any, most: int, *, required: bool = False) -> None:
        """Check a web address."""
        found = len(self.problems)
        self.size(pointer, value, most, required=required)
        if value is not None and len(self.problems) == found and not ADDRESS.match(value):
            self.add(pointer, "must be a valid URL")

    def _missing(self, pointer: str) -> None:
        parent, _, name = pointer.rpartition("/")
        self.add(parent, f"missing required field: {name}")
