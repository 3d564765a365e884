"""`profile`, `run` and `compare`: what needs a board."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ... import serialization
from ...boards.registry import BoardEntry, find
from ...errors import AssignmentError, ProfileError
from ...experiments.results import Comparison
from ...measurement.profile import Profile, ProfileSettings
from ...measurement.profile_diagnostics import unsteady
from ...network.assignment import Assignment
from ...network.graph import LayerGraph
from ...network.named_assignment import NamedAssignment
from ...prediction.latency_model import LatencyModel
from .. import assignment_text, options
from ..board_connection import connect
from ..console import measuring, milliseconds, print_json, say
from ..diagnostics import state_notes, warn
from ..tables import print_comparison, print_profile

MOST_ROUNDS = 100
"""Measuring until decided ends after so many, if no other limit is given."""
Output = Annotated[Path | None, typer.Option("--output", "-o", help="The file to write.")]


def profile(
    model: options.Model,
    board: options.Board,
    output: Annotated[Path, typer.Option("--output", "-o", help="The profile to write.")],
    runs: Annotated[int, typer.Option("--runs", "-n", min=1, help="Counted inferences per device.")] = 20,
    seed: options.Seed = 0,
    group: options.Group = "layer",
    input_shape: options.InputShape = [],  # noqa: B006
    json: options.Json = False,
) -> None:
    """Measure every layer on every device, whole-network runs, and transfers."""
    from ...network.formats import open_model

    options.check_folder(output)
    entry = find(board)
    opened = open_model(model, input_shapes=options.input_shapes(input_shape), level=group)
    with connect(entry) as connected, measuring(f"profiling {opened.graph.name}", quiet=json) as (show, cancel):
        settings = ProfileSettings(runs=runs, seed=seed)
        measured = connected.profile(opened, settings, progress=show, cancel=cancel).whole()
    serialization.save(output, measured)
    if json:
        print_json(measured)
    else:
        print_profile(measured)
        warn([note.text for note in unsteady(measured)] + state_notes(measured.conditions))
        say(f"profile written to {output}")


def run(
    model: options.Model,
    board: options.Board,
    assignment: Annotated[str, typer.Option("--assignment", "-a", help="PLAN.json, CPU, GPU, or letters: GGBB...")],
    runs: Annotated[int, typer.Option("--runs", "-n", min=1, help="Counted inferences.")] = 20,
    seed: options.Seed = 0,
    group: options.Group = "layer",
    input_shape: options.InputShape = [],  # noqa: B006
    output: Output = None,
    json: options.Json = False,
) -> None:
    """Execute one assignment on the board and measure it."""
    from ...measurement.statistics import FEWEST, notes, steadiness, summarize
    from ...network.formats import open_model

    options.check_folder(output)
    entry = find(board)
    opened = open_model(model, input_shapes=options.input_shapes(input_shape), level=group)
    with connect(entry) as connected:
        given = assignment_text.read(assignment, opened.graph, connected.description.device_names)
        named = given.named
        with measuring(f"running {named.name}", quiet=json) as (show, cancel):
            outcome = connected.run(
                opened, named.assignment, runs=runs, seed=seed, name=named.name, progress=show, cancel=cancel
            )
    measured = outcome.part()
    found = steadiness(measured.samples_ms)
    measured = msgspec.structs.replace(measured, steadiness=found, kind=named.kind)
    if output:
        serialization.save(output, measured)
    if json:
        print_json(measured)
        outcome.whole()
        return
    total = summarize(measured.samples_ms[found.warmup :])
    predicted, fewer = "", f" (executed with {len(measured.segments) - 1})" if measured.segments else ""
    if given.plan:
        elsewhere = f" on {given.plan.board.title}" if given.plan.board.name != measured.board.name else ""
        predicted = f", predicted {milliseconds(given.plan.predicted_ms)} ms{elsewhere}"
    spread = f"{'' if total.samples >= FEWEST else 'range '}{milliseconds(total.low)} to {milliseconds(total.high)}"
    print(
        f"{named.name} on {measured.board.title}: {milliseconds(total.median)} ms ({spread}), "
        f"{total.samples} runs, {named.assignment.switches} switches{fewer}{predicted} [{measured.board.origin}]"
    )
    unsteady_notes = [note.text for note in notes(found, len(measured.samples_ms))]
    warn(unsteady_notes + state_notes(measured.conditions))
    if output:
        say(f"run written to {output}")
    outcome.whole()


def compare(
    model: options.Model,
    board: options.Board,
    assignment: Annotated[
        list[str], typer.Option("--assignment", "-a", help="PLAN.json, CPU, GPU, greedy, or letters; repeatable.")
    ] = [],  # noqa: B006
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Rounds; each measures every assignment once.")] = 20,
    until_decided: Annotated[
        bool, typer.Option("--until-decided", help="Measure until it is known which is faster, instead of --rounds.")
    ] = False,
    max_rounds: Annotated[
        int | None, typer.Option("--max-rounds", min=1, help="End --until-decided at the latest; else after 100.")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", help="Predict with this profile (and know what greedy is).")
    ] = None,
    seed: options.Seed = 0,
    group: options.Group = "layer",
    input_shape: options.InputShape = [],  # noqa: B006
    output: Output = None,
    json: options.Json = False,
) -> None:
    """Measure assignments against each other, interleaved, with the baselines among them."""
    from ...experiments.compare import compare as measure
    from ...network.formats import open_model

    options.check_folder(output)
    entry = find(board)
    opened = open_model(model, input_shapes=options.input_shapes(input_shape), level=group)
    known = _profile(profile, opened.graph, entry) if profile else None
    latency = LatencyModel.from_profile(known) if known else None
    if until_decided:
        rounds = MOST_ROUNDS if max_rounds is None else max_rounds
    elif max_rounds is not None:
        say("note: --max-rounds counts with --until-decided only")
    with connect(entry) as connected:
        devices = connected.description.device_names
        given = [_given(text, opened.graph, devices, latency) for text in assignment]
        with measuring(f"comparing {len(given)} assignments", quiet=json) as (show, cancel):
            outcome = measure(
                connected,
                opened,
                [one.named for one in given],
                predicted=latency,
                rounds=rounds,
                seed=seed,
                until_decided=until_decided,
                profile_created=known.created if known else "",
                progress=show,
                cancel=cancel,
            )
    result = outcome.part()
    if latency is None:
        result = _predicted_by_plans(result, given)
    if output:
        serialization.save(output, result)
    if json:
        print_json(result)
    else:
        print_comparison(result)
    if output and not json:
        say(f"comparison written to {output}")
    if outcome.error is not None:
        say(f"stopped after {result.rounds} of {rounds} rounds; these are the result")
        raise outcome.error


def _profile(path: Path, graph: LayerGraph, board: BoardEntry) -> Profile:
    measured = serialization.load(path, Profile)
    if measured.graph.fingerprint != graph.fingerprint:
        raise ProfileError(f"is of another network, {measured.graph.name!r}, not of {graph.name!r}", where=str(path))
    if measured.graph.level != graph.level:
        raise ProfileError(f"was taken per {measured.graph.level}", where=str(path), hint="give the same --group")
    if measured.board.name != board.name:
        say(f"note: predictions are from a profile of {measured.board.title}, not of {board.title}")
    return measured


def _given(
    text: str, graph: LayerGraph, devices: tuple[str, ...], latency: LatencyModel | None
) -> assignment_text.Given:
    if text != "greedy":
        return assignment_text.read(text, graph, devices)
    if latency is None:
        raise AssignmentError("greedy needs to know each layer's times", where="--assignment", hint="give --profile")
    from ...planner.greedy import greedy

    return assignment_text.Given(NamedAssignment("greedy", "greedy", greedy(latency)))


def _predicted_by_plans(result: Comparison, given: list[assignment_text.Given]) -> Comparison:
    """Fill in what the plans' own files say was predicted, of themselves and of the baselines."""
    known: dict[Assignment, float] = {}
    for one in given:
        if one.plan and one.plan.board.name == result.board.name:  # another board's times predict nothing here
            known[one.named.assignment] = one.plan.predicted_ms
            for device, ms in one.plan.baselines_ms.items():
                known.setdefault(Assignment(dict.fromkeys(one.named.assignment, device)), ms)
    replace = msgspec.structs.replace
    entries = (replace(entry, predicted_ms=known.get(entry.assignment)) for entry in result.entries)
    return replace(result, entries=tuple(entries))
