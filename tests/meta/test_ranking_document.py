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
    assert cells[5:] == [f"{votes:.3f}", f"{score * sqrt(support.exposure_days):.3f}", f"{score:.3f}"]
    _, below = DOCUMENT.split(f"**{cells[0]}**")
    spelt = re.search(
        r"([\d.]+) × \(1 − ([\d.]+) − ([\d.]+)\)³ = ([\d.]+)\. Divided by √(\d), that is (\d+\.\d+)", below
    )
    assert spelt
    assert float(spelt[1]) == round(votes, 3)
    assert spelt.groups()[1:4] == (f"{1 / (9 * votes):.4f}", f"{1.2816 / (3 * sqrt(votes)):.4f}", cells[6])
    assert (spelt[5], spelt[6]) == (cells[4], cells[7])


def test_the_example_stands_in_order() -> None:
    """The table has the best idea first, and by raw total the order is the other way round, as the text says."""
    supports = {int(cells[0].removeprefix("CX-")): support_of(cells) for cells in ROWS}
    assert len(supports) == 3
    assert list(supports) == ranked(supports) == sorted(supports, key=lambda number: supports[number].votes)


def test_the_burst_on_friday_is_computed_right() -> None:
    """The three scores that warn of a burst on a Friday are those that the code gives."""
    burst, five, six = (
        fair_score(each) for each in (Support(12, (12,), 1), *(Support(n, (1,) * n, 5) for n in (5, 6)))
    )
    said = f"score {burst:.3f}, more than five votes of five teams in a week, {five:.3f}, and less than six of six, "
    assert f"{said}{six:.3f}." in " ".join(DOCUMENT.split())


def test_the_table_is_what_the_simulation_prints() -> None:
    """The row of 30 %, and what the text says of it, is what the documented command prints."""
    command = re.search(r"^python -m tests\.herding --seed (\d+) --rounds (\d+)$", DOCUMENT, re.MULTILINE)
    assert command
    seed, rounds = map(int, command.groups())
    found = compare(Company(), 0.3, range(seed, seed + rounds))
    assert row("30%", found) in DOCUMENT.splitlines()
    fair, raw = found.means["fair"].found, found.means["raw"].found
    assert f"the fair rank finds {fair:.2f} of the ten, and the raw total {raw:.2f}" in DOCUMENT
