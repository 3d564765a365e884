"""YOLOv3-tiny as in Darknet's yolov3-tiny.cfg; each node is numbered by its section there."""

import onnx

from .builder import Network

CLASSES, ANCHORS = 80, 3
HEAD = ANCHORS * (4 + 1 + CLASSES)


def yolov3_tiny() -> onnx.ModelProto:
    """Redmon and Farhadi, 2018; input 3x416x416; two heads, 13x13 and 26x26, of 3 x 85 channels, not yet decoded."""
    net = Network("yolov3-tiny", "YOLOv3-tiny 416", 416)
    x = "data"
    for number, channels in enumerate((16, 32, 64, 128)):
        x = _conv(net, x, 2 * number, channels)
        x = net.max_pool(x, f"maxpool_{2 * number + 1}", 2, 2)
    fine = _conv(net, x, 8, 256)
    x = _conv(net, net.max_pool(fine, "maxpool_9", 2, 2), 10, 512)
    x = net.max_pool(x, "maxpool_11", 2, 1, (0, 0, 1, 1))
    coarse = _conv(net, _conv(net, x, 12, 1024), 13, 256, 1)
    first = net.conv(_conv(net, coarse, 14, 512), "convolutional_15", HEAD, 1)
    x = net.upsample(_conv(net, coarse, 18, 128, 1), "upsample_19")
    x = _conv(net, net.concat([x, fine], "route_20"), 21, 256)
    return net.model(first, net.conv(x, "convolutional_22", HEAD, 1))


def _conv(net: Network, x: str, number: int, channels: int, kernel: int = 3) -> str:
    name = f"convolutional_{number}"
    x = net.batch_norm(net.conv(x, name, channels, kernel, pad=kernel // 2, bias=False))
    return net.leaky_relu(x, f"{name}/leaky")
