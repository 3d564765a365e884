"""Check networks on Arm NN's reference backend: `python tools/check_networks [--refused] [NETWORK ...]`.

Prints a table: each network as one segment and cut at random between two devices, every tensor that leaves a segment
compared with ONNX Runtime's or LiteRT's, the largest difference relative to the tensor's largest number. Ends with 1
where that is more than 1e-3. With --refused: the layers that Arm NN does not take, with its reasons.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from check_networks import arm, judges, networks

CLOSE = 1e-3


def main() -> int:
    """0 when all that was compared agrees."""
    parser = argparse.ArgumentParser(prog="check_networks", description=__doc__.partition("\n\n")[0])
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help="names or their beginnings (default: all)")
    parser.add_argument("--refused", action="store_true", help="only what Arm NN does not take")
    parser.add_argument("--seed", type=int, default=1, help="of the inputs and the cut (%(default)s)")
    options = parser.parse_args()
    chosen = [
        name
        for name in networks.names()
        if not options.networks or any(name.startswith(one) for one in options.networks)
    ]
    engine = arm.engine()
    head = ("network", "layers", "refused", "why") if options.refused else HEAD
    print(row(head), row(["---"] * len(head)), sep="\n")
    code = 0
    for name in chosen:
        network = networks.opened(name)
        reasons = arm.refused(engine, network).get("CPU", {})
        layers = len(network.model.graph.layers)
        if options.refused:
            said = {reason: list(reasons.values()).count(reason) for reason in reasons.values()}
            why = "; ".join(f"{count} x {reason}" for reason, count in said.items())
            print(row((name, layers, len(reasons), why)), flush=True)
            continue
        code |= check(engine, network, options.seed, len(reasons))
    engine.close()
    return code


HEAD = ("network", "layers", "one segment", "cut at random", "segments", "tensors", "judge", "s")


def check(engine: arm.ArmNNEngine, network: networks.Network, seed: int, refused: int) -> int:
    """Print one line of the table; 1 when the network does not agree."""
    layers, began = len(network.model.graph.layers), time.perf_counter()
    if refused:
        print(row((network.name, layers, f"not run: {refused} layers refused", "", "", "", "", "")), flush=True)
        return 0
    try:
        judge, (whole, cut) = arm.compared(engine, network, seed)
    except judges.NoJudgeError as error:
        print(row((network.name, layers, str(error), "", "", "", "", "")), flush=True)
        return 0
    took = f"{time.perf_counter() - began:.0f}"
    shown = (f"{whole.difference:.0e}", f"{cut.difference:.0e}", cut.segments, cut.tensors, judge, took)
    print(row((network.name, layers, *shown)), flush=True)
    return int(max(whole.difference, cut.difference) > CLOSE)


def row(cells: object) -> str:
    """A line of a Markdown table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
