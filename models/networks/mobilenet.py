"""MobileNet v1 and v2, 1.0 at 224 pixels, as in TensorFlow-Slim: 1,001 classes, "same" padding, batch norm, ReLU6."""

import onnx

from .builder import Network

V1 = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))  # width, stride

V2 = (  # expansion, width, units, stride of the first unit
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def mobilenet_v1() -> onnx.ModelProto:
    """Howard et al., 2017; input 3x224x224."""
    net = Network("mobilenet-v1", "MobileNet v1 1.0 224", 224, epsilon=1e-3)
    x = _conv(net, "data", "Conv2d_0", 32, 3, 2)
    for number, (width, stride) in enumerate(V1, 1):
        x = _depthwise(net, x, f"Conv2d_{number}/depthwise", stride)
        x = _conv(net, x, f"Conv2d_{number}/pointwise", width)
    return _classify(net, x)


def mobilenet_v2() -> onnx.ModelProto:
    """Sandler et al., 2018; input 3x224x224."""
    net = Network("mobilenet-v2", "MobileNet v2 1.0 224", 224, epsilon=1e-3)
    x = _conv(net, "data", "Conv", 32, 3, 2)
    unit = 0
    for expansion, width, units, stride in V2:
        for place in range(units):
            name = f"expanded_conv_{unit}" if unit else "expanded_conv"
            x = _inverted(net, x, name, expansion, width, 1 if place else stride)
            unit += 1
    return _classify(net, _conv(net, x, "Conv_1", 1280))


def _inverted(net: Network, x: str, name: str, expansion: int, width: int, stride: int) -> str:
    depth = net.shapes[x][0]
    y = _conv(net, x, f"{name}/expand", expansion * depth) if expansion > 1 else x
    y = _depthwise(net, y, f"{name}/depthwise", stride)
    y = net.conv(y, f"{name}/project", width, 1, bias=False)
    if stride > 1 or depth != width:
        return net.batch_norm(y)
    return net.add(net.batch_norm(y, scale=0.5), x, f"{name}/add")


def _classify(net: Network, x: str) -> onnx.ModelProto:
    x = net.conv(net.global_average(x, "Logits/AvgPool_1a"), "Logits/Conv2d_1c_1x1", 1001, 1)
    return net.model(net.softmax(net.flatten(x, "Reshape"), "Softmax"))


def _conv(net: Network, x: str, name: str, channels: int, kernel: int = 1, stride: int = 1) -> str:
    x = net.batch_norm(net.conv(x, name, channels, kernel, stride, "same", bias=False))
    return net.relu6(x, f"{name}/relu6")


def _depthwise(net: Network, x: str, name: str, stride: int) -> str:
    depth = net.shapes[x][0]
    x = net.batch_norm(net.conv(x, name, depth, 3, stride, "same", group=depth, bias=False))
    return net.relu6(x, f"{name}/relu6")
