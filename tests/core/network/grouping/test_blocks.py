from collections import Counter
from pathlib import Path

import onnx
import pytest

from layerswitch.network.formats import open_model


def residual(name, x, *, shortcut=False):
    lines = [f"{name}/c1 Convolution/3 {x}", f"{name}/r1 Relu {name}/c1", f"{name}/c2 Convolution/3 {name}/r1"]
    if shortcut:
        lines.append(f"{name}/short Convolution/1 {x}")
    return [*lines, f"{name}/add Add {name}/c2 {f'{name}/short' if shortcut else x}", f"{name}/relu Relu {name}/add"]


def test_residual_blocks_follow_one_another(sketch, block_list):
    graph = sketch(
        *("stem Convolution/3 x", "pool MaxPool stem", *residual("a", "pool", shortcut=True), *residual("b", "a/relu")),
        *("mean ReduceMean b/relu", "logits Convolution/1 mean", "flat Reshape logits", "prob Softmax flat"),
    )
    assert block_list(graph) == {
        ("stem", "Convolution"): "stem pool",
        ("a", "Residual"): "a/c1 a/c2 a/short a/add",
        ("b", "Residual"): "b/c1 b/c2 b/add mean",
        ("logits", "Convolution"): "logits prob",
    }


def test_an_inner_join_is_part_of_its_module(sketch, block_list):
    graph = sketch(
        *("s Convolution/3 x", "p MaxPool s", "m/a Convolution/1 p", "m/b Convolution/1 p", "m/b1 Convolution/3 m/b"),
        *("m/b2 Convolution/3 m/b", "m/bj Concat m/b1 m/b2", "m/j Concat m/a m/bj", "n Convolution/3 m/j"),
    )
    assert block_list(graph) == {
        ("s", "Convolution"): "s p",
        ("m", "Inception"): "m/a m/b m/b1 m/b2 m/bj m/j",
        ("n", "Convolution"): "n",
    }


def test_a_fire_module_has_its_squeeze(sketch, block_list):
    expand = ("f_e1 Convolution/1 f_s", "f_e3 Convolution/3 f_s", "f_j Concat f_e1 f_e3", "z Convolution/3 f_j")
    assert block_list(sketch("c Convolution/3 x", "f_s Convolution/1 c", *expand)) == {
        ("c", "Convolution"): "c",
        ("f", "Fire"): "f_s f_e1 f_e3 f_j",
        ("z", "Convolution"): "z",
    }
    leaving = block_list(sketch("c Convolution/3 x", "f_s Convolution/1 c", *expand, outputs="f_s z"))
    assert ("f", "Fire") not in leaving


@pytest.mark.parametrize("every", [True, False], ids=["each reads all before", "each reads the last and its own"])
def test_a_dense_block_is_one_block(sketch, block_list, every):
    lines, parts, x = ["stem Convolution/3 x"], ["stem"], "stem"
    for unit in range(9):
        lines += [f"d/n{unit} BatchNormalization {x}", f"d/c{unit} Convolution/3 d/n{unit}"]
        parts = [*parts, f"d/c{unit}"] if every else [x, f"d/c{unit}"]
        x = f"d/j{unit}"
        lines.append(f"{x} Concat {' '.join(parts)}")
    blocks = block_list(sketch(*lines, f"end Convolution/1 {x}"))
    assert list(blocks) == [("stem", "Convolution"), ("d", "Dense"), ("end", "Convolution")]
    assert len(blocks["d", "Dense"].split()) == 27


def test_a_decoder_is_no_module(sketch, block_list):
    graph = sketch(
        *("e1 Convolution/3 x", "p1 MaxPool e1", "e2 Convolution/3 p1", "p2 MaxPool e2", "m Convolution/3 p2"),
        *(
            "u2 Resize m",
            "j2 Concat e2 u2",
            "d2 Convolution/3 j2",
            "u1 Resize d2",
            "j1 Concat e1 u1",
            "d1 Convolution/3 j1",
        ),
    )
    assert [kind for _, kind in block_list(graph)] == ["Convolution"] * 3 + [
        "Concat",
        "Convolution",
        "Concat",
        "Convolution",
    ]


def test_a_long_way_round_is_no_module_but_what_is_in_it_may_be(sketch, block_list):
    lines, x = ["stem Convolution/3 x"], "stem"
    for name in "abcd":
        lines += residual(name, x)
        x = f"{name}/relu"
    blocks = block_list(sketch(*lines, f"sum Add stem {x}", "up Resize sum"))
    assert [kind for _, kind in blocks] == ["Convolution", *["Residual"] * 4, "Add"]


def test_separable_convolutions(sketch, block_list):
    graph = sketch(
        *("c Convolution/3 x", "d1 DepthwiseConvolution/3 c", "p1 Convolution/1 d1", "d2 DepthwiseConvolution/3 p1"),
        *("p2 Convolution/1 d2", "e3 Convolution/1 p2", "d3 DepthwiseConvolution/3 e3", "p3 Convolution/1 d3"),
    )
    assert block_list(graph) == {
        ("c", "Convolution"): "c",
        ("d1", "Separable"): "d1 p1",
        ("d2", "Separable"): "d2 p2",
        ("d3", "Separable"): "e3 d3 p3",
    }


