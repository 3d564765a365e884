"""`explain`: why layers prefer a device."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec.structs import replace

from ... import serialization
from ...errors import ProfileError
from ...measurement.profile import Profile
from .. import options
from ..console import milliseconds, print_json, print_table

if TYPE_CHECKING:
    from ...explain import Explanation, LayerExplanation, OnDevice, Roofline
    from ...measurement.sample_summary import Interval

NOTHING = "-"


def explain(
    profile: Annotated[Path, typer.Argument(metavar="PROFILE.json", help="From `profile` or `import`.")],
    layer: Annotated[str | None, typer.Argument(metavar="LAYER", help="One layer, with all its numbers.")] = None,
    pair: Annotated[
        str | None, typer.Option("--devices", metavar="CPU,GPU", help="The two devices to compare, if there are more.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Medians as measured, not scaled to the whole runs.")] = False,
    reasons: Annotated[bool, typer.Option("--reasons", help="Also print every layer's reason.")] = False,
    json: options.Json = False,
) -> None:
    """Say why layers prefer a device: their work, rooflines, kernels, and what goes with it across the network."""
    from ...explain import explain as explained

    found = serialization.load(profile, Profile)
    explanation = explained(found, calibrated=not raw, pair=_pair(pair))
    if layer is None:
        print_json(explanation) if json else _print_network(explanation, reasons=reasons)
        return
    if layer not in found.graph.index:
        raise ProfileError(
            f"has no layer {layer!r}", where=str(profile), hint="`layerswitch explain PROFILE.json` lists them"
        )
    one = explanation.layer(layer)
    print_json(_with_origin(one, explanation)) if json else _print_layer(one, explanation)


def _pair(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    first, comma, second = (part.strip() for part in text.partition(","))
    if not (first and comma and second):
        raise ProfileError(f"cannot read {text!r}", where="--devices", hint="write two devices, as in CPU,GPU")
    return first, second


def _with_origin(one: "LayerExplanation", explanation: "Explanation") -> dict[str, Any]:
    """A layer by itself, still with what its times are."""
    head = {"schema": "layerswitch/layer-explanation/1", "network": explanation.network, "times": explanation.times}
    roofs = [replace(roof, points=()) for roof in explanation.rooflines]  # the other layers' points are not asked for
    return head | {"board": explanation.board, "scales": explanation.scales, "rooflines": roofs, "layer": one}


def _title(explanation: "Explanation") -> str:
    scales = [f"{device} x {scale.median:.4f}" for device, scale in explanation.scales.items() if scale.samples]
    times = "calibrated medians: " + ", ".join(scales) if scales else "raw medians"
    return f"{explanation.network} on {explanation.board.title}: {times} ({explanation.board.origin} times)"


def _number(value: float | None, form: str = ",.2f", scale: float = 1.0) -> str:
    return NOTHING if value is None else format(value / scale, form)


def _rate(value: float | None) -> str:
    """A rate to three digits: an emulated board's are thousandths of another's."""
    from ...explain.clauses import significant

    return NOTHING if value is None else significant(value)


def _print_network(explanation: "Explanation", *, reasons: bool) -> None:
    devices = [device.name for device in explanation.board.devices]
    rows = []
    for place, one in enumerate(explanation.layers, 1):
        times = {on.device: on for on in one.devices}
        cells = [cell for device in devices for cell in _cells(times.get(device))]
        work = one.work
        rows.append(
            (
                place,
                one.name,
                _number(work.macs, ",.2f", 1e6),
                _number(work.bytes, ",.2f", 1e6),
                _number(work.intensity, ",.1f"),
                _shape(one),
                *cells,
                one.verdict,
            )
        )
    columns = [">#", "layer", ">MMACs", ">MB", ">FLOP/byte", "M x N x K"]
    columns += [column for device in devices for column in (f">{device} ms", ">GFLOP/s")]
    print_table([*columns, "faster"], rows, title=_title(explanation))
    for roof in explanation.rooflines:
        print(_roof(roof))
    if explanation.attributes and explanation.pair:
        print()
        _print_attributes(explanation)
    if reasons:
        for one in explanation.layers:
            print(f"{one.name}: {one.reason}")
        print()
    for clause in explanation.findings:
        print(clause.text)
    for text in explanation.unknown:
        print(f"Not known: {text}.")


def _cells(one: "OnDevice | None") -> tuple[str, str]:
    return (milliseconds(one.ms.median), _rate(one.gflops)) if one else (NOTHING, NOTHING)


def _shape(one: "LayerExplanation") -> str:
    """The layer's heaviest matrix product."""
    product = max(one.work.products, key=lambda product: product.macs, default=None)
    if product is None:
        return NOTHING
    times = f" ({product.batches} times)" if product.batches > 1 else ""
    more = f" and {len(one.work.products) - 1} more" if len(one.work.products) > 1 else ""
    return f"{product.m} x {product.n} x {product.k}{times}{more}"


