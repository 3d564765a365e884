"""The tables of docs/simulated-boards.md, as Markdown."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import boards, derived, evaluation, published
from .evaluation import Prediction, Predictions

TITLES = {"khadas-vim3": "Khadas VIM3", "rock-pi-n10": "Rock Pi N10 (RK3399Pro)"}
START, END = "<!-- tables: written by tools/fit_boards -->", "<!-- end of tables -->"


def tables(data: boards.Data, fitted: dict[str, dict[str, boards.Fitted]]) -> str:
    """All tables, from the shipped fit and from fits that leave each network out."""
    shipped, left = evaluation.of_fit(fitted, published.NETWORKS), evaluation.left_out(data)
    parts = []
    for board in boards.BOARDS:
        parts += [f"### {TITLES[board]}: networks", "", *_networks(board, shipped, left), ""]
    parts += ["### Whole networks on the Khadas VIM3", "", *_whole(data, shipped, left), ""]
    parts += ["### Switched runs on the Khadas VIM3", "", *_switched(data, shipped), ""]
    parts += ["### What switching gains", "", *_gains(data, shipped, left), ""]
    for board in boards.BOARDS:
        parts += [f"### {TITLES[board]}: layers", "", *_layers(board, shipped, left), ""]
    return "\n".join(parts)


def insert(document: str, text: str) -> str:
    """The document with its tables replaced. Raises ValueError when it has no place for them."""
    before, start, rest = document.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"the document lacks {START} ... {END}")
    return f"{before}{START}\n\n{text}\n{END}{after}"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    head = list(head)
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def _networks(board: str, shipped: Predictions, left: Predictions) -> list[str]:
    rows = []
    for name in published.NETWORKS:
        for device in boards.DEVICES:
            one, other = left[board, name, device], shipped[board, name, device]
            rows.append(
                [
                    published.TITLES[name],
                    device,
                    f"{one.measured.sum():.1f}",
                    *(f"{each.predicted.sum():.1f} ({each.total_error:+.1%})" for each in (one, other)),
                    *(f"{each.layer_error:.1%}" for each in (one, other)),
                    *(
                        f"{evaluation.faster_right(found[board, name, 'CPU'], found[board, name, 'GPU']):.0%}"
                        for found in (left, shipped)
                    ),
                ]
            )
    heads = ["network", "device", "layers' sum ms", "left out", "shipped", "layer error, left out", "shipped"]
    return _table([*heads, "faster device right, left out", "shipped"], rows)


def _layers(board: str, shipped: Predictions, left: Predictions) -> list[str]:
    def cells(one: Prediction, other: Prediction, place: int) -> list[str]:
        return [f"{value:.2f}" for value in (one.measured[place], one.predicted[place], other.predicted[place])]

    rows = []
    for name in published.NETWORKS:
        for place in range(len(left[board, name, "CPU"].measured)):
            row = [f"{published.TITLES[name]} {place}"]
            for device in boards.DEVICES:
                row += cells(left[board, name, device], shipped[board, name, device], place)
            rows.append(row)
    heads = [f"{device} {what}" for device in boards.DEVICES for what in ("measured", "left out", "shipped")]
    return _table(["layer (ms)", *heads], rows)


def _whole(data: boards.Data, shipped: Predictions, left: Predictions) -> list[str]:
    factors = derived.whole_run_factors(data.folder)
    rows = []
    for name in published.NETWORKS:
        for device in boards.DEVICES:
            one, own = left["khadas-vim3", name, device], factors[device]
            others = float(np.exp(np.mean([np.log(own[other]) for other in own if other != name])))
            every = float(np.exp(np.mean([np.log(each) for each in own.values()])))
            measured = one.measured.sum() * own[name]
            first = one.predicted.sum() * others
            second = shipped["khadas-vim3", name, device].predicted.sum() * every
            cells = [f"{ms:.1f} ({ms / measured - 1:+.1%})" for ms in (first, second)]
            rows.append([published.TITLES[name], device, f"{measured:.1f}", *cells, f"{own[name]:.3f}"])
    return _table(["network", "device", "whole run ms", "left out", "shipped", "run / sum of layers"], rows)


def _sizes(graph: dict[str, Any]) -> list[float]:
    ends = [layer["operators"][-1]["outputs"][0] for layer in graph["layers"]]
    return [4.0 * float(np.prod(graph["tensors"][end]["shape"])) for end in ends]


def _moves(data: boards.Data, board: str) -> dict[tuple[str, str], tuple[float, float]]:
    vim3 = board == "khadas-vim3"
    listed = derived.vim3_transfers(data.folder) if vim3 else derived.rk3399_transfers(data.folder)
    return {(one["source"], one["target"]): (one["fixed_ms"], one["ms_per_megabyte"] / 1e6) for one in listed}


def _factor(data: boards.Data, board: str, device: str) -> float:
    if board != "khadas-vim3":
        return derived.rk3399_whole_run_factor(data.folder)
    return float(np.exp(np.mean([np.log(one) for one in derived.whole_run_factors(data.folder)[device].values()])))


def _scaled(data: boards.Data, board: str, name: str, found: Predictions) -> dict[str, NDArray[np.float64]]:
    return {dev: found[board, name, dev].predicted * _factor(data, board, dev) for dev in boards.DEVICES}


def _switched(data: boards.Data, shipped: Predictions) -> list[str]:
    runs, board = defaultdict(list), "khadas-vim3"
    for row in published.rows(data.folder / "khadas_vim3_runs.csv"):
        if derived.SLOW_SESSION not in row["file"] and set(row["order"]) <= set("BG"):
            runs[row["graph"], row["order"]].append(float(row["task_ms"]))
    rows = []
    for (name, order), times in runs.items():
        graph = data.boards[board][0][name]
        if len(order) == len(graph["layers"]):
            layers = _scaled(data, board, name, shipped)
            ms = evaluation.cost(order, layers, _sizes(graph), _moves(data, board))
            spread = f"{min(times):.1f} to {max(times):.1f}" if len(times) > 1 else f"{times[0]:.1f}"
            error = f"{ms / float(np.median(times)) - 1:+.1%}"
            rows.append([published.TITLES[name], f"`{order}`", len(times), spread, f"{ms:.1f}", error])
    return _table(["network", "order (B is the CPU)", "runs", "measured ms", "simulated ms", "error"], rows)


def _gains(data: boards.Data, shipped: Predictions, left: Predictions) -> list[str]:
    rows = []
    for board in boards.BOARDS:
        moves = _moves(data, board)
        for name in published.NETWORKS:
            sizes = _sizes(data.boards[board][0][name])
            truth = {
                device: shipped[board, name, device].measured * _factor(data, board, device)
                for device in boards.DEVICES
            }
            row = [TITLES[board], published.TITLES[name]]
            for layers in (truth, _scaled(data, board, name, left), _scaled(data, board, name, shipped)):
                order = evaluation.best_order(layers, sizes, moves)
                better = min(times.sum() for times in layers.values())
                row.append(f"{1 - evaluation.cost(order, layers, sizes, moves) / better:.1%} `{order}`")
                if layers is not truth:
                    better = min(times.sum() for times in truth.values())
                    row.append(f"{1 - evaluation.cost(order, truth, sizes, moves) / better:.1%}")
            rows.append(row)
    heads = ["board", "network", "measured layers", "left out", "on measured", "shipped", "on measured"]
    return _table(heads, rows)
