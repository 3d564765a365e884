"""`import` and `plan`: from a profile to the best assignment."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from ... import serialization
from ...errors import FileError, ProfileError
from ...experiments.results import Comparison, Run
from ...measurement.profile import Profile
from ...measurement.profile_diagnostics import unknown
from ...network.assignment import executed_switches
from ...planner.plan import Plan
from ...prediction.latency_model import LatencyModel
from ...serialization import decode
from .. import assignment_text, options
from ..console import print_json, print_table, say
from ..tables import print_plan, print_stability

if TYPE_CHECKING:
    from ...planner.simplest_plan import Simplest
    from ...planner.stability import Stability
    from ...planner.switch_curve import CurvePoint


def import_(
    layers: Annotated[Path, typer.Argument(metavar="LAYERS.csv", help="Columns layer, device, time_ms, ...")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The profile to write.")],
    transfer: Annotated[
        list[str], typer.Option("--transfer", metavar="CPU:GPU=0.70+0.353/MB", help="Cost of moving a tensor.")
    ] = [],  # noqa: B006
    json: options.Json = False,
) -> None:
    """Make a profile from per-layer times published elsewhere."""
    from ...measurement.profile_import import import_layers, parse_transfer

    options.check_folder(output)
    profile = import_layers(layers, [parse_transfer(text) for text in transfer])
    serialization.save(output, profile)
    if json:
        print_json(profile)
    else:
        say(f"{output}: {len(profile.graph.layers)} layers on {', '.join(profile.devices)}, imported")
        _say_what_is_unknown(profile)


def plan(
    profile: Annotated[Path, typer.Argument(metavar="PROFILE.json", help="From `profile` or `import`.")],
    pin: Annotated[list[str], typer.Option("--pin", metavar="LAYER=DEVICE", help="Keep a layer or block there.")] = [],  # noqa: B006
    max_switches: Annotated[
        int | None, typer.Option("--max-switches", min=0, help="Maximum number of switches.")
    ] = None,
    curve: Annotated[
        bool,
        typer.Option("--curve", help="Also show the best plan for every number of switches, up to --max-switches."),
    ] = False,
    stability: Annotated[
        bool, typer.Option("--stability", help="Also show how sure each layer's device and the prediction are.")
    ] = False,
    session: Annotated[
        list[Path],
        typer.Option("--session", metavar="FILE.json", help="For --stability: what else was measured of it there."),
    ] = [],  # noqa: B006
    name: Annotated[str, typer.Option("--name", help="What to call the plan.")] = "optimum",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The plan to write.")] = None,
    json: options.Json = False,
) -> None:
    """Find the provably best assignment, every switch paid for."""
    from ...planner.optimum import plan as best
    from ...planner.simplest_plan import simplest
    from ...planner.stability import stability as stable
    from ...planner.switch_curve import switch_curve
    from ...prediction.resampling import Resamples
    from ...prediction.session_variance import spread_of

    options.check_folder(output)
    options.text(name, "--name")
    measured = serialization.load(profile, Profile)
    others = _others(session, measured, wanted=stability)
    model = LatencyModel.from_profile(measured)
    pins = assignment_text.read_pins(pin, measured.graph, measured.devices)
    found = best(model, measured.board, pins=pins, max_switches=max_switches, name=name)
    if output:
        serialization.save(output, found)
    points = switch_curve(model, pins=pins) if curve else ()
    if max_switches is not None:
        points = tuple(point for point in points if point.switches <= max_switches)
    sure = fewest = None
    if stability:
        drawn = Resamples.of(measured, spread=spread_of(measured, others))
        sure = stable(measured, found.assignment, pins=pins, drawn=drawn)
        fewest = simplest(sure, drawn)
    if json:
        print_json(_more(found, points if curve else None, sure, fewest) if curve or sure else found)
        return
    print_plan(found)
    executed = executed_switches(measured.graph, found.assignment)
    if executed < found.switches:
        print(f"Arm NN executes it with {executed} switches: layers of a device together where the network allows it.")
    if sure:
        print_stability(sure)
    if fewest:
        print(fewest.sentence)
    _say_what_is_unknown(measured)
    if curve:
        print_table(
            [">switches", ">as executed", ">predicted ms", "assignment"],
            [
                (
                    p.switches,
                    executed_switches(measured.graph, p.assignment),
                    f"{p.predicted_ms:.3f}",
                    p.assignment.text_on(measured.devices),
                )
                for p in points
            ],
            title=f"Best plan for each maximum number of switches ({found.board.origin} times)",
        )
    if output:
        say(f"plan written to {output}")


def _others(paths: Sequence[Path], profile: Profile, *, wanted: bool) -> list[Profile | Run | Comparison]:
    """Other sessions' files, of the profile's network on its board. Raises FileError and ProfileError."""
    from ...prediction.session_variance import alike, whole_ms

    found: list[Profile | Run | Comparison] = []
    for path in paths:
        one = _session(path)
        if not alike(one, profile):
            what = one.graph.name if isinstance(one, Profile) else one.network
            raise ProfileError(
                f"is of {what!r} on {one.board.title}, not of {profile.graph.name!r} on {profile.board.title}",
                where=str(path),
                hint="it says nothing of how far sessions of this lie apart",
            )
        if one == profile or one in found:
            say(f"note: {path} is a session that counts already")
        elif not any(whole_ms(one, device) for device in profile.devices):
            say(f"note: {path} holds no whole run on one device, so it says nothing of how far sessions lie apart")
        found.append(one)
    if paths and not wanted:
        say("note: --session counts with --stability only")
    return found


def _session(path: Path) -> Profile | Run | Comparison:
    """Another session's file. Raises FileError."""
    try:
        return decode(path.read_bytes(), Profile | Run | Comparison)  # type: ignore[no-any-return]  # it is one of them
    except OSError as error:
        raise FileError(error.strerror or "cannot be read", where=str(path)) from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise FileError(f"not a profile, run or comparison of LayerSwitch: {error}", where=str(path)) from error


def _more(
    found: Plan, points: Sequence["CurvePoint"] | None, sure: "Stability | None", fewest: "Simplest | None"
) -> dict[str, Any]:
    """The plan and what else was asked for."""
    said: dict[str, Any] = {"schema": "layerswitch/curve/1" if points is not None else "layerswitch/planned/1"}
    said["plan"] = found
    if points is not None:
        said["points"] = [
            {"switches": p.switches, "predicted_ms": p.predicted_ms, "assignment": p.assignment} for p in points
        ]
    if sure:
        said["stability"] = sure
    if fewest:
        said["simplest"] = fewest
    return said


def _say_what_is_unknown(profile: Profile) -> None:
    """What an imported profile does not know changes which plan is best: not something to find out afterwards."""
    for line in unknown(profile):
        say(f"note: {line}")
