"""Writes a board file: every coefficient with its unit and source."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .fitting import NAMES, SCALARS, Prior

UNITS = {
    "launch_ms": "ms before a kernel starts",
    "stream_bytes_per_ms": "activations read and written; 1e6 bytes per ms are 1 GB/s",
    "weight_bytes_per_ms": "constants read",
    "overlap": "1: compute and memory one after the other; more: they overlap",
    "half_depth": "multiply-accumulates that starting and ending one number of a product costs",
    "half_rows": "rows of tiles with which a product leaves the device half as idle as it can",
    "idle_gemm": "by how much few rows slow a matrix product at most; 0: not at all",
    "idle_winograd": "the same of Winograd's",
    "half_columns": "columns with which a matrix-vector product leaves the memory half idle; 0: never",
    "refetch_rate": "multiply-accumulates per ms when constants are fetched again for every row of tiles",
    "cache_bytes": "constants of this size are fetched again half of the time; 0: never",
    "cache_steepness": "how sharply that sets in",
    "gemm": "multiply-accumulates per ms of the matrix product, padded to its tiles",
    "winograd": "multiply-accumulates per ms of Winograd's matrix products",
    "gemv": "multiply-accumulates per ms of the matrix-vector product",
    "depthwise": "multiply-accumulates per ms",
    "im2col": "numbers written per ms",
    "transform": "numbers per ms of Winograd's input and output transforms",
    "copy": "numbers per ms of concat, reshape, pad ...",
    "elementwise": "numbers per ms of batch normalization, activation, addition",
    "exponential": "numbers per ms of softmax, sigmoid ... (only softmax of 1000 was published)",
    "pool": "window elements per ms",
    "lrn": "numbers per ms of local response normalization",
}


def board_file(
    head: dict[str, str],
    details: dict[str, str],
    conditions: dict[str, str],
    devices: dict[str, dict[str, Any]],
    transfers: list[dict[str, Any]],
    transfer_source: str,
    transfer_jitter: float,
) -> str:
    """The text of a board file; `devices` hold what `boards.text` puts there."""
    lines = ["# Written by tools/fit_boards; do not edit by hand. How it was fitted: docs/simulated-boards.md", ""]
    lines += [f"{key} = {_text(value)}" for key, value in head.items()]
    lines += ["pace = 0.05  # real seconds per simulated second"]
    lines += [f"transfer_jitter = {transfer_jitter}  # relative standard deviation; as the devices' jitter"]
    for title, table in (("details", details), ("conditions", conditions)):
        lines += ["", f"[{title}]", *(f"{_text(key)} = {_text(value)}" for key, value in table.items())]
    for name, device in devices.items():
        lines += ["", *_device(name, device)]
    for transfer in transfers:
        lines += ["", f"[[transfers]]  # {transfer_source}"]
        lines += [f"{key} = {_text(value) if isinstance(value, str) else value}" for key, value in transfer.items()]
    return "\n".join(lines) + "\n"


def _device(name: str, device: dict[str, Any]) -> list[str]:
    prior: Prior = device["prior"]
    values: NDArray[np.float64] = device["values"]
    low, high = prior.library.winograd_channels
    lines = [
        f"[devices.{name}]",
        f"# {device['source']}",
        "# In brackets: the value believed before the fit.",
        f"processor = {_text(device['processor'])}",
        f"backend = {_text(device['backend'])}",
        f"kind = {_text(prior.library.kind)}",
        f"winograd_channels = [{low}, {high}]  # input channels with which 3x3 runs as Winograd; {device['winograd']}",
        f"whole_run_factor = {device['whole_run_factor']:.4f}  # {device['whole_run_source']}",
    ]
    rated = False
    for place, key in enumerate(NAMES):
        if place == len(SCALARS):
            lines += ["", f"[devices.{name}.rates]"]
            rated = True
        origin = f"[{prior.values[place]:.4g}]" if place in prior.free else "(not fitted)"
        if rated and key == "depthwise":
            origin = "(believed, not fitted: no such operator was published)"
        lines.append(f"{key} = {values[place]:.5g}  # {UNITS[key]} {origin}")
    lines += ["", f"[devices.{name}.noise]", f"# {device['noise_source']}"]
    lines += [f"{key} = {value}" for key, value in device["noise"].items()]
    return lines


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    temporary = path.with_suffix(".new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
