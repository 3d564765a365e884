"""Measure assignments against each other on one board, so that the differences mean something.

Every round measures every assignment once, in an order of its own, so that heat and drifting clocks strike all alike;
gains are paired by round. The all-on-one-device baselines are always among them, and which of them is the better is
learned from the same rounds: so the 5 % of error are shared out (Bonferroni) among all pairs that could be asked about.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from msgspec.structs import replace

from ..boards.progress import Progress, Show
from ..errors import AssignmentError, BoardError, CancelledError, LayerSwitchError, ProfileError
from ..measurement.conditions import UNKNOWN, Conditions, spanning
from ..measurement.profile import BoardDescription, now
from ..measurement.sample_summary import Interval
from ..measurement.statistics import COVERAGE, Sequential, more_rounds, steadiness, summarize, verdict
from ..measurement.statistics.paired import gains
from ..network.assignment import Assignment
from ..network.graph import LayerGraph
from ..network.named_assignment import NamedAssignment, free_name
from ..outcome import Outcome
from ..prediction.latency_model import LatencyModel
from .results import Comparison, Entry, Run

if TYPE_CHECKING:
    from ..network.model import Model


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
    ) -> Outcome[Run]:
        """Execute an assignment and measure it."""


def compare(
    board: Runner,
    model: "Model",
    assignments: Sequence[NamedAssignment],
    *,
    predicted: LatencyModel | None,
    rounds: int = 20,
    warmup: int = 3,
    seed: int = 0,
    until_decided: bool = False,
    profile_created: str = "",
    progress: Show | None = None,
    cancel: threading.Event | None = None,
) -> Outcome[Comparison]:
    """Measure the assignments and the baselines, interleaved, in `rounds` rounds.

    With `until_decided`, `rounds` is a limit: measuring ends as soon as every assignment that is not a baseline is
    shown to be faster or slower than the better baseline (without any: every baseline), by a rule that keeps the error
    rate (measurement/statistics/sequential.py).

    The baselines are named by their device and come first; one whose device cannot run every layer is left out, and
    with no baseline at all the first assignment is the reference. An assignment given under several names is measured
    once a round, and its names share the samples: there is no difference to be seen between them. A name that is taken
    gets a number behind it. `profile_created` says which profile `predicted` is of. The first round is
    preceded by `warmup` uncounted inferences of each assignment, later ones by one (or none, for `warmup` 0), since
    an assignment finds the caches as the one before it left them.

    The outcome of a comparison that was cancelled, or lost its board, has the rounds completed, if any, beside the
    error. Raises AssignmentError when an assignment does not fit the network or the board, ProfileError when
    `predicted` is of other layers.

    >>> from layerswitch.network.named_assignment import NamedAssignment
    >>> named = [NamedAssignment("plan", "plan", best.assignment)]
    >>> result = compare(board, model, named, predicted=latency, rounds=5).whole()
    >>> result.reference, [entry.name for entry in result.entries]
    ('GPU', ['CPU', 'GPU', 'plan'])
    >>> result.entries[-1].gain.low > 0.1
    True
    """
    graph = model.graph
    if rounds < 1:
        raise LayerSwitchError(f"{rounds} rounds measure nothing", where="comparison", hint="use at least 1")
    if predicted is not None and tuple(predicted.graph.index) != tuple(graph.index):
        raise ProfileError(f"predictions are of {predicted.graph.name!r} with other layers than {graph.name!r}")
    if predicted is not None and (lacking := set(board.description.device_names) - set(predicted.devices)):
        raise ProfileError(
            f"predictions know no device {min(lacking)!r}",
            where=board.description.title,
            hint=f"they are of {', '.join(predicted.devices)}: use a profile of this board",
        )
    try:
        missing = board.unsupported(model, cancel=cancel)
    except (BoardError, CancelledError) as error:
        return Outcome(None, error)
    named = _named(board.description, model, assignments, missing)
    baselines = [one for one in named if one.kind == "baseline"]
    distinct = list(dict.fromkeys(one.assignment for one in named))
    titles = [next(given.name for given in named if given.assignment == one) for one in distinct]
    random = np.random.default_rng(seed)
    samples: list[list[float]] = [[] for _ in distinct]
    conditions: list[list[Conditions]] = []  # of each round's runs

    pairs = _pairs(len(distinct), len(baselines))
    coverage = 1.0 - (1.0 - COVERAGE) / pairs
    rule = Sequential(rounds, coverage) if until_decided else None

    def measured() -> list[Entry]:
        complete = min(map(len, samples))
        taken = {one: tuple(found[:complete]) for one, found in zip(distinct, samples, strict=True)}
        best = min(baselines, key=lambda one: summarize(taken[one.assignment]).median, default=named[0])
        return [_entry(one, best, taken, predicted, coverage, rule) for one in named]

    def result() -> Comparison:
        entries = measured()
        return Comparison(
            network=graph.name,
            fingerprint=graph.fingerprint,
            board=board.description,
            rounds=min(map(len, samples)),
            entries=tuple(replace(entry, steadiness=steadiness(entry.samples_ms)) for entry in entries),
            reference=next(entry.name for entry in entries if entry.verdict == "reference"),
            seed=seed,
            created=now(),
            pairs=pairs,
            max_rounds=rounds if rule else None,
            decided=_decided(entries) if rule else None,
            conditions=_of_rounds(conditions[: min(map(len, samples))]),
            profile_created=profile_created,
        )

    total, done = rounds * len(distinct), 0
    for number in range(rounds):
        conditions.append([])
        for which in random.permutation(len(distinct)).tolist():
            text = f"round {number + 1} of {rounds}: {titles[which]}"
            outcome: Outcome[Run] = Outcome(None, CancelledError("the comparison was stopped"))
            if cancel is None or not cancel.is_set():
                outcome = board.run(
                    model,
                    distinct[which],
                    runs=1,
                    warmup=warmup if number == 0 else min(warmup, 1),
                    seed=seed,
                    name=titles[which],
                    progress=_part(progress, done, total, text),
                    cancel=cancel,
                )
            if outcome.error is not None:  # a run in the middle of a round is no comparison
                return Outcome(result() if min(map(len, samples)) else None, outcome.error)
            run = outcome.whole()
            samples[which].append(run.samples_ms[0])
            conditions[-1].append(run.conditions)
            done += 1
            if progress is not None:
                progress(Progress(done, total, text))
        if rule and rule.needed(number + 1) <= number + 1 and _decided(measured()):
            break
    return Outcome(result())


def _named(
    board: BoardDescription,
    model: "Model",
    assignments: Sequence[NamedAssignment],
    missing: Mapping[str, Mapping[str, str]],
) -> list[NamedAssignment]:
    """Every assignment, checked, under a name of its own, baselines first. Raises AssignmentError."""
    graph, devices = model.graph, board.device_names
    able = [device for device in devices if not missing.get(device)]
    named = {device: NamedAssignment(device, "baseline", Assignment.uniform(graph, device)) for device in able}
    for given in assignments:
        name = given.name
        try:
            one = Assignment.checked(given.assignment, graph, devices)
        except AssignmentError as error:
            raise AssignmentError(error.what, where=f"assignment {name!r}: {error.where}", hint=error.hint) from None
        _check_supported(name, one, graph, missing)
        if name not in named or named[name].assignment != one:  # else it is the baseline of that name
            name = free_name(name, named)
            named[name] = NamedAssignment(name, "own" if given.kind == "baseline" else given.kind, one)
    if not named:
        raise AssignmentError(
            f"no device runs all of {graph.name!r}, and no assignment is given", where="comparison", hint="give a plan"
        )
    return list(named.values())


def _check_supported(
    name: str, assignment: Assignment, graph: LayerGraph, missing: Mapping[str, Mapping[str, str]]
) -> None:
    for layer in graph.index:
        if reason := missing.get(assignment[layer], {}).get(layer):
            raise AssignmentError(
                f"layer {layer!r} cannot run on {assignment[layer]}: {reason}", where=f"assignment {name!r}"
            )


def _entry(
    named: NamedAssignment,
    reference: NamedAssignment,
    samples: Mapping[Assignment, tuple[float, ...]],
    predicted: LatencyModel | None,
    coverage: float,
    rule: Sequential | None,
) -> Entry:
    """One line of the result. The reference has no gain; the other baselines have one, as any assignment has."""
    assignment = named.assignment
    ms = predicted.cost(predicted.choice(assignment)) if predicted else None
    taken, others = samples[assignment], samples[reference.assignment]
    gain: Interval | None = None
    shown: Literal["reference", "faster", "slower", "no difference seen"] = "reference"
    if named is not reference:
        shown = "no difference seen"
        found = gains(taken, others)  # none where one of them has times of 0 alone
        if found and rule:
            gain = rule.interval(found)
            shown = rule.verdict(gain)
        elif found:
            gain = summarize(found, coverage, exact=True)
            shown = verdict(gain, coverage)
    open_ = gain is not None and shown == "no difference seen" and taken != others
    return Entry(
        name=named.name,
        kind=named.kind,
        assignment=assignment,
        predicted_ms=ms if ms is not None and np.isfinite(ms) else None,
        measured_ms=summarize(taken),
        samples_ms=taken,
        switches=assignment.switches,
        gain=gain,
        verdict=shown,
        more_rounds=more_rounds(gain, coverage) or None if gain is not None and open_ else None,
    )


def _of_rounds(conditions: Sequence[Sequence[Conditions]]) -> tuple[Conditions, ...]:
    """Each round's conditions as one; nothing where no board said any."""
    rounds = tuple(map(spanning, conditions))
    return () if all(one == UNKNOWN for one in rounds) else rounds


def _pairs(count: int, baselines: int) -> int:
    """Pairs of assignments of which one may turn out to be the reference: a baseline, or else the first."""
    return max(1, baselines * count - baselines * (baselines + 1) // 2 if baselines else count - 1)


def _decided(entries: Sequence[Entry]) -> bool:
    """Whether all that was asked about is known: the assignments beside the baselines, or else the baselines."""
    reference = next(entry.assignment for entry in entries if entry.verdict == "reference")
    others = [entry for entry in entries if entry.assignment != reference]
    asked = [entry for entry in others if entry.kind != "baseline"] or others
    return all(entry.verdict in ("faster", "slower") for entry in asked)


def _part(progress: Show | None, done: int, total: int, text: str) -> Show | None:
    """Progress within one run, such as loading, as part of the whole."""
    if progress is None:
        return None

    def show(part: Progress) -> None:
        fraction = min(1.0, part.done / part.total) if part.total else 0.0
        progress(Progress(done + fraction, total, f"{text}, {part.text}" if part.text else text))

    return show
