"""Reads the published measurements: networks as LayerGraph JSON, and times per layer and device.

The data is not part of the project (see docs/simulated-boards.md for where it comes from); every function takes the
folder it lies in.
"""

import copy
import csv
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

NETWORKS = ("Alex", "Google", "ResV1_50")
RK3399_NAMES = {"alex": "Alex", "google": "Google", "res50": "ResV1_50"}
TITLES = {"Alex": "AlexNet", "Google": "GoogLeNet", "ResV1_50": "ResNet-50"}


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def operator_rows(folder: Path, network: str, component: str = "B") -> list[dict[str, str]]:
    """The per-operator rows of a network, in execution order."""
    found = rows(folder / "khadas_vim3_cpu_ops.csv")
    return [row for row in found if row["graph"] == network and row["component"] == component]


def network(folder: Path, name: str) -> dict[str, Any]:
    """A published network in the JSON form of a LayerGraph at block level, one layer per published layer.

    Convolutions' kernels are known from their names; strides follow from the shapes.
    """
    tensors: dict[str, Any] = {}
    layers: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for index, row in enumerate(operator_rows(folder, name)):
        source, target = _shape(row["input_shape(CxHxW)"]), _shape(row["output_shape"])
        inputs = []
        for place in range(_inputs(row)):
            tensors[f"in{index}.{place}"] = {"name": f"in{index}.{place}", "shape": source, "dtype": "float32"}
            inputs.append(f"in{index}.{place}")
        kind, attributes = _kind(row["op"], source, target)
        if kind == "Concat":  # the published shape is that of the first input only
            tensors[inputs[0]]["shape"] = [1, target[1], *source[2:]]
            inputs = inputs[:1]
        tensors[f"out{index}"] = {"name": f"out{index}", "shape": target, "dtype": "float32"}
        layers[int(row["layer"])].append(
            {"name": f"{index}:{row['op']}", "type": kind, "inputs": inputs, "outputs": [f"out{index}"],
             "attributes": attributes}
        )  # fmt: skip
    return {
        "name": name,
        "layout": "NCHW",
        "level": "block",
        "tensors": tensors,
        "layers": [{"name": f"{name}/{key}", "operators": found} for key, found in sorted(layers.items())],
    }


def classic(resnet: dict[str, Any]) -> dict[str, Any]:
    """ResNet-50 with the stride in a stage's first unit (its 1x1 convolutions), as it was measured on the RK3399Pro.

    The Khadas VIM3's ResNet-50 has the stride in a stage's last unit (TensorFlow slim's variant). That the other
    board's had not is inferred from its times: layers 3, 7 and 13 take as long there as their neighbours.
    """
    graph = copy.deepcopy(resnet)
    for place in (3, 7, 13):
        twin = copy.deepcopy(graph["layers"][place - 1]["operators"])
        graph["layers"][place]["operators"] = [dict(one, name=f"{one['name']}@{place}") for one in twin]
    for place in (4, 8, 14):
        for one in graph["layers"][place]["operators"]:
            name = one["name"].partition(":")[2]
            entering = one["type"] == "Relu" and name.count("/") == 3 and name.endswith("bottleneck_v1/Relu")
            strided = one["type"] == "Convolution" and ("/conv1/" in name or "/shortcut/" in name)
            if strided:
                one["attributes"] = dict(one["attributes"], strides=[2, 2])
            if entering or strided:
                for tensor in one["inputs"] + (one["outputs"] if entering else []):
                    batch, channels, height, width = graph["tensors"][tensor]["shape"]
                    graph["tensors"][tensor]["shape"] = [batch, channels, 2 * height, 2 * width]
    return graph


def operator_times(folder: Path, name: str) -> list[float]:
    """Published ms of each operator on the Khadas VIM3's big cluster, in execution order."""
    return [float(row["time_ms(CPU only)"]) for row in operator_rows(folder, name)]


def vim3_layers(folder: Path) -> dict[str, dict[str, dict[int, list[float]]]]:
    """Khadas VIM3: network -> device -> layer -> ms of every session and repeat."""
    found: dict[str, dict[str, dict[int, list[float]]]] = {}
    for row in rows(folder / "khadas_vim3_layers.csv"):
        device = {"B": "CPU", "G": "GPU"}.get(row["component"])
        if device and row["metric"] == "task":
            layers = found.setdefault(row["graph"], {}).setdefault(device, {})
            layers.setdefault(int(row["layer"]), []).append(float(row["time_ms"]))
    return found


def rk3399_layers(folder: Path) -> dict[str, dict[str, dict[int, list[float]]]]:
    """RK3399Pro at top clocks (CPU 1800 MHz; GPU 800 MHz with the CPU at 1800 MHz), as `vim3_layers`."""
    found: dict[str, dict[str, dict[int, list[float]]]] = {}
    for row in rows(folder / "rk3399_layers_allfreq.csv"):
        top = (row["component"], row["freq_MHz"], row["host_big_MHz"]) in (("B", "1800", ""), ("G", "800", "1800"))
        if top and row["metric"] == "task":
            device = {"B": "CPU", "G": "GPU"}[row["component"]]
            layers = found.setdefault(RK3399_NAMES[row["graph"]], {}).setdefault(device, {})
            layers.setdefault(int(row["layer"]), []).append(float(row["time_ms"]))
    return found


def _shape(text: str) -> list[int]:
    sizes = [int(size) for size in text.split("x")]
    return [1, *sizes]


def _inputs(row: dict[str, str]) -> int:
    name = row["op"].lower()
    return 2 if name.endswith("/add") else 1


def _kind(name: str, source: list[int], target: list[int]) -> tuple[str, dict[str, Any]]:
    """The operator's type and attributes in LayerSwitch's vocabulary."""
    low = name.lower()
    last = low.rsplit("/", 1)[-1]
    stride = max(1, round(source[2] / target[2])) if len(source) == 4 and len(target) == 4 else 1
    if "batchnorm" in last:
        return "BatchNormalization", {}
    if last.startswith("relu"):
        return "Relu", {}
    if last in ("prob", "softmax"):
        return "Softmax", {}
    if last == "reshape":
        return "Reshape", {}
    if last == "add":
        return "Add", {}
    if last == "concat" or low in ("conv2", "conv4", "conv5"):
        return "Concat", {}
    if "norm" in last:
        return "LocalResponseNormalization", {"size": 5}
    if (low == "pool5" and len(target) == 2) or last == "7x7_s1":
        return "AveragePool", {"global": True}
    if last == "maxpool" and "shortcut" in low:
        return "MaxPool", {"kernel": [1, 1], "strides": [2, 2]}
    pooled = last.startswith("pool") or (last in ("maxpool", "3x3_s2") and "pool" in low)
    if pooled and "proj" not in last:
        return "MaxPool", {"kernel": [3, 3], "strides": [stride, stride]}
    if low.startswith(("fc", "logits")) or "classifier" in low:
        return "FullyConnected", {"units": target[-1]}
    size = _kernel(low)
    return "Convolution", {"kernel": [size, size], "strides": [stride, stride], "dilations": [1, 1], "group": 1}


def _kernel(name: str) -> int:
    """The size of a convolution's kernel, from the network's definition in the literature."""
    if name in ("conv1", "conv2_g0", "conv2_g1"):
        return {"conv1": 11}.get(name, 5)
    if re.match(r"conv[345]", name) and "/" not in name:
        return 3
    if name == "conv1/convolution" or "7x7" in name:
        return 7
    for size in (3, 5):
        if name.endswith(f"/{size}x{size}"):
            return size
    return 3 if name.endswith("bottleneck_v1/conv2/convolution") else 1
