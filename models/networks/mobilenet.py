"""MobileNet 1.0 at 224 pixels as in TensorFlow-Slim: 1,001 classes, "same" padding, batch norm, ReLU6."""

import onnx

from .builder import Network

V1 = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))  # width, stride


def mobilenet_v1() -> onnx.ModelProto:
    """Howard et al., 2017; input 3x224x224."""
    net = Network("mobilenet-v1", "MobileNet v1 1.0 224", 224, epsilon=1e-3)
    x = _conv(net, "data", "Conv2d_0", 32, 3, 2)
    for number, (width, stride) in enumerate(V1, 1):
        x = _depthwise(net, x, f"Conv2d_{number}/depthwise", stride)
        x = _conv(net, x, f"Conv2d_{number}/pointwise", width)
    return _classify(net, x)


def _classify(net: Network, x: str) -> onnx.ModelProto:
    x = net.conv(net.global_average(x, "Logits/AvgPool_1a"), "Logits/Conv2d_1c_1x1", 1001, 1)
    return net.model(net.softmax(net.flatten(x, "Reshape"), "Softmax"))


def _conv(net: Network, x: str, name: str, channels: int, kernel: int = 1, stride: int = 1) -> str:
    x = net.batch_norm(net.conv(x, name, channels, kernel, stride, "same", bias=False), f"{name}/bn")
    return net.relu6(x, f"{name}/relu6")


def _depthwise(net: Network, x: str, name: str, stride: int) -> str:
    depth = net.shapes[x][0]
    x = net.batch_norm(net.conv(x, name, depth, 3, stride, "same", group=depth, bias=False), f"{name}/bn")
    return net.relu6(x, f"{name}/relu6")
