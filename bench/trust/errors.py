"""How often verdicts are wrong, intervals cover, and a true 2 % is found: simulated comparisons, in large numbers.

    python bench/trust/errors.py [--comparisons 1000] [--seed 0]

Times are log-normal with the published run-to-run noise of a Khadas VIM3 (1.3 %, the larger of its devices'), rare
outliers, and in half of the cases a drift (a random walk of 1 % per inference) far beyond the board's. They are
measured and judged by `compare` itself.
"""

import argparse

import numpy as np

from layerswitch.experiments.compare import compare
from layerswitch.experiments.results import Run
from layerswitch.measurement.profile import BoardDescription, Device
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.outcome import Outcome

NOISE, DRIFT, OUTLIERS = 0.013, 0.01, 0.01
LAYERS = 4


class Network:
    """All that a comparison asks of a Model: a chain of four layers."""

    def __init__(self) -> None:
        layers = tuple(Layer(f"l{i}", "Relu", (f"t{i}",), (f"t{i + 1}",)) for i in range(LAYERS))
        tensors = {f"t{i}": Tensor(f"t{i}", (1,), "float32") for i in range(LAYERS + 1)}
        self.graph = LayerGraph("net", layers, tensors, ("t0",), (f"t{LAYERS}",))


class Simulated:
    """A board whose assignments take `ms[text]` (else 100 ms), with noise, outliers and a drift."""

    def __init__(self, devices: tuple[str, ...], ms: dict[str, float], random: np.random.Generator, drift: float):
        self.description = BoardDescription("b", "Board", "simulated", tuple(map(Device, devices)))
        self.ms, self.random, self.drift, self.state = ms, random, drift, 0.0

    def unsupported(self, _model: object, **_options: object) -> dict[str, dict[str, str]]:
        """Everything runs everywhere."""
        return {}

    def run(self, _model: object, assignment: Assignment, **_options: object) -> Outcome[Run]:
        """One inference."""
        self.state += self.drift * self.random.standard_normal()
        ms = self.ms.get(assignment.text, 100.0) * np.exp(self.state + NOISE * self.random.standard_normal())
        ms *= 1.5 if self.random.random() < OUTLIERS else 1.0
        return Outcome(Run("", "net", "", self.description, assignment, (float(ms),)))


def measured(name, comparisons, seed, devices, ms, texts, rounds, sequential):
    """Print in what share of comparisons a verdict is wrong, all are right, intervals cover; and the rounds taken."""
    model = Network()
    named = [NamedAssignment(text, "own", Assignment.parse(text, model.graph, devices)) for text in texts]
    for drift in (0.0, DRIFT):
        wrong = found = covered = apart = intervals = 0
        taken = []
        for number in range(comparisons):
            board = Simulated(devices, ms, np.random.default_rng([seed, number, round(drift * 1e6)]), drift)
            result = compare(
                board, model, named, predicted=None, rounds=rounds, seed=number, until_decided=sequential
            ).whole()
            truth = {entry.name: ms.get(entry.assignment.text, 100.0) for entry in result.entries}
            base = truth[result.reference]
            others = [entry for entry in result.entries if entry.gain is not None]
            gains = {entry.name: 1 - truth[entry.name] / base for entry in others}
            said = {"faster": 1, "slower": -1}
            wrong += any(said.get(one.verdict, 0) not in (0, np.sign(gains[one.name])) for one in others)
            found += all(said.get(one.verdict, 0) == np.sign(gains[one.name]) for one in others)
            inside = [one.gain.low <= gains[one.name] <= one.gain.high for one in others]
            covered += all(inside)
            apart += sum(inside)
            intervals += len(inside)
            taken.append(result.rounds)
        shares = [f"{100 * share / comparisons:5.1f} %" for share in (wrong, found, covered)]
        print(
            f"| {name} | {'until decided, at most ' if sequential else ''}{rounds} | {'yes' if drift else 'no'} | "
            f"{' | '.join(shares)} | {100 * apart / intervals:.1f} % | {np.median(taken):.0f} |",
            flush=True,
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comparisons", type=int, default=1000)
    parser.add_argument("--only", default="", help="only the rows whose first cell is this")
    parser.add_argument("--rule", choices=("fixed", "sequential", "both"), default="both")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(
        "| assignments | rounds | drift | wrong verdict | all verdicts right | all intervals cover | each covers "
        "| rounds, median |"
    )
    print("|---|---|---|---|---|---|---|---|")
    two, many = ("CPU", "GPU"), ("CGCG", "CCGG", "GGCC", "CGGC")
    for sequential in {"fixed": (False,), "sequential": (True,), "both": (False, True)}[given.rule]:
        common = (given.comparisons, given.seed, two)
        cases = [
            ("2 equal", {}, (), 20),
            ("2 equal", {}, (), 40),
            ("6 equal", {}, many, 40),
            ("2 % apart", {"GGGG": 98.0}, (), 40),
            ("2 % faster than 2 equal", {"CGCG": 98.0}, ("CGCG",), 40),
            ("1 % apart", {"GGGG": 99.0}, (), 40),
        ]
        for name, ms, texts, rounds in cases:
            if given.only in ("", name):
                measured(name, *common, ms, texts, rounds, sequential)


if __name__ == "__main__":
    main()
