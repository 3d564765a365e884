"""How wide the interval is when measuring until decided ends: the last repeated interval alone, and what all have in
common (which is what LayerSwitch shows).

    python bench/trust/stopping.py [--series 2000] [--seed 0]

Gains of paired rounds whose two times have 1.3 % of log-normal noise each; a series ends at the first verdict, or at
the limit. "Fixed" is the interval of the same number of rounds had it been fixed beforehand, which does not cover.
"""

import argparse

import numpy as np

from layerswitch.measurement.sample_summary import Interval
from layerswitch.measurement.statistics import Sequential, summarize

NOISE = 0.013


def last(rule: Sequential, gains: list[float]) -> Interval:
    """The repeated interval after all of the gains, by itself."""
    ordered, count = sorted(gains), len(gains)
    needed = min(rule.needed(count), count)
    return Interval(float(np.median(ordered)), ordered[count - needed], ordered[needed - 1], count)


def ended(rule: Sequential, gains: list[float]) -> int:
    """The rounds after which there is a verdict, or the limit."""
    for count in range(1, rule.most):
        if rule.needed(count) <= count and rule.verdict(rule.interval(gains[:count])) != "no difference seen":
            return count
    return rule.most


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print("| gain | at most | rounds, median | half width: last, common, fixed | covered: last, common, fixed |")
    print("|---|---|---|---|---|")
    for most in (40, 100):
        for gain in (0.0, 0.01, 0.02, 0.05):
            rule, random = Sequential(most), np.random.default_rng([given.seed, most, round(1e4 * gain)])
            rounds, widths, covered = [], [], []
            for _ in range(given.series):
                times = np.exp(NOISE * random.standard_normal((2, most)))
                gains = (1.0 - (1.0 - gain) * times[0] / times[1]).tolist()
                count = ended(rule, gains)
                part = gains[:count]
                found = last(rule, part), rule.interval(part), summarize(part, exact=True)
                rounds.append(count)
                widths.append([(one.high - one.low) / 2 for one in found])
                covered.append([one.low <= gain <= one.high for one in found])
            wide = ", ".join(f"{width:.2%}" for width in np.mean(widths, axis=0).tolist())
            inside = ", ".join(f"{share:.1%}" for share in np.mean(covered, axis=0).tolist())
            print(f"| {gain:.0%} | {most} | {np.median(rounds):.0f} | {wide} | {inside} |", flush=True)


if __name__ == "__main__":
    main()
