"""What the agent adds to bare calls of pyarmnn: `python bench/agent.py [-b BOARD] [-n NETWORK] [--turns N]`.

In one process, in turns: an inference of a loaded assignment by pyarmnn's EnqueueWorkload alone, segment after segment;
the agent's inference of it, which copies tensors between the segments and takes their times; and those copies alone
(numpy.copyto of as many bytes). All on one device, then cut in more and more segments. What is left over is the
agent's own, for each inference and for each switch: processor time of the thread, which other work does not change.
Then, through a Board: how long it takes to have N inferences from the agent beyond what they took by the agent's own
clock; that holds the protocol, the events and the client. The network computes next to nothing unless told otherwise.
"""

import argparse
import time

import numpy as np
from parts import on_board

from layerswitch.boards.board import Board
from layerswitch.network.assignment import Assignment
from layerswitch.network.formats import open_model


def cuts(graph, devices):
    """Assignments with few and many switches: all on the first device, one switch, half of the layers, every layer."""
    names = list(graph.index)
    lengths = dict.fromkeys((len(names), (len(names) + 1) // 2, 2, 1))
    return [{name: devices[place // length % 2] for place, name in enumerate(names)} for length in lengths]


def spread(samples, digits=3):
    """Median and quartiles."""
    low, middle, high = np.percentile(samples, [25, 50, 75])
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def row(*cells):
    """A line of a Markdown table."""
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def head(*columns):
    """The first lines of a table."""
    row("board", "network", *columns)
    row(*["---"] * (2 + len(columns)))


def in_process(entry, graph, turns):
    """Print the rows of the first table."""
    assignments = cuts(graph, ("CPU", "GPU"))
    for one in on_board.ask(entry, graph, "overhead", assignments=assignments, turns=turns)["found"]:
        clock, thread = np.moveaxis(np.array(one["ms"]), 2, 0)
        bare, copies, agent = clock.T
        own = 1e3 * (thread @ [-1.0, -1.0, 1.0])  # of each turn: the agent's, less the bare calls', less the copies'
        each = f"{np.median(own) / one['switches']:.1f}" if one["switches"] else ""
        row(
            *(entry.name, graph.name, one["switches"], spread(agent / bare, 4), spread(bare), spread(agent)),
            *(f"{one['bytes'] / 1e6:.2f} MB, {1e3 * np.median(copies):.1f}", spread(own, 1), each),
        )


def through_a_board(entry, model, runs, turns):
    """Print the rows of the second table."""
    with Board.connect(entry) as board:
        graph = model.graph
        for one in cuts(graph, board.description.device_names):
            assignment, beyond, ratio = Assignment(one), [], []
            board.run(model, assignment, runs=1, warmup=1).whole()  # loads it
            for _ in range(turns):
                began = time.perf_counter()
                run = board.run(model, assignment, runs=runs, warmup=0).whole()
                took = 1e3 * (time.perf_counter() - began)
                ratio.append(took / sum(run.samples_ms))
                beyond.append((took - sum(run.samples_ms)) / runs)
            row(entry.name, graph.name, len(run.segments_ms) - 1, spread(ratio, 4), spread(beyond))


def main():
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-b", "--boards", nargs="+", metavar="BOARD", help="reference, emulated-arm")
    parser.add_argument("-n", "--network", help="another than a chain of ReLUs")
    parser.add_argument("--layers", type=int, default=16, help="of the chain (%(default)s)")
    parser.add_argument("--side", type=int, default=8, help="pixels of its tensors (%(default)s)")
    parser.add_argument("--turns", type=int, default=101)
    parser.add_argument("--runs", type=int, default=100, help="inferences of one request (%(default)s)")
    options = parser.parse_args()
    entries = [entry for entry in on_board.boards() if not options.boards or entry.name in options.boards]
    if not entries:
        print("neither pyarmnn nor the emulated Arm board is here")
        return
    model = open_model(options.network) if options.network else on_board.chain(options.layers, options.side)
    head("switches", "agent / bare", "bare, ms", "agent, ms", "copied, µs", "agent's own, µs", "a switch, µs")
    for entry in entries:
        in_process(entry, model.graph, options.turns)
    print()
    head("switches", f"client / inferences ({options.runs} a request)", "beyond, ms an inference")
    for entry in entries:
        through_a_board(entry, model, options.runs, max(3, options.turns // 20))


if __name__ == "__main__":
    main()
