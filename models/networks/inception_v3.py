"""Inception v3, for inference: without the auxiliary classifier; named and batch-normed as in torchvision."""

import onnx

from .builder import Network, Pair

Step = tuple[str, int, int | Pair]  # name in its module, channels, kernel
WIDE, TALL = (1, 7), (7, 1)


def inception_v3() -> onnx.ModelProto:
    """Szegedy et al., 2015; input 3x299x299, 1,000 classes."""
    net = Network("inception-v3", "Inception v3", 299, epsilon=1e-3)
    x = _conv(net, "data", "Conv2d_1a_3x3", 32, 3, 2, 0)
    x = _conv(net, _conv(net, x, "Conv2d_2a_3x3", 32, 3, 1, 0), "Conv2d_2b_3x3", 64, 3)
    x = net.max_pool(x, "maxpool1", 3, 2)
    x = _conv(net, _conv(net, x, "Conv2d_3b_1x1", 80, 1), "Conv2d_4a_3x3", 192, 3, 1, 0)
    x = net.max_pool(x, "maxpool2", 3, 2)
    for letter, pooled in zip("bcd", (32, 64, 64), strict=True):
        x = _module_5(net, x, f"Mixed_5{letter}", pooled)
    x = _reduction_6a(net, x, "Mixed_6a")
    for letter, width in zip("bcde", (128, 160, 160, 192), strict=True):
        x = _module_6(net, x, f"Mixed_6{letter}", width)
    x = _reduction_7a(net, x, "Mixed_7a")
    for letter in "bc":
        x = _module_7(net, x, f"Mixed_7{letter}")
    return net.model(net.softmax(net.dense(net.average_pool(x, "avgpool", 8), "fc", 1000), "prob"))


def _module_5(net: Network, x: str, name: str, pooled: int) -> str:
    branches = [
        _chain(net, x, name, ("1x1", 64, 1)),
        _chain(net, x, name, ("5x5_1", 48, 1), ("5x5_2", 64, 5)),
        _chain(net, x, name, ("3x3dbl_1", 64, 1), ("3x3dbl_2", 96, 3), ("3x3dbl_3", 96, 3)),
        _pooled(net, x, name, pooled),
    ]
    return net.concat(branches, f"{name}/concat")


def _reduction_6a(net: Network, x: str, name: str) -> str:
    branches = [
        _conv(net, x, f"{name}/3x3", 384, 3, 2, 0),
        _conv(net, _chain(net, x, name, ("3x3dbl_1", 64, 1), ("3x3dbl_2", 96, 3)), f"{name}/3x3dbl_3", 96, 3, 2, 0),
        net.max_pool(x, f"{name}/pool", 3, 2),
    ]
    return net.concat(branches, f"{name}/concat")


def _module_6(net: Network, x: str, name: str, width: int) -> str:
    double = [("7x7dbl_2", width, TALL), ("7x7dbl_3", width, WIDE), ("7x7dbl_4", width, TALL), ("7x7dbl_5", 192, WIDE)]
    branches = [
        _chain(net, x, name, ("1x1", 192, 1)),
        _chain(net, x, name, ("7x7_1", width, 1), ("7x7_2", width, WIDE), ("7x7_3", 192, TALL)),
        _chain(net, x, name, ("7x7dbl_1", width, 1), *double),
        _pooled(net, x, name, 192),
    ]
    return net.concat(branches, f"{name}/concat")


def _reduction_7a(net: Network, x: str, name: str) -> str:
    steps = [("7x7x3_1", 192, 1), ("7x7x3_2", 192, WIDE), ("7x7x3_3", 192, TALL)]
    branches = [
        _conv(net, _chain(net, x, name, ("3x3_1", 192, 1)), f"{name}/3x3_2", 320, 3, 2, 0),
        _conv(net, _chain(net, x, name, *steps), f"{name}/7x7x3_4", 192, 3, 2, 0),
        net.max_pool(x, f"{name}/pool", 3, 2),
    ]
    return net.concat(branches, f"{name}/concat")


def _module_7(net: Network, x: str, name: str) -> str:
    branches = [
        _chain(net, x, name, ("1x1", 320, 1)),
        _split(net, _chain(net, x, name, ("3x3_1", 384, 1)), f"{name}/3x3_2"),
        _split(net, _chain(net, x, name, ("3x3dbl_1", 448, 1), ("3x3dbl_2", 384, 3)), f"{name}/3x3dbl_3"),
        _pooled(net, x, name, 192),
    ]
    return net.concat(branches, f"{name}/concat")


def _split(net: Network, x: str, name: str) -> str:
    return net.concat([_conv(net, x, f"{name}a", 384, (1, 3)), _conv(net, x, f"{name}b", 384, (3, 1))], name)


def _chain(net: Network, x: str, name: str, *steps: Step) -> str:
    for step, channels, kernel in steps:
        x = _conv(net, x, f"{name}/{step}", channels, kernel)
    return x


def _pooled(net: Network, x: str, name: str, channels: int) -> str:
    return _conv(net, net.average_pool(x, f"{name}/pool", 3, pad=1), f"{name}/pool_proj", channels, 1)


def _conv(
    net: Network, x: str, name: str, channels: int, kernel: int | Pair, stride: int = 1, pad: int | str = "same"
) -> str:
    x = net.batch_norm(net.conv(x, name, channels, kernel, stride, pad, bias=False))
    return net.relu(x, f"{name}/relu")
