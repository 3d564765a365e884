"""ResNet-50 v1 in the variant of TensorFlow-Slim, which the Arm Compute Library's example also has.

The last unit of a stage halves the map, in its 3x3 convolution, and its shortcut is a 1x1 max pooling with stride 2.
(He et al. and Caffe halve in the first 1x1 convolution of the next stage; PyTorch in its 3x3 one, "v1.5".)
"""

import onnx

from .builder import Network

STAGES = ((64, 3, 2), (128, 4, 2), (256, 6, 2), (512, 3, 1))  # width, units, stride of the last unit


def resnet_50() -> onnx.ModelProto:
    """He et al., 2015; input 3x224x224, 1,000 classes."""
    net = Network("resnet-50", "ResNet-50 v1", 224)
    x = net.max_pool(_conv(net, "data", "conv1", 64, 7, 2, 3), "pool1", 3, 2, (0, 0, 1, 1))
    for stage, (width, units, stride) in enumerate(STAGES, 1):
        for unit in range(1, units + 1):
            x = _unit(net, x, f"block{stage}/unit{unit}", width, stride if unit == units else 1, first=unit == 1)
    x = net.conv(net.global_average(x, "pool5"), "logits", 1000, 1)
    return net.model(net.softmax(net.flatten(x, "predictions/reshape"), "predictions/softmax"))


def _unit(net: Network, x: str, name: str, width: int, stride: int, *, first: bool) -> str:
    y = _conv(net, x, f"{name}/conv1", width, 1)
    y = _conv(net, y, f"{name}/conv2", width, 3, stride, 1)
    y = _conv(net, y, f"{name}/conv3", 4 * width, 1, relu=False, scale=0.3)  # so that the sums do not grow
    if first:
        x = _conv(net, x, f"{name}/shortcut", 4 * width, 1, relu=False)
    elif stride > 1:
        x = net.max_pool(x, f"{name}/shortcut", 1, stride)
    return net.relu(net.add(x, y, f"{name}/add"), f"{name}/relu")


def _conv(
    net: Network,
    x: str,
    name: str,
    channels: int,
    kernel: int,
    stride: int = 1,
    pad: int = 0,
    *,
    relu: bool = True,
    scale: float = 1.0,
) -> str:
    x = net.batch_norm(net.conv(x, name, channels, kernel, stride, pad, bias=False), scale=scale)
    return net.relu(x, f"{name}/relu") if relu else x