def _roof(roof: "Roofline") -> str:
    if not (roof.gflops and roof.gb_per_s and roof.ridge):
        return f"Attainable on {roof.device}: not known."
    word = "" if roof.measured else "at least "
    launch = "" if roof.launch_ms is None else f"; a kernel takes {roof.launch_ms:.3f} ms to start"
    return (
        f"Attainable on {roof.device}: {word}{_rate(roof.gflops)} GFLOP/s and {word}{_rate(roof.gb_per_s)} GB/s, "
        f"meeting at {roof.ridge:.1f} FLOP/byte{launch} ({roof.source})."
    )


def _print_attributes(explanation: "Explanation") -> None:
    first, second = explanation.pair or ("", "")
    rows: list[tuple[object, ...]] = []
    for one in explanation.attributes:
        test = f"rho {one.rho:+.2f}, tau {one.tau:+.2f}" if one.rho is not None and one.tau is not None else ""
        test = test or (f"p {one.p:.2g}" if one.p is not None else "")
        for number, group in enumerate(one.groups):
            lead = (one.title, test) if number == 0 else ("", "")
            spread = f"{_ratio(group.lower)} .. {_ratio(group.upper)}"
            rows.append((*lead, group.label, group.layers, _ratio(group.median), spread, group.over))
    columns = ["attribute", "correlation", "group", ">layers", ">median", ">quartiles", f">{second} faster"]
    print_table(columns, rows, title=f"{first} time / {second} time (over 1: the {second} is faster)")


def _ratio(value: float) -> str:
    """A ratio of times to two digits behind the point, of which none would be left of a very small one."""
    return f"{value:.2f}" if 0.1 <= value < 1000 else f"{value:.3g}"


def _print_layer(one: "LayerExplanation", explanation: "Explanation") -> None:
    print(_title(explanation))
    work = one.work
    rows = [
        ("MMACs", _number(work.macs, ",.3f", 1e6)),
        ("MB moved at least", _number(work.bytes, ",.3f", 1e6)),
        ("  inputs, outputs, constants", ", ".join(
            _number(size, ",.3f", 1e6) for size in (work.input_bytes, work.output_bytes, work.constant_bytes)
        )),
        ("FLOP/byte", _number(work.intensity, ",.2f")),
        *((f"M x N x K of {p.operator}", f"{p.m} x {p.n} x {p.k}" + (f", {p.batches} times" if p.batches > 1 else ""))
          for p in work.products),
    ]  # fmt: skip
    print_table([one.name, f">{one.type}"], rows)
    print()
    roofs = {roof.device: roof for roof in explanation.rooflines}
    print_table(
        ["device", ">ms", ">95 % interval", ">samples", ">GFLOP/s", ">GB/s", ">of attainable", "its time"],
        [
            (
                on.device,
                milliseconds(on.ms.median),
                f"{milliseconds(on.ms.low)} .. {milliseconds(on.ms.high)}{_range(on, explanation.scales[on.device])}",
                on.ms.samples,
                _rate(on.gflops),
                _rate(on.gb_per_s),
                _reached(one, on, roofs[on.device]),
                _parts(on),
            )
            for on in one.devices
        ],
    )
    kernels = [
        (on.device, kernel.name, milliseconds(kernel.ms), kernel.launches)
        for on in one.devices
        for kernel in on.kernels
    ]
    if kernels:
        print()
        print_table(["device", "kernel", ">ms as measured", ">launches"], kernels)
    print()
    for roof in explanation.rooflines:
        print(_roof(roof))
    print()
    print(one.reason)


def _range(on: "OnDevice", scale: "Interval") -> str:
    """A mark of what is no interval: of fewer samples, or whole runs that scale them, than one needs."""
    from ...measurement.statistics import FEWEST

    return "" if min(on.ms.samples, scale.samples or FEWEST) >= FEWEST else " (range)"


def _reached(one: "LayerExplanation", on: "OnDevice", roof: "Roofline") -> str:
    """How much of what the device gives at the layer's intensity it reaches; of memory alone without arithmetic.

    "At most" of roofs that no benchmark measured: the true ones lie at or over them. Nothing of a block of several
    products, whose bytes are too far under what really moves.
    """
    top = roof.roof(one.work.intensity) if one.work.intensity else None
    part = None
    if top and on.gflops:
        part = on.gflops / top
    elif roof.gb_per_s and on.gb_per_s and not one.work.macs:
        part = on.gb_per_s / roof.gb_per_s
    if part is None or len(one.work.products) > 1:
        return NOTHING
    return f"{'' if roof.measured else 'at most '}{part:.0%}"


def _parts(on: "OnDevice") -> str:
    if not on.shares:
        return NOTHING
    return ", ".join(f"{share:.0%} {part}" for part, share in on.shares.parts.items() if share >= 0.005)
