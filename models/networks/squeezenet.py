"""SqueezeNet 1.1 as its authors publish it for Caffe."""

import onnx

from .builder import Network

# squeeze and expand channels; a pooling stands before fire4 and fire6
FIRES = {2: (16, 64), 3: (16, 64), 4: (32, 128), 5: (32, 128), 6: (48, 192), 7: (48, 192), 8: (64, 256), 9: (64, 256)}


def squeezenet() -> onnx.ModelProto:
    """Iandola et al., 2016; input 3x227x227, 1,000 classes."""
    net = Network("squeezenet", "SqueezeNet 1.1", 227)
    x = net.max_pool(net.relu(net.conv("data", "conv1", 64, 3, 2), "relu_conv1"), "pool1", 3, 2, "ceil")
    for number, (squeeze, expand) in FIRES.items():
        if number in (4, 6):
            x = net.max_pool(x, f"pool{number - 1}", 3, 2, "ceil")
        x = _fire(net, x, f"fire{number}", squeeze, expand)
    x = net.relu(net.conv(x, "conv10", 1000, 1), "relu_conv10")
    x = net.flatten(net.global_average(x, "pool10"), "flatten")
    return net.model(net.softmax(x, "prob"))


def _fire(net: Network, x: str, name: str, squeeze: int, expand: int) -> str:
    x = net.relu(net.conv(x, f"{name}/squeeze1x1", squeeze, 1), f"{name}/relu_squeeze1x1")
    one = net.relu(net.conv(x, f"{name}/expand1x1", expand, 1), f"{name}/relu_expand1x1")
    three = net.relu(net.conv(x, f"{name}/expand3x3", expand, 3, pad=1), f"{name}/relu_expand3x3")
    return net.concat([one, three], f"{name}/concat")
