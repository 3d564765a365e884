import pytest

from layerswitch.errors import ModelError
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.network.grouping import group


def test_batch_norm_bias_and_activation_go_with_their_convolution(sketch, layer_list):
    graph = sketch(
        "c Convolution/3 x", "n BatchNormalization c", "b Add+ n", "s Multiply+ b", "r Relu s", "p MaxPool r"
    )
    assert layer_list(graph) == {"c": "c n b s r", "p": "p"}


def test_only_what_follows_directly_is_folded(sketch, layer_list):
    assert layer_list(sketch("c Convolution/3 x", "r Relu c", "n BatchNormalization r")) == {"c": "c r", "n": "n"}
    assert layer_list(sketch("c Convolution/3 x", "r Relu c", "t Tanh r")) == {"c": "c r", "t": "t"}
    assert layer_list(sketch("p MaxPool x", "r Relu p")) == {"p": "p", "r": "r"}


def test_a_tensor_read_twice_or_leaving_stops_the_folding(sketch, layer_list):
    twice = sketch("c Convolution/3 x", "r Relu c", "a Add c r")
    assert layer_list(twice) == {"c": "c", "r": "r", "a": "a"}
    leaving = sketch("c Convolution/3 x", "n BatchNormalization c", "r Relu n", outputs="n r")
    assert layer_list(leaving) == {"c": "c n", "r": "r"}


def test_activations_go_with_sums_and_batch_norms_too(sketch, layer_list):
    graph = sketch("c Convolution/3 x", "a Add c x", "r Relu a", "n BatchNormalization r", "s Relu n")
    assert layer_list(graph) == {"c": "c", "a": "a r", "n": "n s"}


def test_a_constant_that_is_not_one_number_per_channel_is_no_bias(sketch, layer_list):
    assert layer_list(sketch("c Convolution/3 x", "b Add# c")) == {"c": "c", "b": "b"}


def test_pad_goes_with_the_convolution_or_pooling_that_alone_reads_it(sketch, layer_list):
    assert layer_list(sketch("p Pad x", "c Convolution/3 p", "q Pad c", "m MaxPool q")) == {"c": "p c", "m": "q m"}
    twice = sketch("p Pad x", "c Convolution/3 p", "d Convolution/3 p", "a Add c d")
    assert layer_list(twice) == {"p": "p", "c": "c", "d": "d", "a": "a"}
    assert layer_list(sketch("p Pad x", "r Relu p")) == {"p": "p", "r": "r"}


def test_quantizing_goes_behind_and_dequantizing_before(sketch, layer_list):
    graph = sketch(
        *("q0 Quantize x", "d0 Dequantize q0", "c Convolution/3 d0", "r Relu c", "q1 Quantize r"),
        *("d1 Dequantize q1", "e Convolution/3 d1", "q2 Quantize e", "d2 Dequantize q2"),
    )
    assert layer_list(graph) == {"c": "q0 d0 c r q1", "e": "d1 e q2 d2"}


def test_a_dequantized_tensor_read_twice_stays_with_its_writer(sketch, layer_list):
    graph = sketch("c Convolution/3 x", "q Quantize c", "d Dequantize q", "e Convolution/3 d", "a Add e d")
    assert layer_list(graph) == {"c": "c q d", "e": "e", "a": "a"}


def test_a_reshape_goes_with_its_only_reader_else_with_its_writer(sketch, layer_list):
    assert layer_list(sketch("c Convolution/3 x", "f Reshape c", "d FullyConnected f")) == {"c": "c", "d": "f d"}
    assert layer_list(sketch("c Convolution/3 x", "f Reshape c")) == {"c": "c f"}
    parts = sketch("c Convolution/3 x", "f Reshape c", "d Convolution/3 x", "g Reshape d", "j Concat f g")
    assert layer_list(parts) == {"c": "c f", "d": "d g", "j": "j"}
    apart = sketch("c Convolution/3 x", "f Reshape c", "r Relu f", "a Add f r", outputs="c a")
    assert layer_list(apart) == {"c": "c", "f": "f", "r": "r", "a": "a"}


def test_reshapes_in_a_row_stay_together(sketch, layer_list):
    graph = sketch("c Convolution/3 x", "f Reshape c", "g Reshape f", "r Relu g", "a Add g r")
    assert layer_list(graph) == {"c": "c f g", "r": "r", "a": "a"}


def test_several_outputs_keep_an_operator_apart(sketch, layer_list):
    graph = sketch("s Split*2 x", "r Relu s:0", "q Quantize s:1", outputs="r q")
    assert layer_list(graph) == {"s": "s", "r": "r", "q": "q"}


def test_unused_outputs_cross_nothing(sketch, check):
    layers, _ = check(sketch("s Split*2 x", "r Relu s:0"))
    assert layers.layers[0].outputs == ("s:0",)


def test_a_graph_at_the_level_is_itself(sketch):
    graph = sketch("c Convolution/3 x", "r Relu c")
    assert group(graph, "operator") is graph
    layers = group(graph, "layer")
    assert group(layers, "layer") is layers


def test_measured_times_without_operators_cannot_be_regrouped():
    tensors = {name: Tensor(name, (1,), "float32") for name in "xy"}
    graph = LayerGraph("times", (Layer("a", "Unknown", ("x",), ("y",)),), tensors, ("x",), ("y",), "layer")
    assert group(graph, "layer") is graph
    with pytest.raises(ModelError, match="layer 'a': has no operators"):
        group(graph, "block")
