"""`refine`: plan, run, learn, plan again, until the plan no longer changes."""

from pathlib import Path
from typing import Annotated

import typer

from ... import serialization
from ...boards.registry import find
from ...errors import AssignmentError, ProfileError
from ...experiments.refine import Refinement
from ...experiments.results import Comparison, Run
from ...measurement.profile import Profile, ProfileSettings
from ...measurement.statistics import FEWEST, summarize
from ...network.assignment import Assignment
from ...network.graph import LayerGraph
from ...prediction.latency_model import LatencyModel
from ...prediction.recalibration import ABSURD
from .. import assignment_text, options
from ..board_connection import connect
from ..console import counted, measuring, milliseconds, print_json, print_table, say
from ..tables import print_plan, ran

FAR_OFF = 2.0
"""Times what was predicted, or a part of it, from which a run counts as odd."""


def refine(
    model: options.Model,
    board: options.Board,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where the files go.")],
    profile: Annotated[
        Path | None, typer.Option("--profile", help="Begin with this profile instead of taking one.")
    ] = None,
    run: Annotated[
        list[str], typer.Option("--run", metavar="RUN.json", help="Learn from this run too; repeatable.")
    ] = [],  # noqa: B006
    pin: Annotated[list[str], typer.Option("--pin", metavar="LAYER=DEVICE", help="Hold a layer; repeatable.")] = [],  # noqa: B006
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Rounds of each step's comparison.")] = 20,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Steps at most.")] = 6,
    seed: options.Seed = 0,
    group: options.Group = "layer",
    input_shape: options.InputShape = [],  # noqa: B006
    json: options.Json = False,
) -> None:
    """Plan, run, correct transfer costs and layer times by all runs so far, until the plan no longer changes."""
    from ...experiments.refine import refine as refined
    from ...network.formats import open_model

    entry = find(board)
    opened = open_model(model, input_shapes=options.input_shapes(input_shape), level=group)
    measured = _profile(profile, opened.graph, entry.name) if profile else None
    earlier = [_run(Path(path), opened.graph, entry.name) for path in run]

    def keep(number: int, comparison: Comparison) -> None:
        serialization.save(output / f"comparison-{number}.json", comparison)

    with connect(entry) as connected:
        pins = assignment_text.read_pins(pin, opened.graph, connected.description.device_names)
        _check_devices(run, earlier, opened.graph, connected.description.device_names)
        _make(output)
        if measured is None:
            with measuring(f"profiling {opened.graph.name}", quiet=json) as (show, cancel):
                measured = connected.profile(opened, ProfileSettings(seed=seed), progress=show, cancel=cancel).whole()
        serialization.save(output / "profile.json", measured)
        _say_what_is_far_off(run, earlier, measured)
        with measuring(f"refining {opened.graph.name}", quiet=json) as (show, cancel):
            outcome = refined(
                connected,
                opened,
                measured,
                pins=pins,
                rounds=rounds,
                limit=limit,
                runs=earlier,
                seed=seed,
                keep=keep,
                progress=show,
                cancel=cancel,
            )
    found = outcome.part()
    serialization.save(output / "refinement.json", found)
    serialization.save(output / "plan.json", found.plan)
    if json:
        print_json(found)
    else:
        print_refinement(found)
        print_plan(found.plan)
        say(f"In {output}: profile.json, comparison-1.json and on, refinement.json, plan.json")
    if outcome.error is not None:
        say("the refinement was stopped; what was measured is the result")
        raise outcome.error


def print_refinement(found: Refinement) -> None:
    """One row per step: what was planned, what it measured, what changed, what was learned."""
    rows = []
    for number, step in enumerate(found.steps, 1):
        gain = "" if step.gain is None else f"{step.gain.median:+.2%} ({step.gain.low:+.2%} .. {step.gain.high:+.2%})"
        changed = counted(len(step.changed), "layer") if number > 1 else "first plan"
        said = ", ".join(
            [f"{device} × {factor:.3f}" for device, factor in step.device_factors.items()]
            + [f"{way} × {f:.2f} + {step.transfer_added_ms[way]:.2f} ms" for way, f in step.transfer_factors.items()]
        )
        predicted, measured = milliseconds(step.predicted_ms), milliseconds(step.measured_ms.median)
        rows.append((number, predicted, measured, gain, changed, said))
    origin = found.board.origin
    columns = [
        ">step",
        ">predicted ms",
        f">{ran(origin)} ms",
        ">gain",
        "changed",
        "learned corrections",
    ]
    print_table(columns, rows, title=f"{found.network} on {found.board.title}: refinement ({origin} times)")
    ms = found.measured_ms
    end = "The plan no longer changes" if found.stands else "The plan still changes"
    print(
        f"{end} after {len(found.steps)} of at most {found.limit} steps; the fastest measured takes "
        f"{milliseconds(ms.median)} ms ({milliseconds(ms.low)} to {milliseconds(ms.high)})."
    )
    if found.steps and found.rounds < FEWEST:
        print(f"Of {counted(found.rounds, 'round')} a step there are no intervals: what is shown are ranges.")


def _make(folder: Path) -> None:
    options.make_folder(folder)
    for name in ("profile.json", "refinement.json", "plan.json"):
        options.check_folder(folder / name)


def _profile(path: Path, graph: LayerGraph, board: str) -> Profile:
    found = serialization.load(path, Profile)
    if found.graph.fingerprint != graph.fingerprint or found.graph.level != graph.level:
        what = f"is of {found.graph.name!r} per {found.graph.level}, not of {graph.name!r} per {graph.level}"
        raise ProfileError(what, where=str(path), hint="give the same model and --group")
    if found.board.name != board:
        raise ProfileError(f"was taken on {found.board.name}, not on {board}", where=str(path))
    return found


def _run(path: Path, graph: LayerGraph, board: str) -> Run:
    found = serialization.load(path, Run)
    if set(found.assignment) != set(graph.index) or found.fingerprint not in ("", graph.fingerprint):
        raise ProfileError(f"is a run of other layers than {graph.name!r} has", where=str(path))
    if found.board.name != board:
        raise ProfileError(f"was measured on {found.board.name}, not on {board}", where=str(path))
    return found


def _check_devices(paths: list[str], runs: list[Run], graph: LayerGraph, devices: tuple[str, ...]) -> None:
    """Whether the runs are of devices that the board has. Raises AssignmentError."""
    for path, one in zip(paths, runs, strict=True):
        try:
            Assignment.checked(one.assignment, graph, devices)
        except AssignmentError as error:
            raise AssignmentError(error.what, where=f"{path}: {error.where}", hint=error.hint) from None


def _say_what_is_far_off(paths: list[str], runs: list[Run], profile: Profile) -> None:
    """Runs that took more than twice or less than half of what the profile says: other clocks, or no milliseconds."""
    model = LatencyModel.from_profile(profile)
    for path, one in zip(paths, runs, strict=True):
        ms = summarize(one.samples_ms).median if one.samples_ms else 0.0
        predicted = model.cost(model.choice(one.assignment))
        if not (ms > 0 and predicted > 0):
            say(f"note: {path} teaches nothing: it holds no time over 0 ms")
        elif predicted == float("inf"):
            say(f"note: {path} teaches nothing: the profile has no time of one of its layers on its device")
        elif not predicted / FAR_OFF <= ms <= predicted * FAR_OFF:
            absurd = not predicted / ABSURD < ms < predicted * ABSURD
            then = "it is left out" if absurd else "what it teaches may mislead"
            say(f"note: {path} took {ms:.6g} ms where the profile says {predicted:.6g}: {then}")
