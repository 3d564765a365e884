"""GoogLeNet as in Caffe's bvlc_googlenet, for inference: without the two auxiliary classifiers."""

import onnx

from .builder import Network

# channels of 1x1, 3x3_reduce, 3x3, 5x5_reduce, 5x5, pool_proj; a pooling stands before 4a and 5a
MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
POOLS = {"4a": "pool3/3x3_s2", "5a": "pool4/3x3_s2"}


def googlenet() -> onnx.ModelProto:
    """Szegedy et al., 2014; input 3x224x224, 1,000 classes."""
    net = Network("googlenet", "GoogLeNet", 224)
    x = net.relu(net.conv("data", "conv1/7x7_s2", 64, 7, 2, 3), "conv1/relu_7x7")
    x = net.lrn(net.max_pool(x, "pool1/3x3_s2", 3, 2, "ceil"), "pool1/norm1")
    x = net.relu(net.conv(x, "conv2/3x3_reduce", 64, 1), "conv2/relu_3x3_reduce")
    x = net.relu(net.conv(x, "conv2/3x3", 192, 3, pad=1), "conv2/relu_3x3")
    x = net.max_pool(net.lrn(x, "conv2/norm2"), "pool2/3x3_s2", 3, 2, "ceil")
    for module, channels in MODULES.items():
        if module in POOLS:
            x = net.max_pool(x, POOLS[module], 3, 2, "ceil")
        x = _inception(net, x, f"inception_{module}", *channels)
    x = net.average_pool(x, "pool5/7x7_s1", 7)
    return net.model(net.softmax(net.dense(x, "loss3/classifier", 1000), "prob"))


def _inception(
    net: Network, x: str, name: str, one: int, reduce3: int, three: int, reduce5: int, five: int, proj: int
) -> str:
    def conv(source: str, kind: str, channels: int, kernel: int = 1) -> str:
        return net.relu(net.conv(source, f"{name}/{kind}", channels, kernel, pad=kernel // 2), f"{name}/relu_{kind}")

    parts = [
        conv(x, "1x1", one),
        conv(conv(x, "3x3_reduce", reduce3), "3x3", three, 3),
        conv(conv(x, "5x5_reduce", reduce5), "5x5", five, 5),
        conv(net.max_pool(x, f"{name}/pool", 3, 1, 1), "pool_proj", proj),
    ]
    return net.concat(parts, f"{name}/concat")
