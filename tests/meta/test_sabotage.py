"""The list of known bugs fits the code as it is."""

from collections import Counter

import pytest

from tests.meta.sources import ROOT
from tests.sabotage.bug import Bug
from tests.sabotage.bugs import BUGS


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_every_known_bug_can_be_put_back(bug: Bug) -> None:
    """The piece of code that a known bug replaces stands once in its file, and its test is there."""
    code = (ROOT / bug.path).read_text("utf-8")
    assert bug.put_into(code) != code
    path, _, name = bug.test.partition("::")
    assert f"def {name.partition('[')[0]}" in (ROOT / path).read_text("utf-8")


def test_names_of_bugs_are_unique() -> None:
    """Each bug can be asked for by its name."""
    assert max(Counter(bug.name for bug in BUGS).values()) == 1
