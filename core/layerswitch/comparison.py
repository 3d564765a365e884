"""Measure assignments against each other on one board, so that the differences mean something.

Every round measures every assignment once, in an order drawn anew, so that heat and drifting clocks strike all alike;
gains are paired by round. The all-on-one-device baselines are always among them.
"""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .assignment import Assignment
from .boards.progress import Progress, Show
from .errors import AssignmentError, BoardError, CancelledError, LayerSwitchError, ProfileError
from .graph import LayerGraph
from .latency import LatencyModel
from .profile import BoardDescription, now
from .results import Comparison, Entry, Run
from .statistics import paired_gain, summarize, verdict

if TYPE_CHECKING:
    from .model import Model


class Runner(Protocol):
    """What a comparison needs of a Board."""

    @property
    def description(self) -> BoardDescription:
        """What the board says of itself."""

    def unsupported(self, model: "Model", *, cancel: threading.Event | None = None) -> Mapping[str, Mapping[str, str]]:
        """Device -> layer -> why it cannot run there."""

    def run(
        self,
        model: "Model",
        assignment: Mapping[str, str],
        *,
        runs: int = 20,
        warmup: int = 3,
        seed: int = 0,
        name: str = "",
        progress: Show | None = None,
        cancel: threading.Event | None = None,
    ) -> Run:
        """Execute an assignment and measure it."""


def compare(
    board: Runner,
    model: "Model",
    assignments: Mapping[str, Assignment],
    *,
    predicted: LatencyModel | None,
    rounds: int = 20,
    warmup: int = 3,
    seed: int = 0,
    progress: Show | None = None,
    cancel: threading.Event | None = None,
) -> Comparison:
    """Measure the assignments and the baselines, interleaved, in `rounds` rounds.

    The baselines are named by their device and come first; one whose device cannot run every layer is left out, and
    with no baseline at all the first assignment is the reference. An assignment given under several names is measured
    once a round, and its names share the samples: there is no difference to be seen between them. The first round is
    preceded by `warmup` uncounted inferences of each assignment, later ones by one (or none, for `warmup` 0), since
    an assignment finds the caches as the one before it left them.

    When `cancel` is set, the rounds completed make the result; without any, raises CancelledError. A BoardError in
    the middle carries the comparison of the rounds completed in `partial`. Raises AssignmentError when an assignment
    does not fit the network or the board, ProfileError when `predicted` is of other layers.
    """
    graph = model.graph
    if rounds < 1:
        raise LayerSwitchError(f"{rounds} rounds measure nothing", where="comparison", hint="use at least 1")
    if predicted is not None and tuple(predicted.graph.index) != tuple(graph.index):
        raise ProfileError(f"predictions are of {predicted.graph.name!r} with other layers than {graph.name!r}")
    named, baselines = _named(board, model, assignments, cancel)
    distinct = list(dict.fromkeys(named.values()))
    titles = [next(name for name, given in named.items() if given == one) for one in distinct]
    random = np.random.default_rng(seed)
    samples: list[list[float]] = [[] for _ in distinct]

    def result() -> Comparison:
        complete = min(map(len, samples))
        by_name = {name: tuple(samples[distinct.index(one)][:complete]) for name, one in named.items()}
        reference = min(baselines, key=lambda name: summarize(by_name[name]).median, default=next(iter(named)))
        entries = [_entry(name, named[name], by_name, reference, predicted) for name in named]
        return Comparison(
            network=graph.name,
            fingerprint=graph.fingerprint,
            board=board.description,
            rounds=complete,
            entries=tuple(entries),
            reference=reference,
            seed=seed,
            created=now(),
        )

    total, done = rounds * len(distinct), 0
    try:
        for number in range(rounds):
            for which in random.permutation(len(distinct)).tolist():
                if cancel is not None and cancel.is_set():
                    raise CancelledError("the comparison was cancelled")
                text = f"round {number + 1} of {rounds}: {titles[which]}"
                run = board.run(
                    model,
                    distinct[which],
                    runs=1,
                    warmup=warmup if number == 0 else min(warmup, 1),
                    seed=seed,
                    name=titles[which],
                    progress=_part(progress, done, total, text),
                    cancel=cancel,
                )
                samples[which].append(run.samples_ms[0])
                done += 1
                if progress is not None:
                    progress(Progress(done, total, text))
    except CancelledError:
        if not min(map(len, samples)):
            raise
    except BoardError as error:
        error.partial = result() if min(map(len, samples)) else None
        raise
    return result()


def _named(
    board: Runner, model: "Model", assignments: Mapping[str, Assignment], cancel: threading.Event | None
) -> tuple[dict[str, Assignment], list[str]]:
    """Every assignment by name, baselines first, and the names of the baselines. Raises AssignmentError."""
    graph, devices = model.graph, board.description.device_names
    missing = board.unsupported(model, cancel=cancel)
    able = [device for device in devices if not missing.get(device)]
    named = {device: Assignment.uniform(graph, device) for device in able}
    for name, given in assignments.items():
        try:
            one = Assignment.checked(given, graph, devices)
        except AssignmentError as error:
            raise AssignmentError(error.what, where=f"assignment {name!r}: {error.where}", hint=error.hint) from None
        _check_supported(name, one, graph, missing)
        if name in devices and one != Assignment.uniform(graph, name):
            raise AssignmentError(
                f"is named {name!r} but does not put every layer there", where="comparison", hint="name it otherwise"
            )
        named[name] = one
    if not named:
        raise AssignmentError(
            f"no device runs all of {graph.name!r}, and no assignment is given", where="comparison", hint="give a plan"
        )
    return named, able


def _check_supported(
    name: str, assignment: Assignment, graph: LayerGraph, missing: Mapping[str, Mapping[str, str]]
) -> None:
    for layer in graph.index:
        if reason := missing.get(assignment[layer], {}).get(layer):
            raise AssignmentError(
                f"layer {layer!r} cannot run on {assignment[layer]}: {reason}", where=f"assignment {name!r}"
            )


def _entry(
    name: str,
    assignment: Assignment,
    samples: Mapping[str, tuple[float, ...]],
    reference: str,
    predicted: LatencyModel | None,
) -> Entry:
    """One line of the result. The reference has no gain; the other baselines have one, as any assignment has."""
    ms = predicted.cost(predicted.choice(assignment)) if predicted else None
    gain = None
    if name != reference and any(samples[reference]):
        gain = paired_gain(samples[name], samples[reference])
    return Entry(
        name=name,
        assignment=dict(assignment),
        predicted_ms=ms if ms is not None and np.isfinite(ms) else None,
        measured_ms=summarize(samples[name]),
        samples_ms=samples[name],
        switches=assignment.switches,
        gain=gain,
        verdict="reference" if gain is None else verdict(gain),
    )


def _part(progress: Show | None, done: int, total: int, text: str) -> Show | None:
    """Progress within one run, such as loading, as part of the whole."""
    if progress is None:
        return None

    def show(part: Progress) -> None:
        fraction = min(1.0, part.done / part.total) if part.total else 0.0
        progress(Progress(done + fraction, total, f"{text}, {part.text}" if part.text else text))

    return show
