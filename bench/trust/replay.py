"""Error rates of comparisons on measured noise: a long run's inferences, taken for those of two assignments."""

import numpy as np

from layerswitch.experiments.compare import compare
from layerswitch.experiments.results import Run
from layerswitch.outcome import Outcome


class Replay:
    """A board whose every inference is the next of a long run; those of the second device take `factor` of it."""

    def __init__(self, description, samples: "np.ndarray", factor: float) -> None:
        self.description, self._samples, self._factor = description, iter(samples.tolist()), factor

    def unsupported(self, _model, **_options) -> dict[str, dict[str, str]]:
        """Everything runs everywhere."""
        return {}

    def run(self, model, assignment, **_options) -> Outcome[Run]:
        """One inference."""
        slower = set(assignment.values()) == {self.description.device_names[1]}
        ms = next(self._samples) * (self._factor if slower else 1.0)
        return Outcome(Run("", model.graph.name, "", self.description, assignment, (ms,)))


def rates(description, model, samples: "np.ndarray", rounds: int, *, sequential: bool = False) -> None:
    """Print in what share of comparisons equal assignments are called different, and a true 2 % is found."""
    each = 2 * rounds
    count = len(samples) // each
    for factor in (1.0, 0.98):
        different, covered = 0, 0
        for number in range(count):
            part = Replay(description, samples[number * each : (number + 1) * each], factor)
            result = compare(
                part, model, [], predicted=None, rounds=rounds, seed=number, until_decided=sequential
            ).whole()
            other = next(one for one in result.entries if one.gain is not None)
            right = 1 - factor if other.name == part.description.device_names[1] else 1 - 1 / factor
            different += other.verdict in ("faster", "slower")
            covered += other.gain.low <= right <= other.gain.high
        what = "2 equal" if factor == 1 else "2 % apart"
        rule = f"until decided, at most {rounds}" if sequential else f"{rounds}"
        print(f"| {what} | {rule} | {count} | {different} | {covered} |", flush=True)
