"""The two boards: what is fitted for each, from what, and what their files say."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerswitch.agent.engines.simulation.work import Library

from . import derived, priors, published, writing
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
        self.rk3399_networks = dict(self.networks, ResV1_50=published.classic(self.networks["ResV1_50"]))
        self.operators = {name: published.operator_times(folder, name) for name in published.NETWORKS}
        self.vim3 = published.vim3_layers(folder)
        self.rk3399 = published.rk3399_layers(folder)


def fit(data: Data, device: str, train: list[str]) -> dict[str, Fitted]:
    """Fit a device of both boards to the `train` networks; the RK3399Pro's is held to the Khadas VIM3's fit."""
    kind = DEVICES[device][0]
    prior = priors.vim3(kind)
    measured = {name: data.vim3[name][device] for name in data.networks}
    case = Case(data.networks, measured, prior.library, data.operators if device == "CPU" else None)
    values = case.fit(prior, train)
    library = Library(kind, priors.WINOGRAD["rock-pi-n10"] if kind == "cpu" else prior.library.winograd_channels)
    slower = priors.RK3399_CPU if kind == "cpu" else priors.RK3399_GPU
    other_prior = prior.shifted(values, slower, priors.RK3399_SHRINK)._replace(library=library)
    other = Case(data.rk3399_networks, {name: data.rk3399[name][device] for name in data.networks}, library)
    return {
        "khadas-vim3": Fitted(case, prior, values),
        "rock-pi-n10": Fitted(other, other_prior, other.fit(other_prior, train)),
    }


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
