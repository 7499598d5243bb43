"""What a known bug is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """In `path`, `good` (which stands there once) becomes `bad`; `test` is a node id of pytest."""

    name: str
    path: str
    good: str
    bad: str
    test: str

    @property
    def arguments(self) -> list[str]:
        """What pytest is called with."""
        return self.test.split(" ")

    def put_into(self, code: str) -> str:
        """Return the code with the bug in it; raises ValueError where the good piece does not stand once."""
        if code.count(self.good) != 1:
            raise ValueError(f"{self.name}: {self.path} has the piece {code.count(self.good)} times, not once")
        return code.replace(self.good, self.bad)
