"""Whether the fair rank comes nearer to what people want when they follow each other: `python -m tests.herding`.

Each row tells of many weeks of a company: how many of the ten ideas that are wanted most stand in a rank's first ten,
Kendall's tau over all ideas, and how many more of the ten the fair rank finds than the raw total, with the half of
that mean's 95 % interval.
"""

import argparse

from tests.herding.company import Company
from tests.herding.nearness import RANKS, Comparison, compare

BIASES = (0, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 100)
BIAS = 0.3
OTHERWISE = {
    "people look in once a week": Company(looks=1),
    "people look in three times a week": Company(looks=3),
    "people look in daily": Company(looks=5),
    "three in ten look in once": Company(looks=0.3),
    "only the newest ten are seen": Company(page=10),
    "all ideas come on Monday morning": Company(filed_until=0.01),
    "no idea comes on Friday": Company(filed_until=4),
    "no author asks their team": Company(askers=0),
    "the crowd follows the team": Company(is_led_by_team=True),
    "half of the ideas concern few": Company(niches=0.5),
    "60 people in 6 teams": Company(people=60, teams=6),
}


def main() -> None:
    """Print how near the ranks come, for each bias, and in companies that differ in one thing."""
    options = _options()
    seeds = range(options.seed, options.seed + options.rounds)
    print(f"Weeks of seed {seeds[0]} to {seeds[-1]}; 400 people in 25 teams, 40 ideas.\n")
    _print_head("bias")
    by_bias = {bias: _print_row(f"{bias:.0%}", compare(Company(), bias, seeds)) for bias in BIASES}
    print()
    _print_head(f"bias {BIAS:.0%}, but")
    for name, company in OTHERWISE.items():
        _print_row(name, compare(company, BIAS, seeds))
    print("\n" + _verdict(by_bias))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.herding", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first week's")
    parser.add_argument("--rounds", type=int, default=200, help="how many weeks, two or more, for each row")
    return parser.parse_args()


def _print_head(title: str) -> None:
    print(f"{title:<35}" + "".join(f"{name:>12}" for name in RANKS) + f"{'fair - raw':>15}")


def _print_row(title: str, found: Comparison) -> Comparison:
    print(row(title, found), flush=True)
    return found


def row(title: str, found: Comparison) -> str:
    """Return a line of the table."""
    cells = "".join(f"{each.found:7.2f} {each.tau:4.2f}" for each in found.means.values())
    return f"{title:<35}{cells}{found.advantage:+9.2f} ± {found.margin:.2f}"


def _verdict(by_bias: dict[float, Comparison]) -> str:
    fair, raw = by_bias[BIAS].means["fair"], by_bias[BIAS].means["raw"]
    gone = [f"{bias:.0%}" for bias, found in by_bias.items() if found.advantage <= found.margin]
    lead = f"No advantage can be seen at: {', '.join(gone)}." if gone else "It is ahead at every bias."
    return (
        f"At {BIAS:.0%} the fair rank's first ten hold {fair.found:.2f} of the ten ideas that are wanted most, "
        f"the raw total's {raw.found:.2f}.\n{lead}"
    )


if __name__ == "__main__":
    main()
