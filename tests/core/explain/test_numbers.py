"""Every number in a reason is one that anyone can recompute from the profile's file, here by other means."""

import re
import statistics
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layerswitch.explain import explain
from layerswitch.explain.clauses import percent, significant
from layerswitch.explain.kernels import part_of
from layerswitch.statistics import summarize

NUMBER = re.compile(r"\d+(?:\.\d+)?")
KERNELS = ["im2col", "gemm_mm", "fill_border", "winograd input transform", "winograd gemm", "depthwise", "permute"]


def profile_from(seed, graph_of, profile_of, convolution):
    """A network of a few layers with any times, kernels, peaks and whole runs."""
    rng = np.random.default_rng(seed)

    def ms():
        return float(10 ** rng.uniform(-3, 3))

    shape = (1, *(int(size) for size in rng.integers(1, 60, 3)))
    layers = [shape]
    for kind in rng.choice(["conv", "depthwise", "pool"], rng.integers(1, 7)):
        if kind == "conv":
            made = convolution(shape, int(rng.integers(1, 64)), int(rng.choice([1, 3, 5])), int(rng.integers(1, 3)))
        elif kind == "depthwise":
            made = ("DepthwiseConvolution", {"kernel": [3, 3]}, shape, {"weights": (shape[1], 1, 3, 3)})
        else:
            made = ("MaxPool", {"kernel": [2, 2]}, shape, {})
        layers.append(made)
        shape = made[2]
    if rng.random() < 0.5:
        layers.append(("FullyConnected", {"units": 9}, (1, 9), {"weights": (9, shape[1] * shape[2] * shape[3])}))
    graph = graph_of(layers)
    count, near = int(rng.integers(1, 13)), rng.random() < 0.5
    samples, kernels, peaks, baselines = {}, {}, {}, {}
    middles = {name: ms() for name in graph.index}
    for device in ("CPU", "GPU"):
        samples[device], kernels[device] = {}, {}
        for name in graph.index:
            middle = middles[name] * rng.uniform(1, 1.5) if near else ms()
            spread = rng.choice([0.0, 0.01, 0.5])
            samples[device][name] = (middle * (1 + spread * rng.uniform(-1, 1, count))).tolist()
            if rng.random() < 0.8:
                parts = rng.dirichlet(np.ones(3)) * middle * rng.choice([0.7, 0.95, 1.0, 1.05])
                ran = rng.choice(KERNELS, rng.integers(0, 4), replace=False)
                kernels[device][name] = [
                    (str(kernel), float(part), int(rng.integers(1, 4)))
                    for kernel, part in zip(ran, parts, strict=False)
                ]
        if rng.random() < 0.7:
            launch = None if rng.random() < 0.5 else float(rng.uniform(0, 0.1))
            peaks[device] = (ms(), ms(), launch)
        if rng.random() < 0.5:
            baselines[device] = [ms() for _ in range(rng.integers(1, 9))]
    return profile_of(graph, samples, kernels=kernels, peaks=peaks, baselines=baselines)


