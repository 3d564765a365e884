import pytest

from layerswitch.explain import Product, work_of
from layerswitch.measurement.profile_import import import_layers
from layerswitch.network.formats import bundled_models, open_model
from layerswitch.network.graph import Layer, LayerGraph, Operator, Tensor


def one(kind, before, after, *, attributes=None, constants=None, macs=0, layout="NCHW"):
    """A graph of one layer of one operator, and its work."""
    held = {f"w/{role}": Tensor(f"w/{role}", shape, "float32") for role, shape in (constants or {}).items()}
    roles = {role: f"w/{role}" for role in constants or {}}
    operator = Operator("op", kind, ("x",), ("y",), attributes or {}, roles, macs=macs)
    tensors = {"x": Tensor("x", before, "float32"), "y": Tensor("y", after, "float32")}
    layer = Layer("op", kind, ("x",), ("y",), (operator,))
    graph = LayerGraph("net", (layer,), tensors, ("x",), ("y",), level="layer", layout=layout, constants=held)
    return work_of(layer, graph)


def test_a_convolution_by_hand():
    work = one(
        "Convolution",
        (1, 3, 8, 8),
        (1, 10, 4, 4),
        attributes={"kernel": [3, 3], "strides": [2, 2]},
        constants={"weights": (10, 3, 3, 3), "bias": (10,)},
        macs=16 * 10 * 27,
    )
    assert work.products == (Product("op", 16, 10, 27),)
    assert (work.input_bytes, work.output_bytes, work.constant_bytes) == (768, 640, 1120)
    assert work.bytes == 2528
    assert work.intensity == pytest.approx(2 * 4320 / 2528)
    assert (work.map, work.channels, work.output_channels, work.kernel) == ((8, 8), 3, 10, (3, 3))


def test_groups_and_depthwise_are_batches_of_products():
    grouped = one("Convolution", (1, 8, 4, 4), (1, 6, 4, 4), attributes={"kernel": [1, 1], "group": 2}, macs=16 * 6 * 4)
    assert grouped.products == (Product("op", 16, 3, 4, 2),)
    depthwise = one(
        "DepthwiseConvolution", (1, 4, 4, 8), (1, 4, 4, 8), attributes={"kernel": [3, 3]}, macs=16 * 8 * 9,
        layout="NHWC",
    )  # fmt: skip
    assert depthwise.products == (Product("op", 16, 1, 9, 8),)


def test_the_other_products():
    connected = one("FullyConnected", (1, 4, 2, 2), (1, 10), attributes={"units": 10}, macs=160)
    assert connected.products == (Product("op", 1, 10, 16),)
    transposed = one(
        "TransposedConvolution", (1, 4, 3, 3), (1, 5, 6, 6), attributes={"kernel": [2, 2]}, macs=9 * 20 * 4
    )
    assert transposed.products == (Product("op", 9, 20, 4),)
    matmul = one("MatMul", (2, 3, 4), (2, 3, 5), macs=2 * 3 * 5 * 4)
    assert matmul.products == (Product("op", 3, 5, 4, 2),)
    assert one("MaxPool", (1, 4, 4, 4), (1, 4, 2, 2), attributes={"kernel": [2, 2]}).products == ()


def test_a_product_that_does_not_fit_the_macs_is_none():
    assert one("Convolution", (1, 3, 8, 8), (1, 10, 8, 8), attributes={"kernel": [3, 3]}, macs=7).products == ()


@pytest.mark.parametrize("level", ["operator", "layer", "block"])
@pytest.mark.parametrize("name", ["alexnet", "googlenet", "mobilenet-v1", "resnet-50", "squeezenet", "inception-v3"])
def test_products_of_real_networks_add_up_to_their_macs(name, level):
    graph = open_model(name, level=level).graph
    assert sum(product.macs for layer in graph.layers for product in work_of(layer, graph).products) == graph.macs


def test_every_constant_of_a_network_is_counted_once():
    for bundled in bundled_models():
        graph = open_model(bundled.path).graph
        used = {name for layer in graph.layers for operator in layer.operators for name in operator.constants.values()}
        total = sum(work_of(layer, graph).constant_bytes for layer in graph.layers)
        assert total == sum(graph.constants[name].bytes for name in used)


def test_of_an_imported_layer_only_sizes_are_known(tmp_path):
    (tmp_path / "t.csv").write_text("layer,device,time_ms,output_bytes\na,CPU,1,400\nb,CPU,1,40\n")
    graph = import_layers(tmp_path / "t.csv").graph
    work = work_of(graph.layers[1], graph)
    assert (work.input_bytes, work.output_bytes) == (400, 40)
    assert (work.macs, work.bytes, work.intensity, work.map, work.products) == (None, None, None, None, ())
    assert work_of(graph.layers[0], graph).input_bytes is None
