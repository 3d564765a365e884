"""The closed loop: plan, run, learn from all runs so far, plan again, until the plan no longer changes.

Each step measures the plan, the best assignment so far, and the baselines, interleaved; the first one also the greedy
assignment, whose many switches show what transfers cost. What is learned (recalibration.py) changes the latency model,
and that may change the plan. The result is the assignment that was measured to be the fastest, in units of the baseline
of the same round, so that a board that gets slower meanwhile favours none.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from ..boards.progress import Progress, Show
from ..errors import BoardError, LayerSwitchError
from ..measurement.profile import BoardDescription, Profile, now
from ..measurement.sample_summary import Interval
from ..measurement.statistics import summarize
from ..network.assignment import Assignment
from ..network.named_assignment import NamedAssignment
from ..outcome import Outcome
from ..planner.greedy import greedy
from ..planner.optimum import plan
from ..planner.plan import Plan
from ..planner.problem import proven
from ..prediction.latency_model import LatencyModel
from ..prediction.recalibration import Learned, learn
from ..serialization import Count, Milliseconds, Value
from .compare import Runner, compare
from .results import Comparison, Entry, Run

if TYPE_CHECKING:
    from ..network.model import Model


class Step(Value, frozen=True):
    """One turn of the loop: what was planned, what it measured, and what was learned from that.

    `changed` are the layers on another device than in the step before. `device_factors` and `transfer_factors`
    ("CPU:GPU"; 1 is what the profile says) and the ms added to each transfer are what all runs so far make of it.
    """

    assignment: Assignment
    predicted_ms: Milliseconds
    measured_ms: Interval
    gain: Interval | None
    changed: tuple[str, ...]
    device_factors: dict[str, float]
    transfer_factors: dict[str, float]
    transfer_added_ms: dict[str, float]


class Refinement(Value, frozen=True, tag_field="schema", tag="layerswitch/refinement/2"):
    """The history of a refinement, and the plan it ends with: the fastest assignment measured, with what the learned
    model says of it. `stands` says that what was learned last leads to no plan that was not measured; else the limit or
    a stop ended it. `profile_created` says when the profile was taken that it began with."""

    network: str
    fingerprint: str
    board: BoardDescription
    steps: tuple[Step, ...]
    plan: Plan
    measured_ms: Interval
    gain: Interval | None
    stands: bool
    limit: Count
    rounds: Count
    seed: Count = 0
    created: str = ""
    profile_created: str = ""


@dataclass
class _Seen:
    """All that was measured so far: runs to learn from, and each assignment's times over the baseline's."""

    runs: list[tuple[Mapping[str, str], float]]
    ratios: dict[Assignment, list[float]] = field(default_factory=dict)
    last: dict[Assignment, Entry] = field(default_factory=dict)

    def take(self, result: Comparison) -> None:
        """The unit is always the same baseline, the first, where there is one."""
        baselines = (entry.samples_ms for entry in result.entries if entry.kind == "baseline")
        unit = next(baselines, (1.0,) * result.rounds)
        for entry in result.entries:
            key = entry.assignment
            if any(self.last.get(key) is other for other in result.entries):
                continue  # the same assignment under a second name
            self.runs.append((key, entry.measured_ms.median))
            pairs = zip(entry.samples_ms, unit, strict=True)
            self.ratios.setdefault(key, []).extend(ms / one for ms, one in pairs if one > 0)
            self.last[key] = entry

    def best(self, pins: Mapping[str, str]) -> Assignment:
        """The fastest so far of those that hold the pins; baselines may not."""
        held = [one for one in self.ratios if all(one[layer] == device for layer, device in pins.items())]
        return min(held, key=lambda one: float(np.median(self.ratios[one] or [np.inf])))


def refine(
    board: Runner,
    model: "Model",
    profile: Profile,
    *,
    pins: Mapping[str, str] = {},
    rounds: int = 20,
    limit: int = 6,
    runs: Sequence[Run] = (),
    seed: int = 0,
    keep: Callable[[int, Comparison], None] | None = None,
    progress: Show | None = None,
    cancel: threading.Event | None = None,
) -> Outcome[Refinement]:
    """Refine the plan of a profile on its board, in at most `limit` steps of `rounds` rounds.

    `runs` are earlier ones to learn from. `keep` is handed every step's number and comparison, that of a first step
    which loses its board as far as it came. The outcome of a refinement that was cancelled has the steps it came to,
    also one of which some rounds are missing; that of one that lost its board has the steps completed.
    Raises LayerSwitchError for a limit of 0, AssignmentError for a run of other layers or devices, and what `plan` and
    `compare` raise.

    >>> result = refine(board, model, profile, rounds=5, limit=3).whole()
    >>> result.stands, len(result.steps)
    (True, 1)
    """
    if limit < 1:
        raise LayerSwitchError("no step refines nothing", where="refine", hint="allow at least 1")
    profiled = LatencyModel.from_profile(profile)
    for run in runs:
        Assignment.checked(run.assignment, profile.graph, profile.devices)
    seen = _Seen([(run.assignment, summarize(run.samples_ms).median) for run in runs if run.samples_ms])
    learned = learn(profiled, seen.runs)
    latency = learned.applied(profiled)
    current = plan(latency, profile.board, pins=pins)
    steps: list[Step] = []
    stands = False

    def result() -> Refinement:
        best = seen.best(pins)
        final, entry = _final(latency, profile.board, best, pins), seen.last[best]
        graph = profile.graph
        return Refinement(
            network=graph.name,
            fingerprint=graph.fingerprint,
            board=profile.board,
            steps=tuple(steps),
            plan=final,
            measured_ms=entry.measured_ms,
            gain=entry.gain,
            stands=stands,
            limit=limit,
            rounds=rounds,
            seed=seed,
            created=now(),
            profile_created=profile.created,
        )

    for number in range(limit):
        assignment = current.assignment
        named = [NamedAssignment("plan", "plan", assignment)]
        if number == 0:
            named.append(NamedAssignment("greedy", "greedy", greedy(latency).replaced(pins)))
        else:
            named.append(NamedAssignment("best so far", "refined", seen.best(pins)))
        outcome = compare(
            board,
            model,
            named,
            predicted=latency,
            rounds=rounds,
            seed=seed + number,
            profile_created=profile.created,
            progress=_part(progress, number, limit),
            cancel=cancel,
        )
        measured, error = outcome.value, outcome.error
        if measured is None or isinstance(error, BoardError):
            if measured is not None and keep is not None and not steps:
                keep(1, measured)
            return Outcome(result() if steps else None, error)
        seen.take(measured)
        if keep is not None:
            keep(number + 1, measured)
        learned = learn(profiled, seen.runs)
        entry = next(one for one in measured.entries if one.assignment == assignment)
        steps.append(_step(current, entry, steps, learned))
        latency = learned.applied(profiled)
        if error is not None:
            return Outcome(result(), error)  # so few rounds do not show that its plan stands
        current = plan(latency, profile.board, pins=pins)
        stands = current.assignment == assignment
        if stands or current.assignment in seen.ratios:
            stands = True  # nothing new is left to measure
            break
    return Outcome(result())


def _step(current: Plan, entry: Entry, before: Sequence[Step], learned: Learned) -> Step:
    old = before[-1].assignment if before else current.assignment
    return Step(
        assignment=current.assignment,
        predicted_ms=current.predicted_ms,
        measured_ms=entry.measured_ms,
        gain=entry.gain,
        changed=tuple(layer for layer, device in current.assignment.items() if old[layer] != device),
        device_factors=dict(learned.devices),
        transfer_factors={f"{a}:{b}": factor for (a, b), factor in learned.transfers.items()},
        transfer_added_ms={f"{a}:{b}": ms for (a, b), ms in learned.added_ms.items()},
    )


def _final(latency: LatencyModel, board: BoardDescription, best: Assignment, pins: Mapping[str, str]) -> Plan:
    """A plan of that assignment by the learned model, optimal only where the model says so too."""
    free = plan(latency, board, pins=pins, name="refined")
    if free.assignment == best:
        return replace(free, kind="refined")
    held = plan(latency, board, pins=best, name="refined")
    bound = free.lower_bound_ms
    as_good = proven(held.predicted_ms, bound)  # another optimum
    return replace(held, pins=dict(pins), lower_bound_ms=bound, optimal=as_good, method="measured", kind="refined")


def _part(progress: Show | None, number: int, limit: int) -> Show | None:
    if progress is None:
        return None

    def show(part: Progress) -> None:
        progress(Progress(number * part.total + part.done, limit * part.total, f"step {number + 1}, {part.text}"))

    return show
