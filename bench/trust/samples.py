"""What is said of one series of samples, by how many they are: how often chance alone is called warm-up, drift or an
outlier, and how often intervals cover the truth.

    python bench/trust/samples.py [--series 4000] [--seed 0]

Steady log-normal times of 1 % noise; the interval of a drift is of a rise by 4 % in all.
"""

import argparse

import numpy as np

from layerswitch.measurement.statistics import drift, outliers, summarize, warmup_end

COUNTS = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40, 100)
NOISE, RISE = 0.01, 0.04


def row(count: int, series: int, random: np.random.Generator) -> list[float | None]:
    """Rates among the series: warm-up, drift, any outlier; covered: the median, the drift. None: never looked for."""
    times = np.exp(NOISE * random.standard_normal((series, count)))
    rising = times * np.linspace(1.0, 1.0 + RISE, count)
    medians = [summarize(samples) for samples in times]
    covered = float(np.mean([one.low <= 1.0 <= one.high for one in medians]))
    found = [warmup_end(samples) > 0 for samples in times]
    odd = [bool(outliers(samples)) for samples in times]
    trends = [drift(samples) for samples in times]
    risen = [drift(samples) for samples in rising]
    true = RISE / (1.0 + RISE / 2)
    seen = [one.seen for one in trends if one]
    held = [one.low <= true <= one.high for one in risen if one]
    return [
        float(np.mean(found)) if trends[0] else None,
        float(np.mean(seen)) if seen else None,
        float(np.mean(odd)) if count >= 6 else None,
        covered,
        float(np.mean(held)) if held else None,
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print("| samples | called warm-up | called drift | with an outlier | median covered | drift covered |")
    print("|---|---|---|---|---|---|")
    for count in COUNTS:
        rates = row(count, given.series, np.random.default_rng([given.seed, count]))
        print(f"| {count} | {' | '.join('-' if rate is None else f'{rate:.1%}' for rate in rates)} |", flush=True)


if __name__ == "__main__":
    main()
