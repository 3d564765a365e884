"""The two boards: what is fitted for each, from what, and what their files say."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import derived, fitting, priors, published, writing
from .fitting import Case, Prior

DEVICES = {"CPU": ("cpu", "B"), "GPU": ("gpu", "G")}
BOARDS = ("khadas-vim3", "rock-pi-n10")
COMMAND = "cd tools && python -m fit_boards DATA"
SOURCE = (
    "CO-UP-Profiling at 22005a9 (published by the first author of doi 10.1109/DSD57027.2022.00051): "
    "AlexNet, GoogLeNet and ResNet-50, float32, NHWC, batch 1"
)


class Fitted(NamedTuple):
    """One device of a board, fitted: what it was fitted to, the prior, and the values, [coefficients]."""

    case: Case
    prior: Prior
    values: NDArray[np.float64]


class Data:
    """The published measurements, read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.networks = {name: published.network(folder, name) for name in published.NETWORKS}
        self.operators = {name: published.operator_times(folder, name) for name in published.NETWORKS}
        self.boards = {
            "khadas-vim3": (self.networks, published.vim3_layers(folder)),
            "rock-pi-n10": (
                dict(self.networks, ResV1_50=published.classic(self.networks["ResV1_50"])),
                published.rk3399_layers(folder),
            ),
        }


def fit(data: Data, train: list[str]) -> dict[str, dict[str, Fitted]]:
    """Board -> device -> fit to the `train` networks. The RK3399Pro is held to the Khadas VIM3's fit."""
    fitted: dict[str, dict[str, Fitted]] = {}
    beliefs = {device: priors.vim3(kind) for device, (kind, _) in DEVICES.items()}
    for board in BOARDS:
        networks, measured = data.boards[board]
        cases = {
            device: Case(
                networks,
                {name: measured[name][device] for name in networks},
                prior.library,
                data.operators if (board, device) == ("khadas-vim3", "CPU") else None,
            )
            for device, prior in beliefs.items()
        }
        values = fitting.fit(cases, beliefs, train)
        fitted[board] = {device: Fitted(cases[device], beliefs[device], values[device]) for device in DEVICES}
        beliefs = {device: priors.rk3399(beliefs[device], values[device]) for device in DEVICES}
    return fitted


def text(data: Data, board: str, fitted: dict[str, Fitted]) -> str:
    """The board's file from its fitted devices."""
    vim3 = board == "khadas-vim3"
    noise = {device: derived.noise(data.folder, letter) for device, (_, letter) in DEVICES.items()}
    factors = derived.whole_run_factors(data.folder)
    devices: dict[str, dict[str, Any]] = {}
    for device, found in fitted.items():
        factor = float(np.exp(np.mean(np.log(list(factors[device].values())))))
        devices[device] = {
            "processor": PROCESSORS[board][device],
            "backend": "simulated CpuAcc" if device == "CPU" else "simulated GpuAcc",
            "prior": found.prior,
            "values": found.values,
            "winograd": "inferred from the times" if not vim3 and device == "CPU" else "as the library chooses",
            "whole_run_factor": factor if vim3 else derived.rk3399_whole_run_factor(data.folder),
            "whole_run_source": (
                "measured whole-network runs over the sum of their layers, mean of three networks"
                if vim3
                else "switched runs over their authors' prediction: no single-device run was published"
            ),
            "noise": noise[device],
            "noise_source": "relative standard deviations between published repeats (jitter) and sessions (drift)"
            + ("" if vim3 else " of the Khadas VIM3, as this board's were published once")
            + "; drift_seconds is assumed",
            "source": f"Fitted by `{COMMAND}` to {SOURCE}.",
        }
    return writing.board_file(
        HEADS[board],
        {**DETAILS[board], "fitted to": SOURCE, "fitted by": COMMAND, "method": "docs/simulated-boards.md"},
        CONDITIONS[board],
        devices,
        derived.vim3_transfers(data.folder) if vim3 else derived.rk3399_transfers(data.folder),
        "from the input and output tasks' times and the memcpy bandwidth" if vim3 else "published transfers by size",
        max(one["jitter"] for one in noise.values()),
    )


PROCESSORS = {
    "khadas-vim3": {"CPU": "4 x Cortex-A73 at 2.208 GHz", "GPU": "Mali-G52 MP4 at 0.8 GHz"},
    "rock-pi-n10": {"CPU": "2 x Cortex-A72 at 1.8 GHz", "GPU": "Mali-T860 MP4 at 0.8 GHz"},
}
HEADS = {
    "khadas-vim3": {
        "schema": "layerswitch/simulated-board/1",
        "name": "sim:khadas-vim3",
        "title": "Khadas VIM3 (simulated)",
        "origin": "simulated",
        "engine": "simulated",
    },
    "rock-pi-n10": {
        "schema": "layerswitch/simulated-board/1",
        "name": "sim:rock-pi-n10",
        "title": "Rock Pi N10 (simulated)",
        "origin": "simulated",
        "engine": "simulated",
    },
}
DETAILS = {
    "khadas-vim3": {"system on chip": "Amlogic A311D", "precision": "float32"},
    "rock-pi-n10": {"system on chip": "Rockchip RK3399Pro", "precision": "float32"},
}
CONDITIONS = {
    "khadas-vim3": {"CPU clock": "2.208 GHz", "GPU clock": "0.8 GHz", "governor": "performance (simulated)"},
    "rock-pi-n10": {"CPU clock": "1.8 GHz", "GPU clock": "0.8 GHz", "governor": "performance (simulated)"},
}
