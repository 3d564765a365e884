"""What is true of every network, on random ones and on large ones."""

import sys

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layerswitch.network.grouping import group
from layerswitch.network.grouping.dominators import ENTRY, dominators

KINDS = [
    *(
        "Convolution/1",
        "Convolution/3",
        "DepthwiseConvolution/3",
        "FullyConnected",
        "BatchNormalization",
        "Add+",
        "Multiply+",
    ),
    *("Relu", "Sigmoid", "MaxPool", "AveragePool", "Softmax", "Pad", "Reshape", "Quantize", "Dequantize", "Resize"),
    *("Transpose", "Split*2", "Gather"),
]
JOINS = ["Add", "Concat", "Multiply", "Add", "Concat", "MatMul"]


@st.composite
def networks(draw):
    """Lines of a sketch: operators that mostly read what was written last, names that share starts, and outputs."""
    lines, tensors = [], ["x"]
    for number in range(draw(st.integers(1, 30))):
        reach = draw(st.sampled_from([1, 1, 3, 6]))
        if len(tensors) > 1 and draw(st.integers(0, 3)) == 0:
            read = draw(st.lists(st.sampled_from(tensors[-6:]), min_size=2, max_size=3))
            kind = draw(st.sampled_from(JOINS))
        else:
            read, kind = [draw(st.sampled_from(tensors[-reach:]))], draw(st.sampled_from(KINDS))
        name = draw(st.sampled_from(["a/", "b/", "b/c/", "a_", "/a/", ""])) + str(number)
        lines.append(f"{name} {kind} {' '.join(read)}")
        tensors += [f"{name}:0", f"{name}:1"] if kind.endswith("*2") else [name]
    left = draw(st.lists(st.sampled_from(tensors[1:]), min_size=1, max_size=3, unique=True))
    return lines, " ".join(left)


@pytest.mark.slow(4)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(networks())
def test_every_grouping_is_whole_convex_and_the_same_by_every_way(sketch, check, network):
    lines, outputs = network
    check(sketch(*lines, outputs=outputs))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), max_size=3), min_size=1, max_size=40))
def test_dominators_are_networkxs(links):
    before = [sorted({link % item for link in given} if item else set()) or [ENTRY] for item, given in enumerate(links)]
    graph = nx.DiGraph((earlier, item) for item, all_before in enumerate(before) for earlier in all_before)
    expected = nx.immediate_dominators(graph, ENTRY)
    assert dominators(before, range(len(before))) == [expected[item] for item in range(len(before))]


def steps(lines, outputs, sketch):
    """Calls and returns while grouping: a measure of work that does not depend on the machine."""
    graph, count = sketch(*lines, outputs=outputs), 0

    def trace(frame, event, argument):
        nonlocal count
        count += 1

    sys.setprofile(trace)
    try:
        group(graph, "block")
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.slow(4)
def test_work_grows_with_the_size_of_the_network_not_with_its_square(sketch):
    def residuals(units):
        lines, x = ["stem Convolution/3 x"], "stem"
        for unit in range(units):
            lines += [
                f"u{unit}/c Convolution/3 {x}",
                f"u{unit}/n BatchNormalization u{unit}/c",
                f"u{unit}/a Add {x} u{unit}/n",
            ]
            x = f"u{unit}/a"
        return lines, x

    def skips(size):
        """One skip inside another, as in a decoder, without anything that says so."""
        down = [f"d{n} Convolution/3 {f'd{n - 1}' if n else 'x'}" for n in range(size)]
        up = [f"u{n} Add d{size - 1 - n} {f'u{n - 1}' if n else f'd{size - 1}'}" for n in range(size)]
        return down + up, f"u{size - 1}"

    for make in (residuals, skips):
        small, large = steps(*make(200), sketch), steps(*make(1600), sketch)
        assert large < 8 * small * 1.5
