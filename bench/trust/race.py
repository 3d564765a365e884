"""One assignment against all others, by measurement: the others are dropped as soon as they are shown not to be faster.

A race (Maron & Moore 1994): every round measures those still in it, and the one they are held against, in random
order. Each pair's interval is the sequential one of `compare` (statistics/sequential.py), valid whenever one stops, and
the 5 % of error are shared out among all pairs: so all intervals hold together with 95 %, whoever was dropped when.
One that leaves a gain of `margin` out, on either side, has said all that was asked. What is far off is settled within
some 15 rounds, and the time goes to the near ones.
"""

import json
import time
from pathlib import Path

import numpy as np

from layerswitch.measurement.sample_summary import Interval
from layerswitch.measurement.statistics import COVERAGE, Sequential
from layerswitch.network.assignment import Assignment
from layerswitch.serialization import write_whole

TOGETHER = 11  # raced at once: engines keep no more than 16 assignments loaded
FIRST = 20  # rounds of each such group before the rest of all groups go on together
EACH = 3  # inferences a visit, whose median counts


class Race:
    """The pairs (ms, ms of `held`) of every other assignment, by its letters; kept in a file, and gone on with."""

    def __init__(self, board, model, held: Assignment, others: list[Assignment], path: Path, most: int, margin: float):
        self.board, self.model, self.held, self.path, self.margin = board, model, held, path, margin
        self.others = {one.text: one for one in others}
        self.rule = Sequential(most, 1.0 - (1.0 - COVERAGE) / len(others))
        self.pairs: dict[str, list[list[float]]] = {text: [] for text in self.others}
        self.random = np.random.default_rng(0)
        if path.exists():
            kept = json.loads(path.read_text("utf-8"))
            if kept["held"] == held.text:
                self.pairs |= kept["pairs"]

    def gain(self, text: str) -> Interval | None:
        """How much faster than `held` another one is, as a fraction, with its interval; None before the first round."""
        pairs = self.pairs[text]
        return self.rule.interval([1.0 - ms / base for ms, base in pairs]) if pairs else None

    def settled(self, text: str) -> bool:
        """Whether its interval lies on one side of the margin, or all rounds are used up."""
        count = len(self.pairs[text])
        gain = self.gain(text)
        if gain is None or self.rule.needed(count) > count:
            return False
        return gain.high < self.margin or gain.low > self.margin or count >= self.rule.most

    def run(self, seconds: float) -> None:
        """Race until everything is settled, or the time is over."""
        end = time.monotonic() + seconds
        names = list(self.others)
        groups = [names[first : first + TOGETHER] for first in range(0, len(names), TOGETHER)]
        for place, group in enumerate(groups):  # none takes the time of those after it, nor that of all together
            now = time.monotonic()
            self._race(group, FIRST, now + (end - now) / (len(groups) - place + 1))
        self._race(names, self.rule.most, end)

    def _race(self, names: list[str], rounds: int, end: float) -> None:
        while time.monotonic() < end:
            left = [text for text in names if not self.settled(text) and len(self.pairs[text]) < rounds]
            if not left:
                break
            visited = [self.held, *(self.others[text] for text in left)]
            taken = {}
            for place in self.random.permutation(len(visited)).tolist():
                run = self.board.run(self.model, visited[place], runs=EACH, warmup=1).whole()
                taken[place] = float(np.median(run.samples_ms))
            for place, text in enumerate(left, 1):
                self.pairs[text].append([taken[place], taken[0]])
            self._keep()
        alive = [text for text in names if not self.settled(text)]
        print(f"raced {len(names)}; still open: {' '.join(alive) or 'none'}", flush=True)

    def _keep(self) -> None:
        write_whole(self.path, json.dumps({"held": self.held.text, "pairs": self.pairs}).encode())

    def show(self) -> None:
        """Print every pair, the fastest first, and what they say together."""
        raced = {text: gain for text in self.others if (gain := self.gain(text)) is not None}
        print(f"| assignment | rounds | median, ms | {self.held.text}, ms | faster than {self.held.text} by |")
        print("|---|---|---|---|---|")
        for text, gain in sorted(raced.items(), key=lambda one: -one[1].median):
            ms, base = np.median(np.array(self.pairs[text]), axis=0).tolist()
            print(
                f"| {text} | {gain.samples} | {ms:.3f} | {base:.3f} | "
                f"{gain.median:+.1%} ({gain.low:+.1%} to {gain.high:+.1%}) |"
            )
        sure = {text: gain for text, gain in raced.items() if self.rule.needed(gain.samples) <= gain.samples}
        faster = [text for text, gain in sure.items() if gain.low > self.margin]
        slower = [text for text, gain in sure.items() if gain.high < self.margin]
        left = [text for text in self.others if text not in faster + slower]
        least = min((1.0 - gain.high for gain in sure.values()), default=1.0) if len(sure) == len(self.others) else 0.0
        over = f"{max(0.0, 1.0 / least - 1.0):.1%}" if least > 0 else "an unknown share"
        print(
            f"\nOf {len(self.others)} others {len(slower)} are shown not to be faster than {self.held.text} by "
            f"{self.margin:.2%} or more, {len(faster)} to be ({' '.join(faster) or 'none'}), open: "
            f"{' '.join(left) or 'none'}. {self.held.text} is at most {over} over the best of all, with 95 %.",
            flush=True,
        )
