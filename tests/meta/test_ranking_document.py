"""The figures in docs/ranking.md are what the code computes."""

import re
from math import sqrt

import pytest

from bot.services.ranking import Support, effective_votes, fair_score, ranked
from tests.herding.__main__ import row
from tests.herding.company import Company
from tests.herding.nearness import compare
from tests.meta.sources import ROOT

DOCUMENT = (ROOT / "docs" / "ranking.md").read_text("utf-8")
ROWS = [line.strip("| ").split(" | ") for line in DOCUMENT.splitlines() if line.startswith("| CX-")]


def support_of(cells: list[str]) -> Support:
    """Return the support that a row of the example tells of."""
    return Support(int(cells[1]), tuple(map(int, cells[2].split(", "))), float(cells[4]))


@pytest.mark.parametrize("cells", ROWS, ids=lambda cells: cells[0])
def test_the_example_is_computed_right(cells: list[str]) -> None:
    """Each row of the worked example, and the sum spelt out below it, has the numbers that the digest ranks by."""
    support = support_of(cells)
    votes, score = effective_votes(support), fair_score(support)
    assert int(cells[3]) == support.votes - sum(support.by_team)
    assert cells[5:] == [f"{votes:.3f}", f"{score * support.exposure_days:.3f}", f"{score:.3f}"]
    _, below = DOCUMENT.split(f"**{cells[0]}**")
    spelt = re.search(r"([\d.]+) × \(1 − ([\d.]+) − ([\d.]+)\)³ = ([\d.]+)\. In (\w+) days?, that is ([\d.]+)", below)
    assert spelt
    assert float(spelt[1]) == round(votes, 3)
    assert spelt.groups()[1:4] == (f"{1 / (9 * votes):.4f}", f"{1.2816 / (3 * sqrt(votes)):.4f}", cells[6])
    assert (spelt[5], spelt[6]) == ("one" if cells[4] == "1" else "five", cells[7])


def test_the_example_stands_in_order() -> None:
    """The table has the best idea first, and by raw total the order is the other way round, as the text says."""
    supports = {int(cells[0].removeprefix("CX-")): support_of(cells) for cells in ROWS}
    assert len(supports) == 3
    assert list(supports) == ranked(supports) == sorted(supports, key=lambda number: supports[number].votes)


def test_the_burst_on_friday_is_computed_right() -> None:
    """The two scores that warn of a burst on a Friday are those that the code gives."""
    burst, broad = fair_score(Support(12, (12,), 1)), fair_score(Support(10, (1,) * 10, 5))
    assert f"score {burst:.3f}, more than ten votes of ten teams in a week, {broad:.3f}." in DOCUMENT


def test_the_table_is_what_the_simulation_prints() -> None:
    """The row of 30 %, and what the text says of it, is what the documented command prints."""
    command = re.search(r"^python -m tests\.herding --seed (\d+) --rounds (\d+)$", DOCUMENT, re.MULTILINE)
    assert command
    seed, rounds = map(int, command.groups())
    found = compare(Company(), 0.3, range(seed, seed + rounds))
    assert row("30%", found) in DOCUMENT.splitlines()
    fair, raw = found.means["fair"].found, found.means["raw"].found
    assert f"the fair rank finds {fair:.2f} of the ten, and the raw total {raw:.2f}" in DOCUMENT
