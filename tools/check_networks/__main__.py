"""Check networks on Arm NN's reference backend: `python tools/check_networks [--refused [BOARD]] [NETWORK ...]`.

Prints a table: each network as one segment and cut at random between two devices, every tensor that leaves a segment
compared with ONNX Runtime's or LiteRT's, the largest difference relative to the tensor's largest number. Ends with 1
where that is more than 1e-3. With --refused: the layers that Arm NN does not take, with its reasons; of the reference
backend, or of each device of a board.
"""

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from layerswitch.boards import registry
from layerswitch.boards.board import Board

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from check_networks import arm, judges, networks

CLOSE = 1e-3


def main() -> int:
    """0 when all that was compared agrees."""
    parser = argparse.ArgumentParser(prog="check_networks", description=__doc__.partition("\n\n")[0])
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help="names or their beginnings (default: all)")
    parser.add_argument("--refused", nargs="?", const="", metavar="BOARD", help="only what Arm NN does not take")
    parser.add_argument("--seed", type=int, default=1, help="of the inputs and the cut (%(default)s)")
    options = parser.parse_args()
    chosen = [
        name
        for name in networks.names()
        if not options.networks or any(name.startswith(one) for one in options.networks)
    ]
    return compare(chosen, options.seed).whole() if options.refused is None else refusals(chosen, options.refused)


def compare(names: list[str], seed: int) -> int:
    """Print the table of differences; 1 when a network does not agree."""
    engine, code = arm.engine(), 0
    print(row(HEAD), row(["---"] * len(HEAD)), sep="\n")
    for name in names:
        network = networks.opened(name)
        code |= check(engine, network, seed, len(arm.refused(engine, network).get("CPU", {})))
    engine.close()
    return code


def refusals(names: list[str], board: str) -> int:
    """Print what each backend does not take, of a board by its name, else of the reference backend."""
    head = ("network", "layers", "refused", "why")
    print(row(head), row(["---"] * len(head)), sep="\n")
    with contextlib.ExitStack() as stack:
        if board:
            connected = stack.enter_context(Board.connect(registry.find(board)))
        else:
            engine = arm.engine()
            stack.callback(engine.close)
        for name in names:
            network = networks.opened(name)
            found = connected.unsupported(network.model) if board else {"": arm.refused(engine, network).get("CPU", {})}
            counts = ", ".join(f"{device} {len(reasons)}".strip() for device, reasons in found.items()) or "0"
            print(row((name, len(network.model.graph.layers), counts, "; ".join(told(found)))), flush=True)
    return 0


def told(found: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The reasons, each once, with how many layers it is said of."""
    for device, reasons in found.items():
        for reason in dict.fromkeys(reasons.values()):
            yield f"{device} {list(reasons.values()).count(reason)} x {reason}".strip()


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
