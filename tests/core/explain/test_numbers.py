"""Every number in a reason is one that anyone can recompute from the profile's file, here by other means."""

import re
import statistics
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerswitch.explain import explain
from layerswitch.explain.clauses import percent, significant
from layerswitch.explain.kernel_purposes import part_of
from layerswitch.measurement.statistics import summarize

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


@pytest.mark.slow(2)
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


CAUSES = ("overhead", "arithmetic", "direct", "method", "unusual", "roofs", "unknown")
RULES = {"kind", "intensity", "constants", "bound", "noise", "too few samples", "preference", *CAUSES}


def check_bound(book, layer, clause):
    """Each device's word, against its peaks and what the layer reaches."""
    for device in ("CPU", "GPU"):
        peaks, reached = book.profile["peaks"][device], book.roof(layer, device)
        here = book.flop(layer) / book.bytes(layer)
        word = "memory-bound" if here < peaks["gflops"] / peaks["gb_per_s"] else "compute-bound"
        if reached < 0.3:
            assert f"roof {device}" in {fact.name for fact in clause.facts}
        else:
            assert f"{word} on both" in clause.text or f"{word} on the {device}" in clause.text


def check_cause(book, layer, clause, fast, slow):
    """The condition under which a cause may be given, worked out from the profile's file."""
    difference = book.ms(layer, slow) - book.ms(layer, fast)
    moving = ["data movement", "Winograd transforms"]

    def excess(part):
        both = (book.share(layer, device, [part]) * book.ms(layer, device) for device in (slow, fast))
        return next(both) - next(both)

    match clause.rule:
        case "overhead":
            parts = clause.facts[0].name.removeprefix(f"share {slow} ").split("+")
            assert "arithmetic" not in parts
            assert all(excess(part) >= 0.2 * difference * (1 - 1e-9) for part in parts)
            assert sum(map(excess, parts)) >= 0.5 * difference * (1 - 1e-9)
        case "arithmetic":
            assert excess("arithmetic") >= 0.5 * difference * (1 - 1e-9)
        case "direct":
            assert clause.text == f"the {fast} kernel is direct"
            assert book.share(layer, fast, moving) == 0
            assert book.share(layer, slow, moving) >= 0.1 * (1 - 1e-9)
            assert book.flop(layer)
        case "method":
            ran = {device: book.profile["kernels"][device][layer] for device in (fast, slow)}
            ways = {device: any("winograd" in one["name"] for one in ran[device]) for device in ran}
            user, other = sorted(ways, key=lambda device: not ways[device])
            assert (ways[user], ways[other]) == (True, False)
            assert clause.text == f"the {user} runs it as Winograd, the {other} does not"
        case "unusual":
            mine, its = (book.value(layer, f"of typical {device}") for device in (slow, fast))
            assert mine < 0.7
            assert mine < 0.7 * its
        case "roofs":
            which = "gb_per_s" if "GB/s" in clause.text else "gflops"
            more, less = (book.profile["peaks"][device][which] for device in (fast, slow))
            assert np.log(more / less) >= 0.5 * np.log(book.ms(layer, slow) / book.ms(layer, fast)) * (1 - 1e-9)
            assert min(book.roof(layer, device) for device in (fast, slow)) >= 0.3
        case "unknown":
            assert clause.text.endswith("tell why") or clause.text.startswith("why cannot be known")


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_claim_of_every_reason(seed, graph_of, profile_of, convolution):
    """Not the numbers alone but what is made of them: no clause stands where its condition does not hold."""
    profile = profile_from(seed, graph_of, profile_of, convolution)
    book = Book(profile)
    for one in explain(profile).layers:
        said = {clause.rule: clause for clause in one.clauses}
        fast, slow = sorted(("CPU", "GPU"), key=lambda device: book.ms(one.name, device))
        if "bound" in said:
            check_bound(book, one.name, said["bound"])
        if "constants" in said:
            assert book.value(one.name, "constants") >= 0.9
        causes = [clause for clause in one.clauses if clause.rule in CAUSES]
        apart = book.value(one.name, f"high {fast}") * 1.035 < book.value(one.name, f"low {slow}")
        enough = min(book.value(one.name, f"samples {device}") for device in (fast, slow)) >= 6
        assert ("preference" in said) == bool(causes) == (apart and enough)
        assert ("too few samples" in said) == (not enough)
        if causes:
            assert one.verdict == fast
            assert 1 <= len(causes) <= 2
            assert said["preference"].text.startswith(f"The {fast} takes")
            assert ("unknown" in said) == ([clause.rule for clause in causes] == ["unknown"])
            for clause in causes:
                check_cause(book, one.name, clause, fast, slow)


def test_drawn_profiles_bring_every_rule_to_speak(graph_of, profile_of, convolution):
    """Else the two properties above would hold of what is never said."""
    said = set()
    for seed in range(150):
        explanation = explain(profile_from(seed, graph_of, profile_of, convolution))
        said |= {clause.rule for one in explanation.layers for clause in one.clauses}
    assert said == RULES


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_number_of_every_finding(seed, graph_of, profile_of, convolution):
    """Across the network: no number but the clause's facts, and these are the attributes' own."""
    found = explain(profile_from(seed, graph_of, profile_of, convolution))
    by_name = {one.name: one for one in found.attributes}
    for clause in found.findings:
        assert Counter(NUMBER.findall(clause.text)) == Counter(
            number for fact in clause.facts for number in NUMBER.findall(fact.text)
        ), clause
        if clause.rule.startswith("trend "):
            one = by_name[clause.rule.removeprefix("trend ")]
            facts = {fact.name: fact.value for fact in clause.facts}
            assert facts == {"rho": one.rho, "tau": one.tau, "layers": len(one.spots)}
            assert clause.text.startswith("No trend") or max(one.rho_p, one.tau_p) <= 0.005


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
