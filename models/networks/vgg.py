"""VGG-16, configuration D, as its authors publish it for Caffe."""

import onnx

from .builder import Network

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # channels, convolutions


def vgg_16() -> onnx.ModelProto:
    """Simonyan and Zisserman, 2014; input 3x224x224, 1,000 classes."""
    net = Network("vgg-16", "VGG-16", 224)
    x = "data"
    for stage, (channels, convolutions) in enumerate(STAGES, 1):
        for number in range(1, convolutions + 1):
            x = net.relu(net.conv(x, f"conv{stage}_{number}", channels, 3, pad=1), f"relu{stage}_{number}")
        x = net.max_pool(x, f"pool{stage}", 2, 2)
    x = net.relu(net.dense(x, "fc6", 4096), "relu6")
    x = net.relu(net.dense(x, "fc7", 4096), "relu7")
    return net.model(net.softmax(net.dense(x, "fc8", 1000), "prob"))
