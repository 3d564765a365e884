"""Tables of profiles, plans and comparisons; each title says where the times come from."""

import statistics

from ..experiments.comparison_sentences import reference_role
from ..experiments.results import Comparison
from ..measurement.profile import Profile
from ..measurement.statistics import FEWEST
from ..planner.plan import Plan
from ..planner.stability import Stability
from ..prediction.latency_model import LatencyModel
from .console import counted, milliseconds, print_table
from .diagnostics import comparison_notes


def ran(origin: str) -> str:
    """What to call times that were run, not predicted: "measured" is said of measurements only."""
    return "measured" if origin == "imported" else origin


def print_profile(profile: Profile) -> None:
    """Every layer's predicted time on each device (uncalibrated medians), and the two totals that are not the same."""
    model = LatencyModel.from_profile(profile, calibrated=False)
    rows: list[tuple[object, ...]] = []
    for place, layer in enumerate(profile.graph.layers):
        times = [milliseconds(ms) if ms < float("inf") else "-" for ms in model.layer_ms[place].tolist()]
        rows.append((place + 1, layer.name, layer.type, *times))
    sums = model.layer_ms.sum(axis=0).tolist()
    rows.append(("", "sum of layers", "", *(milliseconds(ms) if ms < float("inf") else "-" for ms in sums)))
    whole = (profile.baselines.get(device) for device in model.devices)
    rows.append(
        (
            "",
            f"whole network, {ran(profile.board.origin)}",
            "",
            *(milliseconds(statistics.median(samples)) if samples else "-" for samples in whole),
        )
    )
    title = f"{profile.graph.name} on {profile.board.title}: median ms ({profile.board.origin})"
    print_table([">#", "layer", "type", *(f">{device} ms" for device in model.devices)], rows, title=title)


def print_plan(plan: Plan) -> None:
    """The plan beside its baselines, and what proves it."""
    origin = plan.board.origin
    rows = [(f"{device} only", milliseconds(ms), "", "") for device, ms in plan.baselines_ms.items()]
    if plan.greedy_ms is not None:
        rows.append(("greedy (faster device per layer)", milliseconds(plan.greedy_ms), "", ""))
    gain = "" if plan.gain is None else f"{plan.gain:+.2%}"
    rows.append((plan.name, milliseconds(plan.predicted_ms), gain, str(plan.switches)))
    title = f"{plan.network} on {plan.board.title}: predicted latency ({origin} times)"
    print_table(["assignment", ">predicted ms", ">gain", ">switches"], rows, title=title)
    proof = "equals the plan: optimal" if plan.optimal else "is under the plan: not proven optimal"
    print(f"Lower bound {milliseconds(plan.lower_bound_ms)} ms {proof}.")
    if len(plan.board.devices) == 1:
        print(f"{plan.board.title} has one device, {plan.board.devices[0].name}: there is nothing to switch.")
    moved = counted(len(plan.transfers), "transfer")
    print(f"{plan.letters}   ({moved}, {milliseconds(sum(t.ms for t in plan.transfers))} ms)")


def print_stability(sure: Stability) -> None:
    """Every layer's device and how often resampled profiles choose the same, and how sure the prediction is."""
    rows = [
        (place + 1, layer, sure.assignment[layer], f"{share:.0%}", "" if sure.matters(layer) else "hardly matters")
        for place, (layer, share) in enumerate(sure.shares.items())
    ]
    title = f"Stability over {sure.resamples} resampled profiles ({sure.board.origin} times)"
    print_table([">#", "layer", "device", ">same device", ""], rows, title=title)
    ms, run, regret = sure.predicted_ms, sure.one_run_ms, sure.regret
    print(
        f"Predicted {ms.median:.3f} ms ({ms.low:.3f} to {ms.high:.3f}); a single inference {run.low:.3f} to "
        f"{run.high:.3f} ms. {sure.same:.0%} of the optima are this assignment; it is at most {regret.high:.2%} slower "
        "than the others, in 97.5 % of cases."
    )
    if sure.caution:
        print(sure.caution)
    if sure.spread:
        apart = ", ".join(f"{device} {spread:.1%}" for device, spread in sure.spread.items())
        print(f"This holds for another session too, if a device differs between sessions by so much: {apart}.")


def print_comparison(result: Comparison) -> None:
    """One row per assignment, and what the origin of its times is."""
    rows = []
    for entry in result.entries:
        m, gain = entry.measured_ms, entry.gain
        rows.append(
            (
                entry.name,
                "-" if entry.predicted_ms is None else milliseconds(entry.predicted_ms),
                milliseconds(m.median),
                f"{milliseconds(m.low)} .. {milliseconds(m.high)}",
                str(entry.switches),
                "" if gain is None else f"{gain.median:+.2%} ({gain.low:+.2%} .. {gain.high:+.2%})",
                entry.verdict,
            )
        )
    rounds = counted(result.rounds, "interleaved round")
    title = f"{result.network} on {result.board.title}: {rounds} ({result.board.origin} times)"
    columns = [
        "assignment",
        ">predicted ms",
        f">{ran(result.board.origin)} ms",
        ">95 % interval" if result.rounds >= FEWEST else ">range",
        ">switches",
        ">gain",
        "verdict",
    ]
    print_table(columns, rows, title=title)
    print(f"Gain and verdict are against {result.reference}, {reference_role(result)}.")
    for line in comparison_notes(result):
        print(line)