class Book:
    """Recomputes facts by their names, from the profile's JSON form."""

    def __init__(self, profile):
        self.profile = profile.to_dict()
        self.layers = {layer["name"]: layer for layer in self.profile["graph"]["layers"]}

    def size(self, names):
        tensors = {**self.profile["graph"]["tensors"], **self.profile["graph"].get("constants", {})}
        return sum(4 * int(np.prod(tensors[name]["shape"])) for name in names)

    def bytes(self, layer):
        one = self.layers[layer]
        return self.size([*one["inputs"], *one["outputs"], *one["operators"][0].get("constants", {}).values()])

    def flop(self, layer):
        return 2 * self.layers[layer]["operators"][0].get("macs", 0)

    def scale(self, device):
        total = sum(statistics.median(taken) for taken in self.profile["samples"][device].values())
        whole = self.profile.get("baselines", {}).get(device)
        return [getattr(summarize(whole), side) / total for side in ("low", "median", "high")] if whole else [1, 1, 1]

    def ms(self, layer, device):
        return statistics.median(self.profile["samples"][device][layer]) * self.scale(device)[1]

    def share(self, layer, device, parts):
        ran = self.profile["kernels"][device][layer]
        launch = self.profile.get("peaks", {}).get(device, {}).get("launch_ms") or 0
        median, total = statistics.median(self.profile["samples"][device][layer]), sum(one["ms"] for one in ran)
        whole = median if total < 0.9 * median else total
        found = {"outside kernels": whole - total}
        found["launches"] = sum(min(one["ms"], one.get("launches", 1) * launch) for one in ran)
        for one in ran:
            rest = one["ms"] - min(one["ms"], one.get("launches", 1) * launch)
            found[part_of(one["name"])] = found.get(part_of(one["name"]), 0) + rest
        return sum(found.get(part, 0) for part in parts) / whole

    def roof(self, layer, device):
        peaks = self.profile["peaks"][device]
        achieved = self.bytes(layer) / self.ms(layer, device) / 1e6 / peaks["gb_per_s"]
        if not self.flop(layer):
            return achieved
        return max(achieved, self.flop(layer) / self.ms(layer, device) / 1e6 / peaks["gflops"])

    def rate(self, layer, device):
        return self.flop(layer) / self.ms(layer, device) / 1e6

    def value(self, layer, name):
        kind, _, rest = name.rpartition(" ")
        operator = self.layers[layer]["operators"][0]
        weights = operator.get("constants", {}).get("weights")
        weights = self.profile["graph"]["constants"][weights]["shape"] if weights else ()
        after = self.profile["graph"]["tensors"][layer]["shape"]
        match kind, rest:
            case "kernel", _:
                return operator["attributes"]["kernel"][rest == "width"]
            case "", "m":
                return int(np.prod(after[2:])) if len(after) > 2 else 1
            case "", "n":
                return weights[0]
            case "", "k":
                return int(np.prod(weights[1:]))
            case "", "megabytes":
                return self.bytes(layer) / 1e6
            case "", "intensity":
                return self.flop(layer) / self.bytes(layer)
            case "", "constants":
                return self.size(operator["constants"].values()) / self.bytes(layer)
            case "", "ratio":
                one, two = sorted(self.ms(layer, device) for device in ("CPU", "GPU"))
                return two / one
            case "", "needed":
                return 6
            case "", "drift":
                return 0.035
            case "ms", device:
                return self.ms(layer, device)
            case "low" | "high", device:
                place = 0 if kind == "low" else 2
                return getattr(summarize(self.profile["samples"][device][layer]), kind) * self.scale(device)[place]
            case "samples", device:
                return len(self.profile["samples"][device][layer])
            case "roof", device:
                return self.roof(layer, device)
            case "arithmetic ms", device:
                return self.share(layer, device, ["arithmetic"]) * self.ms(layer, device)
            case "peak GB/s", device:
                return self.profile["peaks"][device]["gb_per_s"]
            case "peak GFLOP/s", device:
                return self.profile["peaks"][device]["gflops"]
            case "GFLOP/s", device:
                return self.rate(layer, device)
            case "of typical", device:
                alike = [name for name, one in self.layers.items() if one["type"] == self.layers[layer]["type"]]
                return self.rate(layer, device) / statistics.median(self.rate(name, device) for name in alike)
        if name.startswith("share "):
            _, device, parts = name.split(" ", 2)
            return self.share(layer, device, parts.split("+"))
        raise AssertionError(f"nobody knows how to recompute {name!r}")


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_number_of_every_reason(seed, graph_of, profile_of, convolution):
    profile = profile_from(seed, graph_of, profile_of, convolution)
    book = Book(profile)
    for one in explain(profile).layers:
        for clause in one.clauses:
            said = NUMBER.findall(clause.text.replace("(im2col)", ""))
            known = [number for fact in clause.facts for number in NUMBER.findall(fact.text)]
            assert Counter(said) == Counter(known), clause
            for fact in clause.facts:
                expected = book.value(one.name, fact.name)
                assert fact.value == float(fact.value)
                assert np.isclose(fact.value, expected, rtol=1e-9, atol=1e-12), (fact, expected)
                assert fact.text in (significant(fact.value), percent(fact.value), f"{fact.value:.0f}")
            assert clause.text in one.reason
        assert one.reason.count(". ") <= 1  # one or two sentences
        if one.verdict in ("noise", "too few samples"):
            assert not {clause.rule for clause in one.clauses} - {
                "kind",
                "intensity",
                "constants",
                "bound",
                one.verdict,
            }


@given(st.floats(1e-6, 1e9))
def test_numbers_keep_three_digits(value):
    text = significant(value)
    assert "e" not in text
    assert np.isclose(float(text), value, rtol=5.1e-3)


@given(st.floats(0, 1))
def test_what_is_not_all_is_never_a_hundred_per_cent(value):
    text = percent(value)
    assert (text == "100 %") == (value == 1)
    assert abs(float(text.removesuffix(" %")) / 100 - value) <= 0.0051