def test_squeeze_and_excite_goes_along(sketch, block_list):
    gate = (
        "g/m ReduceMean d",
        "g/a FullyConnected g/m",
        "g/b FullyConnected g/a",
        "g/s Sigmoid g/b",
        "g/x Multiply d g/s",
    )
    blocks = block_list(sketch("c Convolution/3 x", "d DepthwiseConvolution/3 c", *gate, "p Convolution/1 g/x"))
    assert list(blocks.values()) == ["c", "d g/m g/a g/b g/x p"]


def test_a_split_goes_with_its_branches(sketch, block_list):
    graph = sketch(
        "c Convolution/3 x", "u/s Split*2 c", "u/a Convolution/3 u/s:1", "u/j Concat u/s:0 u/a", "z Convolution/3 u/j"
    )
    assert list(block_list(graph).values()) == ["c", "u/s u/a u/j", "z"]


def test_the_classifier_goes_with_the_average_it_reads_but_not_with_a_map(sketch, block_list):
    lines = ("c Convolution/3 x", "p AveragePool c", "f Reshape p", "d FullyConnected f", "s Softmax d")
    assert list(block_list(sketch(*lines, shapes={"p": (1, 8, 1, 1)})).values()) == ["c p d s"]
    assert list(block_list(sketch(*lines, shapes={"p": (1, 8, 2, 2)})).values()) == ["c p", "d s"]


def test_what_stands_before_the_first_block_goes_with_it(sketch, block_list):
    graph = sketch("t Transpose x", "s Slice t", "c Convolution/3 s", "p MaxPool c")
    assert block_list(graph) == {("c", "Convolution"): "t s c p"}


def test_an_unknown_operator_is_a_block(sketch, block_list):
    graph = sketch("c Convolution/3 x", "u Mystery c", "p MaxPool u")
    assert list(block_list(graph).values()) == ["c u p"]
    layers = list(graph.layers)
    operator = layers[1].operators[0]
    known = type(operator)(operator.name, operator.type, operator.inputs, operator.outputs, {"unknown": True})
    layers[1] = type(layers[1])("u", "Mystery", ("c",), ("u",), (known,))
    marked = type(graph)("sketch", tuple(layers), graph.tensors, graph.inputs, graph.outputs)
    assert list(block_list(marked).values()) == ["c", "u p"]


def test_names_are_never_given_twice(sketch, block_list):
    graph = sketch(
        *("n/a Convolution/1 x", "n/b Convolution/3 n/a", "n/c Convolution/1 n/b", "n/d Convolution/3 n/c"),
        *("m_a Convolution/1 n/d", "m_b Convolution/3 m_a", "k Convolution/3 m_b"),
    )
    assert list(block_list(graph)) == [(name, "Convolution") for name in ("n/a", "n/c", "m", "k")]


PAPER = {"alexnet": 8, "googlenet": 11, "resnet-50": 18}
OTHERS = {"mobilenet-v1": 15, "squeezenet": 10, "mobilenet-v2": 20, "inception-v3": 15, "vgg-16": 16, "yolov3-tiny": 14}


@pytest.mark.parametrize(("name", "count"), (PAPER | OTHERS).items())
def test_bundled_networks_have_as_many_blocks_as_the_literature_draws(name, count, block_list):
    assert len(block_list(open_model(name, level="operator").graph)) == count


def test_googlenets_blocks_are_those_that_were_measured(block_list):
    blocks = block_list(open_model("googlenet", level="operator").graph)
    assert blocks["conv1/7x7_s2", "Convolution"] == "conv1/7x7_s2 pool1/3x3_s2 pool1/norm1"
    assert blocks["conv2", "Convolution"] == "conv2/3x3_reduce conv2/3x3 conv2/norm2 pool2/3x3_s2"
    assert blocks["inception_3b", "Inception"].endswith("inception_3b/concat pool3/3x3_s2")
    assert blocks["inception_5b", "Inception"].endswith("inception_5b/concat pool5/7x7_s1 loss3/classifier prob")


def test_resnets_blocks_are_those_that_were_measured(block_list):
    blocks = list(block_list(open_model("resnet-50", level="operator").graph).items())
    assert [kind for (_, kind), _ in blocks] == ["Convolution", *["Residual"] * 16, "Convolution"]
    assert blocks[0] == (("conv1", "Convolution"), "conv1 pool1")
    assert blocks[3][1] == " ".join(f"block1/unit3/{part}" for part in ("conv1", "conv2", "conv3", "shortcut", "add"))
    assert blocks[16][1].endswith("block4/unit3/add pool5")
    assert blocks[17] == (("logits", "Convolution"), "logits predictions/softmax")


LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("bvlc_alexnet", {"Convolution": 5, "FullyConnected": 3}),
        ("inception_v1", {"Convolution": 2, "Inception": 9}),
        ("resnet50", {"Convolution": 1, "Residual": 16}),
        ("squeezenet", {"Convolution": 2, "Fire": 8}),
        ("densenet121", {"Convolution": 5, "Dense": 4}),
    ],
)
def test_networks_of_other_exporters_fall_into_the_same_blocks(name, kinds, block_list):
    blocks = block_list(open_model(LIGHT / f"light_{name}.onnx", level="operator").graph)
    assert Counter(kind for _, kind in blocks) == kinds
